"""Who is not to be observed: nothing that they are told or do is recorded."""

from __future__ import annotations

import importlib
from collections.abc import Callable, Collection
from typing import Any, Final

from otel_ai_feedback.capture.guard import Guard

_YES: Final = "1"


class OptOut:
    """Asks the application, and the browser's own headers where they are to be honoured.

    Args:
        observe: Given a user as the application names them, whether to observe them: a function,
            or ``module:function``, which is imported when it is first needed.
        headers: Request headers, lower case, by which a browser opts out when their value is 1.
        guard: Counters and log.

    Attributes:
        observe: The function, or its name until it was needed; may be set at any time.
    """

    def __init__(
        self,
        observe: Callable[[Any], bool] | str | None,
        headers: Collection[str],
        guard: Guard,
    ) -> None:
        self.observe = observe
        self._headers: Final = tuple(headers)
        self._guard: Final = guard

    def of_subject(self, subject: Any) -> bool:
        """Whether a user has opted out; so has anyone who the application's function fails for.

        Args:
            subject: The user as the application names them; of nobody nothing is asked.
        """
        if subject is None or self.observe is None:
            return False
        try:
            if isinstance(self.observe, str):
                self.observe = _imported(self.observe)
            return not self.observe(subject)
        except Exception:
            self._guard.failed("asking whether a user is to be observed, so that they are not,")
            return True

    def of_request(self, header: Callable[[str], str | None]) -> bool:
        """Whether the browser that sent a request asks not to be observed.

        Args:
            header: Gives the value of a request header by its name in lower case.
        """
        return any((header(name) or "").strip() == _YES for name in self._headers)


def _imported(path: str) -> Callable[[Any], bool]:
    module, _, function = path.partition(":")
    found: Callable[[Any], bool] = getattr(importlib.import_module(module), function)
    return found
