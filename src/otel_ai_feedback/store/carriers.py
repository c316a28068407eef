"""What is read of other tools' telemetry, and what it becomes: the one table of sources.

The statements ``evaluation_state_from_spans`` and ``evaluation_state_from_logs`` read it, imports
write the same table. A row here is a promise: its ``example`` arrives as bytes in a test, and what
comes out is ``becomes``. ``docs/sources.md`` shows the same rows.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final, Literal

Value = str | float | bool


@dataclass(frozen=True)
class Source:
    """One thing that is read.

    Attributes:
        carrier: What it comes with; provenance of every result, never summed with another.
        read: What is read, for people.
        on: Where it stands: an event on a span, a span's attributes, an event in the log, or an
            interface that an import asks.
        example: Attributes of one such event, or of the span; of an interface, one entry.
        event: Name of the event, where it is one.
        kind: Who says so: user, reviewer, judge or behavior.
        name: Name of the result.
        score: Its score; ``None`` where there is a label only.
        label: Its label.
        passed: Whether that is good.
        linked: How it finds its output, for people.
    """

    carrier: str
    read: str
    on: Literal["span event", "span", "log", "import"]
    kind: str
    name: str
    score: float | None
    label: str
    passed: bool
    linked: str
    event: str = ""
    example: Mapping[str, Value] = field(default_factory=dict)


_BY_SPAN: Final = "the span that carries it"
_BY_TRACE: Final = "trace and span id of the log record, else the response id"
_BY_REQUEST: Final = "trace and span id of the log record, else `request_id` as response id"

SOURCES: Final = (
    Source(
        "gen_ai",
        "`gen_ai.evaluation.result` on a span",
        "span event",
        "judge",
        "relevance",
        0.9,
        "",
        True,
        _BY_SPAN,
        "gen_ai.evaluation.result",
        {"gen_ai.evaluation.name": "relevance", "gen_ai.evaluation.score.value": 0.9},
    ),
    Source(
        "gen_ai",
        "`gen_ai.evaluation.result` in the log",
        "log",
        "judge",
        "hallucination",
        0.8,
        "",
        False,
        _BY_TRACE,
        "gen_ai.evaluation.result",
        {"gen_ai.evaluation.name": "hallucination", "gen_ai.evaluation.score.value": 0.8},
    ),
    Source(
        "gen_ai",
        "the same with `microsoft.gen_ai.human_evaluation.source` = `end_user`",
        "log",
        "user",
        "task_completion",
        0.0,
        "fail",
        False,
        _BY_TRACE,
        "gen_ai.evaluation.result",
        {
            "gen_ai.evaluation.name": "task_completion",
            "gen_ai.evaluation.score.value": 0.0,
            "gen_ai.evaluation.score.label": "fail",
            "microsoft.gen_ai.human_evaluation.source": "end_user",
        },
    ),
    Source(
        "openinference",
        "OpenInference `annotations.N.annotation.*` and `evaluations.N.evaluation.*`",
        "span",
        "judge",
        "correctness",
        None,
        "correct",
        True,
        _BY_SPAN,
        example={
            "annotations.0.annotation.name": "correctness",
            "annotations.0.annotation.label": "correct",
            "annotations.0.annotation.annotator_kind": "LLM",
        },
    ),
    Source(
        "openinference",
        "the same of scope `trace.`",
        "span",
        "reviewer",
        "helpful",
        1.0,
        "",
        True,
        "the one answer of the trace",
        example={
            "trace.evaluations.0.evaluation.name": "helpful",
            "trace.evaluations.0.evaluation.score": 1.0,
            "trace.evaluations.0.evaluation.annotator_kind": "HUMAN",
        },
    ),
    Source(
        "openinference",
        "the same of scope `session.`",
        "span",
        "judge",
        "on_topic",
        1.0,
        "",
        True,
        "to no answer: it is about all of a conversation",
        example={
            "session.annotations.0.annotation.name": "on_topic",
            "session.annotations.0.annotation.score": 1.0,
            "session.annotations.0.annotation.annotator_kind": "LLM",
        },
    ),
    Source(
        "copilot_chat",
        "Copilot Chat `copilot_chat.user.feedback`",
        "log",
        "user",
        "thumbs",
        None,
        "negative",
        False,
        _BY_REQUEST,
        "copilot_chat.user.feedback",
        {"rating": "negative"},
    ),
    Source(
        "copilot_chat",
        "Copilot Chat `copilot_chat.inline.done`",
        "log",
        "behavior",
        "inline_accepted",
        None,
        "accepted",
        True,
        _BY_REQUEST,
        "copilot_chat.inline.done",
        {"accepted": True},
    ),
    Source(
        "copilot_chat",
        "Copilot Chat `copilot_chat.edit.feedback` and `copilot_chat.edit.hunk.action`",
        "log",
        "behavior",
        "edit_accepted",
        None,
        "rejected",
        False,
        _BY_REQUEST,
        "copilot_chat.edit.hunk.action",
        {"outcome": "rejected"},
    ),
    Source(
        "copilot_chat",
        "Copilot Chat `copilot_chat.edit.survival`: the share of 4-grams that is still there",
        "log",
        "behavior",
        "survival_30s",
        0.75,
        "",
        True,
        _BY_REQUEST,
        "copilot_chat.edit.survival",
        {"survival_rate_four_gram": 0.75, "time_delay_ms": 30000.0, "did_branch_change": False},
    ),
    Source(
        "claude_code",
        "Claude Code `claude_code.tool_decision` of a person (`source` begins with `user`)",
        "log",
        "behavior",
        "edit_accepted",
        None,
        "reject",
        False,
        "trace and span id of the log record, with Claude Code's traces on",
        "claude_code.tool_decision",
        {"decision": "reject", "source": "user_reject", "tool_use_id": "toolu_1"},
    ),
    Source(
        "browser_click",
        "`browser.user_action.click` on an element with `data-otel-ai-output`, a handle; "
        "`data-otel-ai-action` names what it does",
        "log",
        "behavior",
        "insert",
        1.0,
        "",
        True,
        "the handle, whose signature the store cannot check",
        "browser.user_action.click",
        {"data-otel-ai-output": "HANDLE", "data-otel-ai-action": "insert"},
    ),
    Source(
        "langfuse",
        "scores of a Langfuse project: `otel-ai-feedback import langfuse`",
        "import",
        "judge",
        "helpfulness",
        0.8,
        "",
        True,
        "trace and observation id",
        example={"name": "helpfulness", "value": 0.8, "source": "EVAL", "dataType": "NUMERIC"},
    ),
)
"""Every source, in the order in which the page shows them."""
