"""The script tag in Django templates.

Add ``"otel_ai_feedback.web.django.script"`` to the ``context_processors`` of ``TEMPLATES``, and
write ``{{ ai_feedback_script }}`` in the base template.
"""

from __future__ import annotations

from functools import partial
from typing import Any

from otel_ai_feedback.capture.web.endpoint import PREFIX
from otel_ai_feedback.capture.web.script_tag import script_tag


def script(request: Any) -> dict[str, Any]:
    """Context processor: ``ai_feedback_script``, with the nonce that the request has."""
    nonce = getattr(request, "csp_nonce", None)
    prefix = request.META.get("SCRIPT_NAME", "").rstrip("/") + PREFIX
    return {"ai_feedback_script": partial(script_tag, nonce=nonce, prefix=prefix)}
