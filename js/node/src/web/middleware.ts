/** What the adapters of all servers share: handles on responses, and beacons to action spans. */
import { trace } from "@opentelemetry/api";

import { type Action, record } from "../actions.js";
import { announceRequest, currentScope, unannouncedHandle } from "../delivery.js";
import { Exchange } from "../exchange.js";
import type { Output } from "../output.js";
import { IDEMPOTENCY_KEY } from "../retries.js";
import { shared } from "../shared.js";
import type { Beacon } from "./beacon.js";
import { Endpoint, type EndpointOptions } from "./endpoint.js";

export const HANDLE_HEADER = "AI-Feedback-Handle";
const NO_BODY: readonly number[] = [204, 205, 304];

/** The endpoint of this process, whose actions it records itself. */
export function endpointHere(options: EndpointOptions): Endpoint {
  return new Endpoint({ record: recordHere, optedOut: optedOutHere, now: nowNs }, options);
}

/** The exchange of a request that has just come in. */
export function newExchange(header: (name: string) => string | null | undefined): Exchange {
  const retry = shared.retries.isRetry(header(IDEMPOTENCY_KEY), performance.now());
  const exchange = new Exchange(!optedOutHere(header), retry, announce, recordLeaving);
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
  if (request.newest) announceRequest(capture, request);
  return unannouncedHandle(capture, request);
}

/** The value of Access-Control-Expose-Headers with ours: a page of another origin sees only those. */
export function exposed(before: string | null | undefined): string {
  return before ? `${before}, ${HANDLE_HEADER}` : HANDLE_HEADER;
}

function bindCurrent(exchange: Exchange): void {
  const span = trace.getActiveSpan();
  const request = span && shared.spans.get(span)?.request;
  if (request) exchange.bind(request);
}

function announce(request: Parameters<typeof announceRequest>[1]): void {
  if (shared.capture) announceRequest(shared.capture, request);
}

function optedOutHere(header: (name: string) => string | null | undefined): boolean {
  return shared.capture?.requestOptedOut(header) === true;
}

function nowNs(): bigint {
  return BigInt(Math.floor(shared.capture?.clock() ?? Date.now())) * 1_000_000n;
}

function recordHere(beacon: Beacon, size: number): boolean {
  const { capture } = shared;
  if (!capture?.active) {
    shared.guard.refused("not_instrumented", "beacons are refused before instrument()");
    return false;
  }
  return capture.worker.submit(size, () => {
    for (const { handle, action } of beacon.reported) {
      shared.guard.run("recording a beacon", false, () => record(capture, { target: handle }, action));
    }
  });
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
