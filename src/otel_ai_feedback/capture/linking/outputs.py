"""The outputs that this process made recently, found again by what an action knows of them."""

from __future__ import annotations

import threading
from array import array
from collections import OrderedDict, deque
from collections.abc import Callable, Collection, Iterable
from contextlib import suppress
from typing import Final

from otel_ai_feedback.capture.guard import Guard
from otel_ai_feedback.capture.late import Unread
from otel_ai_feedback.capture.linking.answer_choice import NONE, Choice, choose
from otel_ai_feedback.capture.linking.handles import Handle
from otel_ai_feedback.capture.linking.lookup import Filed, Found, Whose
from otel_ai_feedback.capture.linking.output import Output
from otel_ai_feedback.capture.linking.registry import LIFETIME_SECONDS, Registry
from otel_ai_feedback.capture.text.fragments import (
    MAX_CANDIDATES,
    MAX_CHARACTERS,
    best_matches,
    fingerprints,
)

MAX_OUTPUTS: Final = 30_000
# A session id that is the same for everyone must not make every look-up a search through all.
MAX_IN_SESSION: Final = 200
MAX_IN_REQUEST: Final = 32
# What waits for its fingerprints is at most 512 texts of 50,000 characters. Only a longer one is
# cut: the copy would take longer than all else that remembering does.
MAX_WAITING_TEXTS: Final = 512
MAX_WAITING_CHARACTERS: Final = 50_000
# So many wait for a look-up; then the worker files them.
MAX_NEW: Final = 256
MAX_KEPT_CHARACTERS: Final = 4_000_000
# Of 4 bytes each.
MAX_FINGERPRINTS: Final = 4_000_000
_NANOSECONDS: Final = 1_000_000_000


class _Entry:
    """An output, when it was filed, and its text or the fingerprints of it while there is room."""

    __slots__ = ("at", "fingerprints", "output", "text")

    def __init__(self, output: Output, at: int) -> None:
        self.output: Final = output
        self.at: Final = at
        self.text: str | None = None
        self.fingerprints: array[int] | None = None


class Outputs:
    """Remembers outputs in bounded memory and for a limited time, least recently used first out.

    Remembering costs the application's thread an append to a queue. What waits there is filed at
    the next look-up or by the worker, whichever comes first. Fingerprints are made by the worker
    alone, and only where they are of use: the latest texts are kept until something is looked for
    by a part of a text for the first time, and let go unread in a process where nothing ever is.

    Args:
        clock: Nanoseconds since the epoch.
        key: Secret that keys the fingerprints.
        guard: Where texts without fingerprints are counted, as ``queue_full``.
        max_outputs: How many outputs to remember.
        lifetime_seconds: For how long.
        max_fingerprints: How many fingerprints to keep; the oldest go first.
        publish: Told by the worker which outputs were filed.
    """

    def __init__(
        self,
        clock: Callable[[], int],
        key: bytes,
        guard: Guard,
        max_outputs: int = MAX_OUTPUTS,
        lifetime_seconds: int = LIFETIME_SECONDS,
        max_fingerprints: int = MAX_FINGERPRINTS,
        publish: Callable[[list[Filed]], None] | None = None,
    ) -> None:
        self._clock = clock
        self._key = key
        self._guard = guard
        self._max_outputs = max_outputs
        self._lifetime = lifetime_seconds * _NANOSECONDS
        self._max_fingerprints = max_fingerprints
        self._publish = publish
        # What does not fit is the oldest, which would be forgotten next anyway.
        self._new: deque[Output] = deque(maxlen=max_outputs)
        self._filed: deque[_Entry] = deque(maxlen=max_outputs)
        self._with_text: deque[_Entry] = deque()
        self._characters = 0
        # What is published is for the searches of other workers.
        self._searched = publish is not None
        self._by_span: OrderedDict[tuple[int, int], _Entry] = OrderedDict()
        self._by_request: dict[tuple[int, int], list[_Entry]] = {}
        self._by_response: dict[str, list[_Entry]] = {}
        self._by_conversation: dict[str, list[_Entry]] = {}
        self._by_session: dict[str, list[_Entry]] = {}
        self._by_subject: dict[str, list[_Entry]] = {}
        self._keys: Registry[Handle] = Registry(clock, max_outputs, lifetime_seconds)
        self._fingerprinted: OrderedDict[_Entry, None] = OrderedDict()
        self._fingerprints = 0
        # Re-entrant: a finalizer that ends a span or records an action may run while it is held.
        self._lock = threading.RLock()
        self._filing = False
        self.unread: Final = Unread()

    def __len__(self) -> int:
        return len(self._new) + len(self._by_span)

    def remember(self, output: Output, text: str | None, unread: int = 0) -> bool:
        """Remember an output; called on the application's thread for every LLM span.

        Args:
            output: The output.
            text: Its text, which is let go as soon as its fingerprints are made.
            unread: Length of the texts that what is left to compute of it keeps alive.

        Returns:
            Whether it is time for the worker to :meth:`index`.
        """
        if text is not None:
            if output.session_id is output.conversation_id is output.subject is None:
                text = None
            elif len(self._new) >= MAX_WAITING_TEXTS:
                text = None
                self._guard.counts.add("queue_full")
            elif len(text) > MAX_WAITING_CHARACTERS:
                text = text[:MAX_CHARACTERS]
        output.text = text
        self._new.append(output)
        due = output.late is not None and self.unread.add(output, unread)
        return due or self._publish is not None or len(self._new) % MAX_NEW == 0

    def index(self) -> None:
        """File what is new, and publish it; called on the worker's thread."""
        self._file()
        self.unread.settle()
        if self._searched:
            with self._lock:
                entries, self._with_text, self._characters = self._with_text, deque(), 0
            for entry in entries:
                self._fingerprint(entry)
        if self._publish is None:
            return
        filed: list[Filed] = []
        while self._filed:
            entry = self._filed.popleft()
            made = entry.fingerprints or ()
            filed.append(Filed(entry.output, made, self._answer_with(entry.output)))
        if filed:
            self._publish(filed)

    def _fingerprint(self, entry: _Entry) -> None:
        """Make the fingerprints of an entry's text, which is let go."""
        text, entry.text = entry.text, None
        made = fingerprints(text, self._key) if text else None
        if made:
            self._keep(entry, made)

    def of_span(self, trace_id: int, span_id: int) -> Output | None:
        """The output of a span."""
        self._file()
        now = self._clock()
        with self._lock:
            entry = self._by_span.get((trace_id, span_id))
            return None if entry is None or self._expired(entry, now) else self._used(entry)

    def of_request(self, trace_id: int, root_span_id: int) -> Choice:
        """The answer of a request, once its response has ended."""
        self._file()
        now = self._clock()
        with self._lock:
            entries = self._by_request.get((trace_id, root_span_id))
            made = list(reversed(self._fresh(entries, now)))
            if any(entry.output.open for entry in made):
                return NONE
            choice = choose(entry.output for entry in made)
            for entry in made:
                if entry.output is choice.output:
                    self._used(entry)
            return choice

    def of_response(self, response_id: str) -> Found | None:
        """The output with a response id."""
        self._file()
        now = self._clock()
        with self._lock:
            return self._newest(self._fresh(self._by_response.get(response_id), now))

    def of_hash(self, whose: Whose, text_hash: str) -> Found | None:
        """The output of a conversation, or else of a session or user, with a hash."""
        self._file()
        now = self._clock()
        with self._lock:
            for entries in self._places(whose):
                fitting = [
                    entry
                    for entry in self._of(whose, self._fresh(entries, now))
                    if entry.output.hash == text_hash
                ]
                if fitting:
                    return self._newest(fitting)
        return None

    def of_fragment(self, whose: Whose, fragment: Collection[int]) -> Found | None:
        """The output of a conversation, or else of a session or user, with most of a fragment.

        Args:
            whose: Where to look, among the newest 20 outputs that have fingerprints.
            fragment: The fragment's fingerprints, under the same key.
        """
        self._searched = True
        self.index()
        now = self._clock()
        with self._lock:
            places = [
                [
                    (entry, entry.fingerprints)
                    for entry in self._of(whose, self._fresh(entries, now))
                    if entry.fingerprints is not None
                ]
                for entries in self._places(whose)
            ]
        # Not under the lock, for which the application's thread may be waiting.
        for candidates in places:
            fitting = best_matches(fragment, candidates[:MAX_CANDIDATES])
            if fitting:
                with self._lock:
                    return self._newest(fitting)
        return None

    def _answer_with(self, output: Output) -> Choice:
        root = output.request_span_id
        return self.of_request(output.trace_id, root) if root else NONE

    def tie(self, key: str, handle: Handle) -> None:
        """Remember which output the application's own key means; the latest word counts."""
        self._keys.put(key, handle)

    def tied(self, key: str) -> Handle | None:
        """What the application's own key means."""
        return self._keys.get(key)

    def after_fork(self) -> None:
        """Replace the locks, which other threads may have held when the process forked."""
        self._lock = threading.RLock()
        self._filing = False
        self._keys.after_fork()
        self.unread.after_fork()

    # Under the lock ----------------------------------------------------------------------------

    def _file(self) -> None:
        """Enter what waits into the indexes."""
        if not self._new:
            return
        now = self._clock()
        with self._lock:
            if self._filing:
                # A finalizer looks something up while an output is half filed.
                return
            self._filing = True
            try:
                while self._new:
                    output = self._new.popleft()
                    text, output.text = output.text, None
                    self._enter(_Entry(output, now), text)
                self._forget_old(now)
            finally:
                self._filing = False

    def _enter(self, entry: _Entry, text: str | None) -> None:
        output = entry.output
        ids = (output.trace_id, output.span_id)
        known = self._by_span.pop(ids, None)
        if known is not None:
            self._forget(known)
        self._by_span[ids] = entry
        if output.request_span_id:
            of_request = self._by_request.setdefault((output.trace_id, output.request_span_id), [])
            of_request.append(entry)
            if len(of_request) > MAX_IN_REQUEST:
                del of_request[0]
        for index, name in self._names(output):
            entries = index.setdefault(name, [])
            if index is self._by_response and output.has_text:
                # An answer that was made in the background and fetched is one output.
                entries[:] = [other for other in entries if other.output.has_text]
            entries.append(entry)
            if len(entries) > MAX_IN_SESSION:
                del entries[0]
        if text:
            entry.text = text
            self._with_text.append(entry)
            self._characters += len(text)
            self._let_texts_go()
        if self._publish is not None:
            self._filed.append(entry)

    def _let_texts_go(self) -> None:
        """Keep the latest texts only."""
        texts = self._with_text
        while len(texts) > MAX_WAITING_TEXTS or self._characters > MAX_KEPT_CHARACTERS:
            oldest = texts.popleft()
            text, oldest.text = oldest.text, None
            self._characters -= len(text or "")
            if text and self._searched:
                self._guard.counts.add("queue_full")

    def _names(self, output: Output) -> Iterable[tuple[dict[str, list[_Entry]], str]]:
        """The indexes that an output is in, each with the name that it is in under."""
        if output.response_id is not None:
            yield self._by_response, output.response_id
        if output.has_text and output.conversation_id is not None:
            yield self._by_conversation, output.conversation_id
        if output.has_text and output.session_id is not None:
            yield self._by_session, output.session_id
        if output.has_text and output.subject is not None:
            yield self._by_subject, output.subject

    def _forget_old(self, now: int) -> None:
        while self._by_span:
            entry = next(iter(self._by_span.values()))
            if len(self._by_span) <= self._max_outputs and not self._expired(entry, now):
                return
            self._by_span.popitem(last=False)
            self._forget(entry)

    def _forget(self, entry: _Entry) -> None:
        """Take out of all indexes an entry that is no longer found by its span."""
        output = entry.output
        request = (output.trace_id, output.request_span_id)
        of_request = self._by_request.get(request)
        if of_request is not None:
            with suppress(ValueError):
                of_request.remove(entry)
            if not of_request:
                del self._by_request[request]
        for index, name in self._names(output):
            entries = index.get(name, [])
            with suppress(ValueError):
                entries.remove(entry)
            if not entries:
                index.pop(name, None)
        if entry.fingerprints is not None:
            self._fingerprints -= len(entry.fingerprints)
            del self._fingerprinted[entry]
            entry.fingerprints = None

    def _keep(self, entry: _Entry, made: array[int]) -> None:
        """Keep the fingerprints of an entry, if it is still remembered, and let the oldest go."""
        output = entry.output
        with self._lock:
            if self._by_span.get((output.trace_id, output.span_id)) is not entry:
                return
            entry.fingerprints = made
            self._fingerprinted[entry] = None
            self._fingerprints += len(made)
            while self._fingerprints > self._max_fingerprints:
                oldest, _ = self._fingerprinted.popitem(last=False)
                self._fingerprints -= len(oldest.fingerprints or ())
                oldest.fingerprints = None

    def _places(self, whose: Whose) -> Iterable[list[_Entry]]:
        if whose.conversation_id is not None:
            yield self._by_conversation.get(whose.conversation_id, [])
        if whose.session_id is not None:
            yield self._by_session.get(whose.session_id, [])
        if whose.subject is not None:
            yield self._by_subject.get(whose.subject, [])

    @staticmethod
    def _of(whose: Whose, entries: Iterable[_Entry]) -> Iterable[_Entry]:
        for entry in entries:
            if whose.subject is None or entry.output.subject in (None, whose.subject):
                yield entry

    def _fresh(self, entries: list[_Entry] | None, now: int) -> list[_Entry]:
        """Those not too old, newest first."""
        return [entry for entry in reversed(entries or ()) if not self._expired(entry, now)]

    def _expired(self, entry: _Entry, now: int) -> bool:
        return now - entry.at > self._lifetime

    def _newest(self, fitting: list[_Entry]) -> Found | None:
        if not fitting:
            return None
        output = self._used(fitting[0])
        return Found(output, any(other.output.trace_id != output.trace_id for other in fitting))

    def _used(self, entry: _Entry) -> Output:
        output = entry.output
        ids = (output.trace_id, output.span_id)
        if ids in self._by_span:
            self._by_span.move_to_end(ids)
        return output
