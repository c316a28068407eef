"""Outputs and keys that all workers of a service share through Redis.

It holds trace and span ids, start times and fingerprints, under keyed digests of what
they are found by. No text, no hash of a text, and no id of a user, session or message.
"""

from __future__ import annotations

import importlib
import struct
import sys
import time
from array import array
from collections.abc import Callable, Collection, Iterable
from hashlib import blake2b
from typing import Any, Final, NamedTuple, TypeVar

from otel_ai_feedback.capture.guard import Guard
from otel_ai_feedback.capture.linking.answer_choice import AMBIGUOUS, NONE, Choice
from otel_ai_feedback.capture.linking.handles import Handle
from otel_ai_feedback.capture.linking.lookup import Filed, Found, Whose
from otel_ai_feedback.capture.linking.output import Output
from otel_ai_feedback.capture.linking.registry import LIFETIME_SECONDS
from otel_ai_feedback.capture.text.fragments import MAX_CANDIDATES, best_matches
from otel_ai_feedback.capture.text.normalise import scrub
from otel_ai_feedback.config import without_password

T = TypeVar("T")

TIMEOUT_SECONDS: Final = 0.5
MAX_PAUSE_SECONDS: Final = 60.0
# Enough to see that more than one fits.
_MAX_LIKE: Final = 4
_PREFIX: Final = b"ai_feedback:1:"
_DIGEST_BYTES: Final = 16
_RECORD: Final = struct.Struct(">16s8sQ16s")  # trace id, span id, time, digest of the subject
_TIED: Final = struct.Struct(">B16s8sQ?")  # kind, trace id, span id, time, sampled
_MAX_TIME: Final = 2**63
_NOBODY: Final = bytes(_DIGEST_BYTES)
# In place of a request's answer that cannot be told.
_SEVERAL: Final = b"several"


class _Record(NamedTuple):
    output: Output
    subject: bytes
    fingerprints: array[int]


class RedisOutputs:
    """What :class:`Outputs` finds in this process, found in all; called on the worker's thread.

    Whatever goes wrong is counted as ``redis_failed`` and logged once; then Redis is left alone for
    a second, and twice as long each time until it answers again. What would have been written
    meanwhile is counted as ``redis_dropped``.

    Args:
        url: ``redis://`` or ``rediss://`` address; its password is never logged.
        key: Secret of the digests, the same in all workers.
        guard: Counters and log.
        monotonic: Seconds on a clock that is never set back.
    """

    def __init__(
        self,
        url: str,
        key: bytes,
        guard: Guard,
        monotonic: Callable[[], float] = time.monotonic,
    ) -> None:
        self._url = url
        self._key = key
        self._guard = guard
        self._monotonic = monotonic
        self._client: Any = None
        self._pause = 0.0
        self._not_before = 0.0

    def publish(self, filed: list[Filed]) -> None:
        """Write outputs."""
        if self._do(lambda client: self._write(client, filed)) is None:
            self._guard.counts.add("redis_dropped", len(filed))

    def answered(self, request: tuple[int, int], answer: Choice) -> None:
        """Write which output is the answer of a request, by its trace and root span."""
        if self._do(lambda client: self._write_answer(client, request, answer)) is None:
            self._guard.counts.add("redis_dropped")

    def tie(self, key: str, handle: Handle) -> None:
        """Write which output the application's own key means."""
        ids = handle.trace_id.to_bytes(16, "big"), handle.span_id.to_bytes(8, "big")
        started = min(max(handle.time, 0), _MAX_TIME)
        tied = _TIED.pack(handle.kind == "request", *ids, started, handle.sampled)
        name = self._name(b"key", key)
        if self._do(lambda client: client.set(name, tied, ex=LIFETIME_SECONDS)) is None:
            self._guard.counts.add("redis_dropped")

    def tied(self, key: str) -> Handle | None:
        """What the application's own key means."""
        found = self._do(lambda client: client.get(self._name(b"key", key)))
        if not isinstance(found, bytes) or len(found) != _TIED.size:
            return None
        is_request, trace_id, span_id, started, sampled = _TIED.unpack(found)
        return Handle(
            "request" if is_request else "output",
            int.from_bytes(trace_id, "big"),
            int.from_bytes(span_id, "big"),
            started,
            sampled,
        )

    def of_request(self, trace_id: int, root_span_id: int) -> Choice:
        """The answer of a request, as the worker that made its outputs knows it."""
        name = self._name(b"request", f"{trace_id:032x}", f"{root_span_id:016x}")
        value = self._do(lambda client: client.get(name))
        if value == _SEVERAL:
            return AMBIGUOUS
        record = _read(value)
        return NONE if record is None else Choice(record.output)

    def of_response(self, response_id: str) -> Found | None:
        """The newest output with a response id."""
        return _newest(self._list(self._name(b"response", response_id)))

    def of_hash(self, whose: Whose, text_hash: str) -> Found | None:
        """The newest output of a conversation, or else of a session or user, with a hash."""
        for place in _places(whose):
            found = _newest(self._of(whose, self._list(self._name(b"hash", *place, text_hash))))
            if found is not None:
                return found
        return None

    def of_fragment(self, whose: Whose, fragment: Collection[int]) -> Found | None:
        """The newest output of a conversation, or else of a session or user, with most of it."""
        for place in _places(whose):
            candidates = self._of(whose, self._list(self._name(b"texts", *place)))
            fitting = best_matches(fragment, [(each, each.fingerprints) for each in candidates])
            if fitting:
                return _newest(fitting)
        return None

    def after_fork(self) -> None:
        """In the child: leave the parent's connection to the parent."""
        self._client = None

    def _do(self, work: Callable[[Any], T]) -> T | None:
        """The answer of Redis, or ``None`` when there is none to be had."""
        if self._monotonic() < self._not_before:
            self._guard.counts.add("redis_failed")
            return None
        try:
            if self._client is None:
                self._client = _connect(self._url)
            answer = work(self._client)
        except Exception as error:
            self._failed(error)
            return None
        self._pause = 0.0
        return answer

    def _failed(self, error: Exception) -> None:
        self._pause = min(max(1.0, self._pause * 2), MAX_PAUSE_SECONDS)
        self._not_before = self._monotonic() + self._pause
        self._guard.counts.add("redis_failed")
        remedy = (
            "it needs `pip install 'otel-ai-feedback[redis]'`"
            if isinstance(error, ImportError)
            else "it will be tried again"
        )
        # The class alone: what a client says of an address may hold its password.
        self._guard.once.warn(
            "redis",
            f"otel-ai-feedback: no answer from {without_password(self._url)} "
            f"({type(error).__name__}); {remedy}, and until then an action without a handle is "
            "linked only in the worker that made the output",
        )

    def _write(self, client: Any, filed: list[Filed]) -> int:
        pipeline = client.pipeline(transaction=False)
        for output, fingerprints, answer in filed:
            record = self._record(output)
            if answer != NONE:
                self._write_answer(pipeline, (output.trace_id, output.request_span_id), answer)
            if output.response_id is not None:
                _push(pipeline, self._name(b"response", output.response_id), record, _MAX_LIKE)
            whose = Whose(output.conversation_id, output.session_id, output.subject)
            for place in _places(whose):
                if output.hash is not None:
                    _push(pipeline, self._name(b"hash", *place, output.hash), record, _MAX_LIKE)
                if fingerprints:
                    value = record + _packed(fingerprints)
                    _push(pipeline, self._name(b"texts", *place), value, MAX_CANDIDATES)
        pipeline.execute()
        return len(filed)

    def _write_answer(self, client: Any, request: tuple[int, int], answer: Choice) -> Any:
        value = _SEVERAL if answer.output is None else self._record(answer.output)
        name = self._name(b"request", f"{request[0]:032x}", f"{request[1]:016x}")
        return client.set(name, value, ex=LIFETIME_SECONDS)

    def _record(self, output: Output) -> bytes:
        return _RECORD.pack(
            output.trace_id.to_bytes(16, "big"),
            output.span_id.to_bytes(8, "big"),
            # A span may claim to have started at any time.
            min(max(output.time, 0), _MAX_TIME),
            _NOBODY if output.subject is None else self._digest(b"subject", output.subject),
        )

    def _list(self, name: bytes) -> list[_Record]:
        values = self._do(lambda client: client.lrange(name, 0, -1)) or ()
        return [record for record in map(_read, values) if record is not None]

    def _of(self, whose: Whose, records: Iterable[_Record]) -> list[_Record]:
        if whose.subject is None:
            return list(records)
        own = self._digest(b"subject", whose.subject)
        return [record for record in records if record.subject in (_NOBODY, own)]

    def _name(self, kind: bytes, *parts: str) -> bytes:
        return _PREFIX + kind + b":" + self._digest(kind, *parts).hex().encode()

    def _digest(self, kind: bytes, *parts: str) -> bytes:
        hasher = blake2b(key=self._key, digest_size=_DIGEST_BYTES, person=kind)
        for part in parts:
            encoded = scrub(part).encode()
            hasher.update(len(encoded).to_bytes(4, "big") + encoded)
        return hasher.digest()


def _connect(url: str) -> Any:
    # By name: the package is an extra, and this one must not need it to be imported.
    redis = importlib.import_module("redis")
    retry = importlib.import_module("redis.retry")
    backoff = importlib.import_module("redis.backoff")
    return redis.Redis.from_url(
        url,
        socket_timeout=TIMEOUT_SECONDS,
        socket_connect_timeout=TIMEOUT_SECONDS,
        # Once more at once, for a connection that the server closed while it was idle.
        retry=retry.Retry(backoff.NoBackoff(), 1),
        decode_responses=False,
    )


def _places(whose: Whose) -> Iterable[tuple[str, str]]:
    if whose.conversation_id is not None:
        yield "conversation", whose.conversation_id
    if whose.session_id is not None:
        yield "session", whose.session_id
    if whose.subject is not None:
        yield "subject", whose.subject


def _push(pipeline: Any, name: bytes, value: bytes, most: int) -> None:
    pipeline.lpush(name, value)
    pipeline.ltrim(name, 0, most - 1)
    pipeline.expire(name, LIFETIME_SECONDS)


def _packed(fingerprints: Collection[int]) -> bytes:
    return _little(array("I", fingerprints)).tobytes()


def _read(value: Any) -> _Record | None:
    """A record as it was written; nothing, if it is not one of ours."""
    if not isinstance(value, bytes) or len(value) < _RECORD.size:
        return None
    trace_id, span_id, started, subject = _RECORD.unpack_from(value)
    fingerprints = array("I")
    if (len(value) - _RECORD.size) % fingerprints.itemsize:
        return None
    fingerprints.frombytes(value[_RECORD.size :])
    output = Output(
        trace_id=int.from_bytes(trace_id, "big"),
        span_id=int.from_bytes(span_id, "big"),
        time=started,
        sampled=True,
        has_text=True,
        known_hash=None,
        response_id=None,
        conversation_id=None,
        session_id=None,
        subject=None,
        feature=None,
        delivered=True,
    )
    return _Record(output, subject, _little(fingerprints))


def _little(fingerprints: array[int]) -> array[int]:
    """In the byte order that all hosts write, little-endian."""
    if sys.byteorder == "big":
        fingerprints.byteswap()
    return fingerprints


def _newest(records: list[_Record]) -> Found | None:
    if not records:
        return None
    output = records[0].output
    return Found(output, any(each.output.trace_id != output.trace_id for each in records))
