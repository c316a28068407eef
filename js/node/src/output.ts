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
