"""Every attribute, event and enum value of the ``ai_feedback`` semantic conventions.

The machine-readable twin of this file is ``semconv/ai_feedback.yaml``, which also says what each
name means; a test holds the two against each other.
"""

from typing import Final, Literal, get_args

# On the LLM span -------------------------------------------------------------------------------

OUTPUT_HASH: Final = "ai_feedback.output.hash"
OUTPUT_LENGTH: Final = "ai_feedback.output.length"
OUTPUT_TIME: Final = "ai_feedback.output.time"
OUTPUT_TYPE: Final = "ai_feedback.output.type"
OUTPUT_UNTAGGED: Final = "ai_feedback.output.untagged"
REQUEST_SPAN_ID: Final = "ai_feedback.request.span_id"
REQUEST_SEQ: Final = "ai_feedback.request.seq"
FEATURE: Final = "ai_feedback.feature"
TEXT_RATE: Final = "ai_feedback.text.rate"
INPUT_SKETCH: Final = "ai_feedback.input.sketch"
INPUT_HASH: Final = "ai_feedback.input.hash"
HANDLE_KIND: Final = "ai_feedback.handle.kind"
CHANNEL: Final = "ai_feedback.channel"
PROMPT_VERSION: Final = "ai_feedback.prompt.version"
RELEASE: Final = "ai_feedback.release"

# On the user-action span -----------------------------------------------------------------------

ACTION_NAME: Final = "ai_feedback.action.name"
ACTION_VALUE: Final = "ai_feedback.action.value"
ACTION_ID: Final = "ai_feedback.action.id"
ACTION_SOURCE: Final = "ai_feedback.action.source"
ACTION_KEPT_SHARE: Final = "ai_feedback.action.kept_share"
ACTION_CHECKPOINT: Final = "ai_feedback.action.checkpoint"
ACTION_SCROLL_DEPTH: Final = "ai_feedback.action.scroll_depth"
ACTION_SELECTED_SHARE: Final = "ai_feedback.action.selected_share"
ACTION_METHOD: Final = "ai_feedback.action.method"
ACTION_REASON: Final = "ai_feedback.action.reason"
ACTION_LOST: Final = "ai_feedback.action.lost"
LINK_METHOD: Final = "ai_feedback.link.method"
LINK_AMBIGUOUS: Final = "ai_feedback.link.ambiguous"
OUTPUT_SAMPLED: Final = "ai_feedback.output.sampled"

# On both ---------------------------------------------------------------------------------------

SUBJECT: Final = "ai_feedback.subject"
# There, in baggage and on the resource.
PROBE: Final = "ai_feedback.probe"

# On an event gen_ai.evaluation.result, and on the span that has one --------------------------

EVALUATION_EVALUATOR: Final = "ai_feedback.evaluation.evaluator"
EVALUATED: Final = "ai_feedback.evaluated"

# On the resource -------------------------------------------------------------------------------

BACKFILL: Final = "ai_feedback.backfill"
# There, or on the LLM span.
SAMPLING_RATIO: Final = "ai_feedback.sampling.ratio"

# On the metric ---------------------------------------------------------------------------------

REASON: Final = "ai_feedback.reason"

# Metrics ---------------------------------------------------------------------------------------

METRIC_EVENTS: Final = "ai_feedback.capture.events"

# Log events ------------------------------------------------------------------------------------

EVENT_OUTPUT_DETAILS: Final = "ai_feedback.output.details"
EVENT_OUTPUT_DELIVERED: Final = "ai_feedback.output.delivered"

# Names of other conventions that we set --------------------------------------------------------

CONVERSATION_ID: Final = "gen_ai.conversation.id"
RESPONSE_ID: Final = "gen_ai.response.id"
SESSION_ID: Final = "session.id"
USER_AGENT_NAME: Final = "user_agent.name"
ANNOTATION_NAME: Final = "annotations.0.annotation.name"
ANNOTATION_SCORE: Final = "annotations.0.annotation.score"
ANNOTATION_LABEL: Final = "annotations.0.annotation.label"
ANNOTATION_EXPLANATION: Final = "annotations.0.annotation.explanation"
ANNOTATION_IDENTIFIER: Final = "annotations.0.annotation.identifier"
ANNOTATION_ANNOTATOR_KIND: Final = "annotations.0.annotation.annotator_kind"

# Enum values -----------------------------------------------------------------------------------

ActionName = Literal[
    "seen",
    "copy",
    "edit",
    "accept",
    "reject",
    "undo",
    "insert",
    "share",
    "reask",
    "regenerate",
    "close",
    "dwell",
    "rating",
    "escalate",
    "followed",
    "interrupted",
]
ActionSource = Literal["browser", "server", "derived", "api"]
LinkMethod = Literal["handle", "request", "response_id", "key", "hash", "fragment"]
HandleKind = Literal["output", "request"]
Channel = Literal["text", "voice"]
Reason = Literal[
    "incorrect",
    "incomplete",
    "irrelevant",
    "outdated",
    "unsafe",
    "too_long",
    "style",
    "other",
]
OutputType = Literal["tool_call"]
Untagged = Literal["no_text", "several_parts", "short", "unreadable"]

ACTION_NAMES: Final[tuple[str, ...]] = get_args(ActionName)
ACTION_SOURCES: Final[tuple[str, ...]] = get_args(ActionSource)
LINK_METHODS: Final[tuple[str, ...]] = get_args(LinkMethod)
HANDLE_KINDS: Final[tuple[str, ...]] = get_args(HandleKind)
CHANNELS: Final[tuple[str, ...]] = get_args(Channel)
REASONS: Final[tuple[str, ...]] = get_args(Reason)
OUTPUT_TYPES: Final[tuple[str, ...]] = get_args(OutputType)
UNTAGGED: Final[tuple[str, ...]] = get_args(Untagged)
