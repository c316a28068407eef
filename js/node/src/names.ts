/** Every attribute, event and enum value of the `ai_feedback` semantic conventions that is set here;
 * docs/attributes.md says what each means. */

export const OUTPUT_HASH = "ai_feedback.output.hash";
export const OUTPUT_LENGTH = "ai_feedback.output.length";
export const OUTPUT_TIME = "ai_feedback.output.time";
export const OUTPUT_SAMPLED = "ai_feedback.output.sampled";
export const REQUEST_SPAN_ID = "ai_feedback.request.span_id";
export const REQUEST_SEQ = "ai_feedback.request.seq";
export const FEATURE = "ai_feedback.feature";
export const TEXT_RATE = "ai_feedback.text.rate";
export const INPUT_SKETCH = "ai_feedback.input.sketch";
export const INPUT_HASH = "ai_feedback.input.hash";
export const HANDLE_KIND = "ai_feedback.handle.kind";
export const CHANNEL = "ai_feedback.channel";
export const PROMPT_VERSION = "ai_feedback.prompt.version";
export const SAMPLING_RATIO = "ai_feedback.sampling.ratio";
export const RELEASE = "ai_feedback.release";
export const SUBJECT = "ai_feedback.subject";
export const PROBE = "ai_feedback.probe";

export const ACTION_NAME = "ai_feedback.action.name";
export const ACTION_VALUE = "ai_feedback.action.value";
export const ACTION_ID = "ai_feedback.action.id";
export const ACTION_SOURCE = "ai_feedback.action.source";
export const ACTION_KEPT_SHARE = "ai_feedback.action.kept_share";
export const ACTION_CHECKPOINT = "ai_feedback.action.checkpoint";
export const ACTION_SCROLL_DEPTH = "ai_feedback.action.scroll_depth";
export const ACTION_SELECTED_SHARE = "ai_feedback.action.selected_share";
export const ACTION_METHOD = "ai_feedback.action.method";
export const ACTION_REASON = "ai_feedback.action.reason";
export const ACTION_LOST = "ai_feedback.action.lost";
export const USER_AGENT_NAME = "user_agent.name";
export const OUTPUT_TYPE = "ai_feedback.output.type";
export const LINK_METHOD = "ai_feedback.link.method";
export const LINK_AMBIGUOUS = "ai_feedback.link.ambiguous";

export const EVENT_OUTPUT_DETAILS = "ai_feedback.output.details";
export const EVENT_OUTPUT_DELIVERED = "ai_feedback.output.delivered";

export const CONVERSATION_ID = "gen_ai.conversation.id";
export const RESPONSE_ID = "gen_ai.response.id";
export const RESPONSE_MODEL = "gen_ai.response.model";
export const REQUEST_MODEL = "gen_ai.request.model";
export const SESSION_ID = "session.id";
export const ANNOTATION_NAME = "annotations.0.annotation.name";
export const ANNOTATION_SCORE = "annotations.0.annotation.score";
export const ANNOTATION_LABEL = "annotations.0.annotation.label";
export const ANNOTATION_EXPLANATION = "annotations.0.annotation.explanation";
export const ANNOTATION_IDENTIFIER = "annotations.0.annotation.identifier";
export const ANNOTATION_ANNOTATOR_KIND = "annotations.0.annotation.annotator_kind";

export const ACTION_NAMES = [
  "seen", "copy", "edit", "accept", "reject", "undo", "insert", "share", "reask", "regenerate",
  "followed", "interrupted", "close", "dwell", "rating", "escalate",
] as const;
export type ActionName = (typeof ACTION_NAMES)[number];

/** Why, from a closed list. */
export const REASONS = [
  "incorrect", "incomplete", "irrelevant", "outdated", "unsafe", "too_long", "style", "other",
] as const;

export const ACTION_SOURCES = ["browser", "server", "derived", "api"] as const;
export type ActionSource = (typeof ACTION_SOURCES)[number];

export const CHANNELS = ["text", "voice"] as const;
export type Channel = (typeof CHANNELS)[number];

export type LinkMethod = "handle" | "request" | "response_id" | "key";
