"""Attributes of an LLM span that are computed when its attributes are first read.

Hash of the answer, hash and sketch of the question take ten times as long as all other attributes
of an output together, and longer still between two model calls, when their code and data are in no
cache. So the span ends without them. The first to read its attributes as a whole, as a rule an
exporter on its own thread, computes them.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator
from typing import Any, Final

from opentelemetry.attributes import BoundedAttributes

from otel_ai_feedback import attributes as names
from otel_ai_feedback.capture.guard import Guard
from otel_ai_feedback.capture.linking.output import Late, Output, Question

_NAMES: Final = frozenset(
    {
        names.OUTPUT_HASH,
        names.OUTPUT_LENGTH,
        names.INPUT_HASH,
        names.INPUT_SKETCH,
        names.HANDLE_KIND,
    }
)
# A span needs room for all of them.
MOST_LATE: Final = len(_NAMES)
# So many outputs and characters are left to those who read the spans. An exporter reads them
# within seconds, but a span that is dropped on the way to it is never read.
MAX_UNREAD: Final = 256
MAX_UNREAD_CHARACTERS: Final = 4_000_000
# With more the questions of further outputs are dropped.
MOST_UNREAD_CHARACTERS: Final = 32_000_000
# How a named tuple makes itself; its constructor takes twice as long.
_new: Final = tuple.__new__


class LateAttributes(BoundedAttributes):
    """The attributes of a span that has ended, of which some are computed when they are read.

    To look for others by their names computes nothing: that is what processors do on the
    application's thread.

    It takes the place of the SDK's class while there is something to compute, and has no
    constructor of its own.
    """

    _output: Output

    def __getitem__(self, key: str) -> Any:
        """A value."""
        if key in _NAMES:
            self._settle()
        return self._dict[key]

    def __iter__(self) -> Iterator[str]:
        """All names."""
        self._settle()
        names_of_all: Iterator[str] = BoundedAttributes.__iter__(self)  # type: ignore[no-untyped-call]
        return names_of_all

    def __len__(self) -> int:
        """How many there are so far: a view is asked whether there are any before it is used."""
        return len(self._dict)

    def __repr__(self) -> str:
        """As a dict."""
        self._settle()
        return BoundedAttributes.__repr__(self)

    def __deepcopy__(self, memo: dict[int, Any]) -> BoundedAttributes:
        """A copy of its own."""
        self._settle()
        return BoundedAttributes.__deepcopy__(self, memo)

    def copy(self) -> Any:
        """The attributes as a dict."""
        self._settle()
        return BoundedAttributes.copy(self)

    def _settle(self) -> None:
        self._output.settle()
        self.__class__ = BoundedAttributes  # type: ignore[assignment]


def defer(
    attributes: BoundedAttributes,
    output: Output,
    text: str | None,
    question: Question | None,
    key: bytes | None,
    guard: Guard,
) -> None:
    """Leave what is still to be said of an output until the attributes of its span are read.

    Whether a handle has left is always among it.

    Args:
        attributes: The SDK's own, with room for all that may come late.
        output: The span's output.
        text: The answer, unless it is hashed already.
        question: What the user had said, as far as that may leave.
        key: Key of the hash, or ``None`` for plain.
        guard: Where failures are counted.
    """
    late: Any = attributes
    output.late = _new(Late, (late._dict, text, key, question, guard))
    late._output = output
    late.__class__ = LateAttributes


class Unread:
    """Outputs of which something is left to compute, oldest first, so that no text is kept long.

    The counts may be off by a few where several threads end spans at once; the worker sets them
    right.
    """

    def __init__(self) -> None:
        self._outputs: deque[tuple[Output, int]] = deque()
        self.characters = 0

    def add(self, output: Output, characters: int) -> bool:
        """Keep an output in view; whether it is time to :meth:`settle`."""
        self._outputs.append((output, characters))
        self.characters += characters
        return len(self._outputs) % MAX_UNREAD == 0 or self.characters > MAX_UNREAD_CHARACTERS

    def settle(self) -> None:
        """Compute what is left of the older half, and forget those that were read."""
        outputs = self._outputs
        for _ in range(len(outputs) - MAX_UNREAD // 2):
            outputs.popleft()[0].settle()
        while self.characters > MAX_UNREAD_CHARACTERS // 2 and outputs:
            output, characters = outputs.popleft()
            output.settle()
            self.characters -= characters
        self.characters = sum(
            characters for output, characters in list(outputs) if output.late is not None
        )

    def after_fork(self) -> None:
        """In the child: the parent's spans are the parent's to send."""
        self._outputs.clear()
        self.characters = 0
