"""What a demo tells: which release of the service answered when, and how well."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Protocol

from otel_ai_feedback.demo.corpus import Corpus
from otel_ai_feedback.demo.identifiers import derived_id


@dataclass(frozen=True)
class Run:
    """One demo in a store.

    Attributes:
        name: Its ``service.instance.id``; every id of its traffic follows from it.
        start: Beginning of its window, whole seconds since the epoch.
        end: End of it.
    """

    name: str
    start: int
    end: int


@dataclass(frozen=True)
class Chapter:
    """A time in which one release of the service is in use.

    Attributes:
        start: When it begins, whole seconds since the epoch.
        end: When it ends.
        corpora: What each feature answers in it; all of one service and version.
        live: Whether the service runs: real HTTP, a real client, a real instrumentation. Otherwise
            its spans are recorded as they would have been, at a tenth of the time.
    """

    start: int
    end: int
    corpora: tuple[Corpus, ...]
    live: bool


@dataclass(frozen=True)
class Fix:
    """A release that repairs what an earlier one broke.

    Attributes:
        at: When it goes out, seconds since the epoch.
        feature: What it repairs.
        cause: Why that was broken, one of ``triage.incidents.CAUSES``.
        words: What was done, as its owner would say it.
    """

    at: int
    feature: str
    cause: str
    words: str


class Story(Protocol):
    """What is played.

    Attributes:
        service: Name of the service, as ``service.name`` says it.
        digest: Changes with anything in it.
    """

    @property
    def service(self) -> str:
        """See the class."""

    @property
    def digest(self) -> str:
        """See the class."""

    def chapters(self, run: Run) -> Sequence[Chapter]:
        """What happens in a window, in order."""

    def fixes(self, run: Run) -> Sequence[Fix]:
        """What is repaired in it, in order."""


@dataclass(frozen=True)
class Replay:
    """One corpus from beginning to end, by the running service."""

    corpus: Corpus

    @property
    def service(self) -> str:
        """Name of the service."""
        return self.corpus.service

    @cached_property
    def digest(self) -> str:
        """That of the corpus."""
        return derived_id("replay", self.corpus.digest)

    def chapters(self, run: Run) -> Sequence[Chapter]:
        """One."""
        return [Chapter(run.start, run.end, (self.corpus,), live=True)]

    def fixes(self, run: Run) -> Sequence[Fix]:
        """None."""
        return ()
