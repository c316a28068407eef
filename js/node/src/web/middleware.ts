/** What the adapters of all servers share: handles on responses, and beacons to action spans. */
import { trace } from "@opentelemetry/api";

import { type Action, record } from "../actions.js";
import { currentScope, deliverAnswer, unannouncedHandle } from "../delivery.js";
import { Exchange } from "../exchange.js";
import type { Output } from "../output.js";
import type { Request } from "../request.js";
import { IDEMPOTENCY_KEY } from "../retries.js";
import { shared } from "../shared.js";
import { stateOf } from "../span-state.js";
import type { Beacon } from "./beacon.js";
import { Endpoint, type EndpointOptions } from "./endpoint.js";

export const HANDLE_HEADER = "AI-Feedback-Handle";
const NO_BODY: readonly number[] = [204, 205, 304];
const STREAM = "text/event-stream";
const SSE = ["comment", "event", "off"] as const;
const encoder = new TextEncoder();

export interface MiddlewareOptions extends EndpointOptions {
  /** `event` puts the handle into a stream of server-sent events as well, as its first event, named
   * `ai-feedback`, for an `EventSource`, which shows no headers; `comment` as a comment line before the
   * first event, for a parser that gives comments to the page. Other parsers may take either for part
   * of an answer: `off`, which is the default, leaves streams as they are. */
  sse?: Sse;
}

export type Sse = (typeof SSE)[number];

/** The option, or a mistake in it. */
export function sseOf({ sse = "off" }: MiddlewareOptions): Sse {
  if (!SSE.includes(sse)) throw new TypeError(`sse: '${String(sse)}' must be one of ${SSE.join(", ")}`);
  return sse;
}

/** What goes before the body of a stream of server-sent events: the handle, for a page that does not
 * see the headers. Nothing for any other response. */
export function preamble(
  header: (name: string) => string | null | undefined, handle: string, sse: Sse,
): Uint8Array | undefined {
  if (sse === "off" || header("content-encoding") || header("content-length")) return undefined;
  if ((header("content-type") ?? "").split(";")[0].trim().toLowerCase() !== STREAM) return undefined;
  // No blank line behind a comment, of which parsers in use make an empty message.
  const written = sse === "comment" ? `: ai-feedback ${handle}\n` : `event: ai-feedback\ndata: ${handle}\n\n`;
  return encoder.encode(written);
}

/** The endpoint of this process, whose actions it records itself. */
export function endpointHere(options: EndpointOptions): Endpoint {
  const ownReasons = (): readonly string[] => shared.capture?.settings.reasons ?? [];
  return new Endpoint({ record: recordHere, optedOut: optedOutHere, now: nowNs, ownReasons }, options);
}

/** The exchange of a request that has just come in. */
export function newExchange(header: (name: string) => string | null | undefined): Exchange {
  const retry = shared.retries.isRetry(header(IDEMPOTENCY_KEY), performance.now());
  const exchange = new Exchange(!optedOutHere(header), retry, answered, recordLeaving);
  bindCurrent(exchange);
  return exchange;
}

/** The handle that a response should carry, if it may show an output to somebody.
 *
 * A response whose length is known has been made already: it has no part in calls of a model that
 * have not ended yet. One whose length is not known may be waiting for them.
 */
export function handleFor(exchange: Exchange, status: number, complete: boolean): string | undefined {
  // An instrumentation of the framework may make its span within the middleware.
  if (!exchange.request) bindCurrent(exchange);
  const { capture } = shared;
  const { request } = exchange;
  if (!capture?.active || !request || !exchange.observed) return undefined;
  if (request.optedOut || currentScope()?.observed === false || !request.sampled) return undefined;
  if (!request.newest && (complete || NO_BODY.includes(status))) return undefined;
  exchange.handedOut = true;
  return unannouncedHandle(capture, request);
}

/** The value of Access-Control-Expose-Headers with ours: a page of another origin sees only those. */
export function exposed(before: string | null | undefined): string {
  return before ? `${before}, ${HANDLE_HEADER}` : HANDLE_HEADER;
}

function bindCurrent(exchange: Exchange): void {
  const span = trace.getActiveSpan();
  const request = span && stateOf(span)?.request;
  if (request) exchange.bind(request);
}

function answered(request: Request): void {
  const { capture } = shared;
  if (!capture) return;
  shared.guard.run("saying which output a response delivered", undefined, () => deliverAnswer(capture, request));
}

function optedOutHere(header: (name: string) => string | null | undefined): boolean {
  return shared.capture?.requestOptedOut(header) === true;
}

function nowNs(): bigint {
  return BigInt(Math.floor(shared.capture?.clock() ?? Date.now())) * 1_000_000n;
}

function recordHere(beacon: Beacon): boolean {
  const { capture } = shared;
  if (!capture?.active) {
    shared.guard.refused("not_instrumented", "beacons are refused before instrument()");
    return false;
  }
  return capture.strangers.submit(
    beacon.reported.map(({ handle, action }) => () => void record(capture, { target: handle }, action)),
  );
}

/** Records that the client went away while the output was being made. */
function recordLeaving(exchange: Exchange, output: Output): void {
  const { capture } = shared;
  if (!capture || exchange.leftAt === undefined) return;
  capture.guard.add("clients_left");
  const { traceId, spanId } = output;
  const time = BigInt(Math.floor(exchange.leftAt)) * 1_000_000n;
  const action: Action = { name: "close", value: exchange.readShare, givenId: "client left", source: "server", time };
  capture.worker.submit(0, () => {
    record(capture, { target: { traceId, spanId, traceFlags: 1 } }, action);
  });
}
