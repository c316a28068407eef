/** What is remembered of an output after its span has ended: ids and numbers, no text. */
import type { Handle } from "./handles.js";

export interface Output {
  readonly traceId: string;
  readonly spanId: string;
  /** Start of its span in whole seconds. */
  readonly time: number;
  hasText: boolean;
  /** Whether a handle for it has left. */
  delivered: boolean;
  /** Whether it calls tools, so that it is a step when another model call follows. */
  calls: boolean;
  /** Whether parts of the response were sent while it was being made. */
  streamed: boolean;
  /** Whether the response that it may be the answer of has not ended, so that it is too early to tell. */
  open: boolean;
  /** Whether the application said that it is the answer, or the response holds it. */
  marked: boolean;
  /** Whether the worker has not come to it yet, and will say then that a handle has left. */
  waits: boolean;
  /** The attributes of its span, until they are read. */
  unread?: Record<string, unknown>;
  hash?: string;
  responseId?: string;
  conversationId?: string;
  sessionId?: string;
  subject?: string;
  feature?: string;
  /** Local root span of the request that it may be the answer of; none for a step on the way. */
  requestSpanId?: string;
}

export const handleOf = ({ traceId, spanId, time }: Output): Handle => ({
  kind: "output", traceId, spanId, time, sampled: true,
});
