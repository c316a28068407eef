"""The script tag that a page needs."""

from __future__ import annotations

from html import escape
from typing import Literal

from otel_ai_feedback.capture.web.endpoint import PREFIX
from otel_ai_feedback.capture.web.script_files import DIRECTORY, NAMES, script_files

Script = Literal["feedback.js", "feedback-acts.js", "feedback-draft.js", "feedback-auto.js"]


class Markup(str):
    """Text that template engines do not escape: Jinja and Django look for ``__html__``."""

    __slots__ = ()

    def __html__(self) -> str:
        return str(self)


def script_tag(
    script: Script = "feedback.js",
    *,
    nonce: str | None = None,
    prefix: str = PREFIX,
    integrity: bool = True,
) -> Markup:
    """The tag that loads the script, for the ``<head>``.

    Args:
        script: Which of the scripts.
        nonce: The nonce of the page's content security policy, if it has one.
        prefix: Where the middleware answers, as the page sees it: with the path under which the
            application is mounted, or with the origin of another server that answers for it.
        integrity: Whether the browser checks that it gets the script that this process would serve.
            Switch it off while versions of this package are mixed behind one address.

    Raises:
        ValueError: If there is no such script.
    """
    if script not in NAMES:
        raise ValueError(f"script: {script!r} must be one of {NAMES}")
    file = script_files(DIRECTORY).get(script)
    attributes = {"type": "module", "src": f"{prefix}/{script}"}
    if file is not None:
        attributes["src"] += f"?v={file.version}"
        if integrity:
            attributes |= {"integrity": file.integrity, "crossorigin": "anonymous"}
    if nonce is not None:
        attributes["nonce"] = nonce
    written = " ".join(f'{name}="{escape(value)}"' for name, value in attributes.items())
    return Markup(f"<script {written}></script>")
