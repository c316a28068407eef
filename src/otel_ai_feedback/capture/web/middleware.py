"""What the middlewares of both kinds are made of."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final, Generic, TypeVar

from otel_ai_feedback.capture.web.endpoint import PREFIX, Endpoint
from otel_ai_feedback.capture.web.rates import Rates
from otel_ai_feedback.capture.web.recorder import (
    now_ns,
    opted_out_here,
    own_reasons_here,
    record_here,
)
from otel_ai_feedback.capture.web.responses import SSE, Sse

App = TypeVar("App")


class Middleware(Generic[App]):
    """Hands handles out with responses, serves the script and takes what it reports.

    Put it outside of middlewares that compress, cache or answer cross-origin requests. Nothing it
    does raises into the application or waits for anything but the client.

    Args:
        app: The application.
        prefix: Path under which the script and the beacons are answered.
        allowed_origins: Origins whose pages may send beacons, beside the application's own.
        trusted_proxies: How many proxies in front of the application add to ``X-Forwarded-For``.
        sse: ``event`` puts the handle into a stream of server-sent events as well, as its first
            event, named ``ai-feedback``, for an ``EventSource``, which shows no headers;
            ``comment`` as a comment line before the first event, for a parser that gives comments
            to the page. Other parsers may take either for part of an answer: ``off`` leaves
            streams as they are.
        rates: How often one client may send beacons.

    Raises:
        ValueError: If one of these cannot be; the message names it.
    """

    def __init__(
        self,
        app: App,
        *,
        prefix: str = PREFIX,
        allowed_origins: Iterable[str] = (),
        trusted_proxies: int = 0,
        sse: Sse = "off",
        rates: Rates | None = None,
    ) -> None:
        if sse not in SSE:
            raise ValueError(f"sse: {sse!r} must be one of {SSE}")
        self._app: Final = app
        self._sse: Final[Sse] = sse
        self._endpoint: Final = Endpoint(
            record_here,
            opted_out_here,
            now_ns,
            own_reasons=own_reasons_here,
            prefix=prefix,
            allowed_origins=allowed_origins,
            trusted_proxies=trusted_proxies,
            rates=rates,
        )
