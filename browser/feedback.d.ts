/** Types of the modules for back ends and tools. The script itself has no interface: it reads the page. */

/** Each run of ASCII whitespace as one space, the ends trimmed; no case folding, no Unicode form. */
export function normalise(text: string): string;

/**
 * Hash of an output, as `ai_feedback.output.hash` carries it.
 *
 * @param text any text; it is normalised first
 * @param key secret for HMAC-SHA256; without one it is plain SHA-256
 * @returns `hmac-sha256:` or `sha256:` and 32 hexadecimal digits
 */
export function hash(text: string, key?: Uint8Array | string): Promise<string>;

/** What `data-ai-action` may say; a rating has its number behind a colon. */
export type Control =
  | "accept"
  | "reject"
  | "undo"
  | "insert"
  | "regenerate"
  | "share"
  | "followed"
  | `rating:${number}`;

/** The markup that the script reads, for JSX and templates that are type-checked. */
export interface FeedbackAttributes {
  /** Handle of the answer that the element shows; empty until it is known. */
  "data-ai-output"?: string;
  /** Handle of the answer that the textarea, input or contenteditable starts from. */
  "data-ai-draft"?: string;
  "data-ai-action"?: Control;
  /** Why, beside an action. */
  "data-ai-reason"?: Reason;
}

/** The codes that a reason may be. */
export type Reason =
  | "incorrect"
  | "incomplete"
  | "irrelevant"
  | "outdated"
  | "unsafe"
  | "too_long"
  | "style"
  | "other";

/** What a marked editor may have, so that its text is known where only a part of it is drawn. */
export interface DraftElement extends Element {
  aiText?: () => string;
}

/** Attributes of the script tag. */
export interface ScriptAttributes {
  /** Where the actions go; beside the script by default. */
  "data-ai-endpoint"?: string;
  /** Nothing is seen of visitors whose browser sends Global Privacy Control. */
  "data-ai-respect-gpc"?: boolean | "";
}

/** One action, as a beacon carries it. */
export interface Action {
  action_id: string;
  /** Empty when the page cannot tell which answer is meant. */
  handle: string;
  action: "seen" | "copy" | "edit" | "dwell" | "close" | Exclude<Control, `rating:${number}`> | "rating";
  /** Milliseconds since the epoch, by the client's clock. */
  time: number;
  /** copy: share of the answer; edit: edit ratio; dwell: seconds; close: read ratio; rating: its number. */
  value?: number | null;
  /** edit: share of the given characters that are still there. */
  kept_share?: number;
  /** edit: seconds after which the draft was looked at; absent when it was used. */
  checkpoint?: 30 | 120 | 300 | 600 | 900;
  /** dwell: share of the answer's height that was on screen. */
  scroll_depth?: number;
  /** dwell: greatest share of the answer that was selected. */
  selected_share?: number;
  /** copy: how; share: `print`. */
  method?: "selection" | "button" | "drag" | "print";
  reason?: Reason;
  /** How many actions the page could not deliver since it last said so. */
  lost?: number;
}

/** Body of a request to the endpoint, as `text/plain`. */
export interface Beacon {
  /** Milliseconds since the epoch, by the client's clock. */
  sent: number;
  /** At most 50. */
  actions: Action[];
}
