"""Simulated people: what each reads, does and asks next. Everything here is a pure function.

Whether a person is content with an answer is random, with the answer's quality. What they then do
follows the field's findings: the content copy, lightly edit and move on; the others ask again,
regenerate, reject, rewrite or leave at once; few of either vote, and the unhappy four times as
often, which is why votes measure bias.
"""

from __future__ import annotations

import random
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final, Literal

from otel_ai_feedback.attributes import ActionName
from otel_ai_feedback.capture.text.sketch import grams
from otel_ai_feedback.demo.corpus import Answer, Corpus
from otel_ai_feedback.demo.identifiers import derived_id

SECOND_NS: Final = 1_000_000_000
FollowUp = Literal["reask", "regenerate"]

MAX_TOPICS: Final = 4
MAX_FOLLOW_UPS: Final = 2
_ANSWERS_PER_PERSON: Final = 8
_READING_CHARACTERS_PER_SECOND: Final = 40.0

# Bounds of what those who are not content do.
_REASKS: Final = 0.26
_REJECTS: Final = 0.64
_EDITS: Final = 0.78
# How many of them do what an answer provokes, and where that lies between these bounds.
_PROVOKED: Final = 0.92
_PROVOKES: Final = {"reask": _REASKS / 2, "edit": (_REJECTS + _EDITS) / 2}

# A sketch estimates the likeness of two questions with a standard error of about .04. People here
# stay more than five of them away from the threshold of .30, so that what a re-ask is, is certain.
_ALIKE: Final = 0.55
_UNLIKE: Final = 0.12
_REASK_SECONDS: Final = 300
_REPHRASINGS: Final = (
    "{} Please be more precise.",
    "Once more: {}",
    "{} That was not what I meant.",
    "So, {}",
    "{} Please try again.",
)


@dataclass(frozen=True)
class Act:
    """Something done with an answer.

    Attributes:
        action_id: The page's id for it.
        after_ns: Time since the answer was complete.
        action: What was done.
        value: Its strength.
    """

    action_id: str
    after_ns: int
    action: ActionName
    value: float | None


@dataclass(frozen=True)
class Turn:
    """A question, its answer and the user actions on it.

    Attributes:
        conversation_id: The application's id for the conversation.
        request_id: The page's id for the request.
        pause_ns: Time since the previous answer was complete.
        message: What is asked.
        answer: What the model will answer.
        stream: Whether the page shows the answer while it comes.
        acts: What is done with it, in order.
        follow_up: How the next turn repeats this one, if it does.
    """

    conversation_id: str
    request_id: str
    pause_ns: int
    message: str
    answer: Answer
    stream: bool
    acts: tuple[Act, ...]
    follow_up: FollowUp | None


@dataclass(frozen=True)
class Conversation:
    """One person's sitting.

    Attributes:
        conversation_id: The application's id for it.
        feature: Which feature it is a conversation with.
        person: Who.
        start_ns: Time of the first question, nanoseconds since the epoch.
        turns: In order.
    """

    conversation_id: str
    feature: str
    person: str
    start_ns: int
    turns: tuple[Turn, ...]


def plan(corpus: Corpus, run: str, start_ns: int, end_ns: int) -> list[Conversation]:
    """Everything that people will do, in order of the conversations' starts.

    What they do depends on the corpus alone; ``run`` only names it and the times only place it.

    Args:
        corpus: The answers they will get; each is delivered at least once.
        run: Goes into every id, so that two runs are two.
        start_ns: Nothing happens before this time, nanoseconds since the epoch.
        end_ns: Nothing happens after it.
    """
    seed = f"{corpus.service} {corpus.feature} {corpus.version}"
    rng = random.Random(seed)  # noqa: S311 - a simulation
    sittings = list(_sittings(corpus, rng))
    people = corpus.people or max(1, len(corpus.answers) // _ANSWERS_PER_PERSON)
    starts = sorted(_moment(rng, start_ns, end_ns) for _ in sittings)
    conversations = []
    for place, (start, sitting) in enumerate(zip(starts, sittings, strict=True)):
        conversation_id = f"conv-{derived_id(run, corpus.feature, str(place))}"
        turns = tuple(
            turn.named(conversation_id, number) for number, turn in enumerate(sitting, start=1)
        )
        latest = end_ns - sum(draft.length_ns for draft in sitting)
        conversations.append(
            Conversation(
                conversation_id=conversation_id,
                feature=corpus.feature,
                # The square gives few regulars and many who come by now and then.
                person=f"person-{int(people * rng.random() ** 2)}",
                start_ns=max(start_ns, min(start, latest)),
                turns=turns,
            )
        )
    return conversations


@dataclass
class _Draft:
    """A turn before it has ids."""

    pause_ns: int
    message: str
    answer: Answer
    stream: bool
    acts: list[tuple[int, ActionName, float | None]]
    follow_up: FollowUp | None

    @property
    def busy_ns(self) -> int:
        """Time from the complete answer to the last thing done with it."""
        return self.acts[-1][0] if self.acts else 0

    @property
    def length_ns(self) -> int:
        return self.pause_ns + self.answer.duration_ns + self.busy_ns

    @property
    def leaves(self) -> bool:
        """Whether the person closes the page on it."""
        return bool(self.acts) and self.acts[-1][1] == "close"

    def named(self, conversation_id: str, number: int) -> Turn:
        request_id = f"{conversation_id}-{number}"
        acts = tuple(
            Act(derived_id(request_id, str(place)), *act) for place, act in enumerate(self.acts)
        )
        return Turn(
            conversation_id=conversation_id,
            request_id=request_id,
            pause_ns=self.pause_ns,
            message=self.message,
            answer=self.answer,
            stream=self.stream,
            acts=acts,
            follow_up=self.follow_up,
        )


def _sittings(corpus: Corpus, rng: random.Random) -> Iterator[list[_Draft]]:
    """The answers in order, cut into conversations, with the repetitions people add."""
    turns: list[_Draft] = []
    topics: list[str] = []
    size = rng.randint(1, MAX_TOPICS)
    for answer in corpus.answers:
        if turns and (len(topics) == size or answer.prompt in topics or turns[-1].leaves):
            yield turns
            turns, topics, size = [], [], rng.randint(1, MAX_TOPICS)
        topics.append(answer.prompt)
        pause_ns = _pause_before(answer.prompt, turns[-1], rng) if turns else 0
        turns.extend(_topic(answer, pause_ns, corpus, rng))
    if turns:
        yield turns


def _topic(answer: Answer, pause_ns: int, corpus: Corpus, rng: random.Random) -> Iterator[_Draft]:
    """A question and its repetitions until the person is content, gives up or leaves."""
    message = answer.prompt
    for attempt in range(MAX_FOLLOW_UPS + 1):
        others = corpus.others(answer)
        may_repeat = attempt < MAX_FOLLOW_UPS and bool(others)
        acts, follow_up = _reaction(answer, may_repeat, rng)
        rephrased = _rephrase(answer.prompt, message, rng) if follow_up == "reask" else message
        if rephrased is None:
            follow_up, rephrased = "regenerate", message
        draft = _Draft(pause_ns, message, answer, rng.random() < 0.5, acts, follow_up)
        yield draft
        if follow_up is None:
            return
        pause_ns = draft.busy_ns + _seconds(rng.uniform(4, 90))
        message = rephrased
        answer = rng.choice(others)


def _reaction(
    answer: Answer, may_repeat: bool, rng: random.Random
) -> tuple[list[tuple[int, ActionName, float | None]], FollowUp | None]:
    """What a person does with an answer, and whether they then ask for it again."""
    if answer.status != 200 or not answer.text.strip():
        return [], "regenerate" if may_repeat and rng.random() < 0.6 else None

    acts: list[tuple[int, ActionName, float | None]] = []
    seen_ns = _seconds(rng.uniform(0.1, 0.8))
    acts.append((seen_ns, "seen", None))
    reading = min(len(answer.text) / _READING_CHARACTERS_PER_SECOND, 40.0) * rng.uniform(0.4, 1.0)
    now_ns = seen_ns + _seconds(1.0 + reading)

    def then(action: ActionName, value: float | None, low: float, high: float) -> None:
        nonlocal now_ns
        now_ns += _seconds(rng.uniform(low, high))
        acts.append((now_ns, action, value))

    content = rng.random() < answer.quality
    follow_up: FollowUp | None = None
    choice = rng.random()
    if not content and answer.provokes and rng.random() < _PROVOKED:
        choice = _PROVOKES[answer.provokes]
    if content:
        if choice < 0.55:
            whole = rng.random() < 0.8
            then("copy", 1.0 if whole else round(rng.uniform(0.05, 0.95), 3), 0.5, 6)
            if rng.random() < 0.35:
                then("edit", round(rng.betavariate(1.2, 9), 3), 3, 20)
        elif choice < 0.70:
            then("accept", None, 0.5, 4)
    elif choice < _REASKS and may_repeat:
        follow_up = "reask"
    elif choice < 0.38 and may_repeat:
        follow_up = "regenerate"
    elif choice < 0.54:
        leaves_ns = _seconds(rng.uniform(1, 4.5))
        return [*acts, (leaves_ns, "close", round(rng.uniform(0, 0.45), 3))], None
    elif choice < _REJECTS:
        then("reject", None, 0.5, 4)
    elif choice < _EDITS:
        then("copy", round(rng.uniform(0.5, 1.0), 3), 0.5, 6)
        then("edit", round(rng.betavariate(5, 5), 3), 5, 20)
    if rng.random() < (0.03 if content else 0.12):
        then("rating", 1.0 if content else -1.0, 0.5, 5)
    return acts, follow_up


def _rephrase(prompt: str, previous: str, rng: random.Random) -> str | None:
    """The prompt in words close enough to the previous ones, or ``None`` when none fit."""
    fitting = [
        words
        for words in (template.format(prompt) for template in _REPHRASINGS)
        if words != previous and _likeness(words, previous) >= _ALIKE
    ]
    return rng.choice(fitting) if fitting else None


def _pause_before(prompt: str, previous: _Draft, rng: random.Random) -> int:
    """Time until the next topic: at once if it could not be taken for a re-ask, else later."""
    if rng.random() < 0.5 and _likeness(prompt, previous.message) <= _UNLIKE:
        return previous.busy_ns + _seconds(rng.uniform(5, 120))
    return previous.busy_ns + _seconds(rng.uniform(_REASK_SECONDS + 20, 1200))


def _likeness(one: str, other: str) -> float:
    """Jaccard similarity of the distinct character 3-grams."""
    a, b = grams(one), grams(other)
    return len(a & b) / max(1, len(a | b))


def _moment(rng: random.Random, start_ns: int, end_ns: int) -> int:
    """A time in the window; twice as likely by day (UTC) as by night.

    Two draws whatever comes, so that the times of day do not change what people do.
    """
    hours = (end_ns - start_ns) / (3600 * SECOND_NS)
    drawn, coin = rng.random() * hours, rng.random()
    hour = (start_ns / (3600 * SECOND_NS) + drawn) % 24
    if not 7 <= hour < 19 and coin < 0.67:
        drawn = (drawn + 12) % hours
    return start_ns + int(drawn * 3600 * SECOND_NS)


def _seconds(seconds: float) -> int:
    return int(seconds * SECOND_NS)
