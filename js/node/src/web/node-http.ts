/** For servers on Node's own http module, as Express and Fastify are. */
import type { IncomingMessage, OutgoingHttpHeaders, ServerResponse } from "node:http";

import type { Exchange } from "../exchange.js";
import { shared } from "../shared.js";
import { MAX_BYTES } from "./beacon.js";
import type { Endpoint } from "./endpoint.js";
import type { HttpAnswer, HttpRequest } from "./http.js";
import { exposed, HANDLE_HEADER, handleFor, newExchange, preamble, type Sse } from "./middleware.js";

/** The path of a request below the prefix, or nothing if it is the application's. */
export function pathBelow(endpoint: Endpoint, path: string): string | undefined {
  return shared.guard.run("looking at a path", undefined, () => endpoint.pathBelow(path.split("?", 1)[0]));
}

/** Answers a request under the prefix; whether it was one. */
export function answerBeacon(
  endpoint: Endpoint, path: string, request: IncomingMessage, response: ServerResponse,
): boolean {
  const question = path.indexOf("?");
  const below = pathBelow(endpoint, path);
  if (below === undefined) return false;
  const found = requestOf(below, question < 0 ? "" : path.slice(question + 1), request);
  const fail = (error: unknown): void => {
    shared.guard.failed("answering a beacon", error);
    if (!response.headersSent) response.writeHead(500, { "Content-Length": "0" });
    response.end();
  };
  try {
    const early = endpoint.beforeBody(found);
    if (early) send(response, early);
    else receive(endpoint, found, request, response, fail);
  } catch (error) {
    fail(error);
  }
  return true;
}

function receive(
  endpoint: Endpoint, found: HttpRequest, request: IncomingMessage, response: ServerResponse,
  fail: (error: unknown) => void,
): void {
  const chunks: Uint8Array[] = [];
  let size = 0;
  let over = false;
  request.on("data", (chunk: Uint8Array) => {
    size += chunk.length;
    if (size <= MAX_BYTES) {
      chunks.push(chunk);
    } else if (!over) {
      over = true;
      try {
        send(response, endpoint.tooLarge(found));
      } catch (error) {
        fail(error);
      }
    }
  });
  request.on("end", () => {
    if (over) return;
    try {
      send(response, endpoint.take(found, Buffer.concat(chunks)));
    } catch (error) {
      fail(error);
    }
  });
  // The client has gone, and nobody waits for an answer.
  request.on("error", () => undefined);
}

/** Runs what answers a request, as the exchange that its model calls belong to. */
export function exchanged(
  request: IncomingMessage, response: ServerResponse, sse: Sse, next: () => void,
): void {
  const exchange = shared.guard.run("the middleware", undefined, () => {
    const found = newExchange((name) => joined(request.headers[name]));
    watch(found, request, response, sse);
    return found;
  });
  if (exchange) shared.exchanges.run(exchange, next);
  else next();
}

function watch(exchange: Exchange, request: IncomingMessage, response: ServerResponse, sse: Sse): void {
  const { writeHead } = response;
  let sent = 0;
  let first: Uint8Array | undefined;
  const began = (): number => response.socket?.bytesWritten ?? 0;
  // By writeHead go all responses, those that set headers one by one included.
  response.writeHead = function (this: ServerResponse, ...given: unknown[]): ServerResponse {
    response.writeHead = writeHead;
    const changed = shared.guard.run("putting a handle on a response", given, () => {
      const found = withHandle(exchange, request, response, given, sse);
      first = found.first;
      return found.given;
    });
    sent = began();
    return (writeHead as (...given: unknown[]) => ServerResponse).apply(this, changed);
  } as typeof response.writeHead;
  watchBody(exchange, response, sse, () => {
    const found = first;
    first = undefined;
    return found;
  });
  response.once("close", () => {
    shared.guard.run("accounting for a client that left", undefined, () => {
      if (response.writableFinished) exchange.end();
      else exchange.clientLeft(shared.capture?.clock() ?? Date.now(), share(response, began() - sent));
    });
  });
  response.once("finish", () =>
    shared.guard.run("accounting for a response", undefined, () => exchange.end()),
  );
}

/** Has the exchange know the parts of the body, and puts what goes before it there. */
function watchBody(
  exchange: Exchange, response: ServerResponse, sse: Sse, takeFirst: () => Uint8Array | undefined,
): void {
  const write = response.write as (...given: unknown[]) => boolean;
  const end = response.end as (...given: unknown[]) => ServerResponse;
  const sent = (part: unknown, encoding: unknown): void =>
    shared.guard.run("accounting for a response", undefined, () => {
      if (part instanceof Uint8Array) exchange.partSent(part);
      else if (typeof part === "string") exchange.partSent(Buffer.from(part, encodingOf(encoding)));
    });
  // Headers leave with the first part where nothing asked for them before, and say what goes first.
  const begin = (): void => {
    if (sse === "off") return;
    if (!response.headersSent) response.writeHead(response.statusCode);
    const first = takeFirst();
    if (first) write.call(response, first);
  };
  response.write = function (this: ServerResponse, ...given: unknown[]): boolean {
    begin();
    const done = write.apply(this, given);
    sent(given[0], given[1]);
    return done;
  } as typeof response.write;
  response.end = function (this: ServerResponse, ...given: unknown[]): ServerResponse {
    begin();
    const done = end.apply(this, given);
    sent(given[0], given[1]);
    return done;
  } as typeof response.end;
}

const encodingOf = (given: unknown): BufferEncoding =>
  typeof given === "string" ? (given as BufferEncoding) : "utf8";

/** The arguments of writeHead, with the handle on the response, and what goes before its body. */
function withHandle(
  exchange: Exchange, request: IncomingMessage, response: ServerResponse, given: unknown[], sse: Sse,
): { given: unknown[]; first?: Uint8Array } {
  const status = Number(given[0]);
  const last = given.at(-1);
  const headers = given.length > 1 && typeof last === "object" && last !== null ? last : undefined;
  const find = (name: string): string | undefined => headerIn(headers, name) ?? joined(response.getHeader(name));
  const handle = handleFor(exchange, status, find("content-length") !== undefined);
  if (handle === undefined) return { given };
  const first = preamble(find, handle, sse);
  const added: [string, string][] = [[HANDLE_HEADER, handle]];
  if (request.headers.origin !== undefined) {
    added.push(["Access-Control-Expose-Headers", exposed(find("access-control-expose-headers"))]);
  }
  if (Array.isArray(headers)) {
    // Raw pairs, which setHeader does not go with.
    return { given: [...given.slice(0, -1), [...headers, ...added.flat()]], first };
  }
  if (headers) {
    const kept = Object.entries(headers as OutgoingHttpHeaders).filter(
      ([name]) => name.toLowerCase() !== "access-control-expose-headers" || added.length < 2,
    );
    return { given: [...given.slice(0, -1), Object.fromEntries([...kept, ...added])], first };
  }
  for (const [name, value] of added) response.setHeader(name, value);
  return { given, first };
}

function headerIn(headers: object | undefined, name: string): string | undefined {
  if (!headers) return undefined;
  if (Array.isArray(headers)) {
    const flat = headers.flat() as unknown[];
    const at = flat.findIndex((one, index) => index % 2 === 0 && String(one).toLowerCase() === name);
    return at < 0 ? undefined : joined(flat[at + 1]);
  }
  const found = Object.entries(headers).find(([one]) => one.toLowerCase() === name);
  return found && joined(found[1]);
}

/** Share of the body that had been sent, where its length is known. */
function share(response: ServerResponse, bytes: number): number | undefined {
  if (!response.headersSent) return 0;
  const length = Number(response.getHeader("content-length"));
  return length > 0 ? Math.min(Math.max(bytes, 0) / length, 1) : undefined;
}

function requestOf(path: string, query: string, request: IncomingMessage): HttpRequest {
  const headers: Record<string, string> = {};
  for (const [name, value] of Object.entries(request.headers)) {
    const text = joined(value);
    if (text !== undefined) headers[name] = text;
  }
  return { method: request.method ?? "", path, query, headers, peer: request.socket.remoteAddress ?? "" };
}

function send(response: ServerResponse, answer: HttpAnswer): void {
  response.writeHead(answer.status, Object.fromEntries(answer.headers));
  response.end(answer.body);
}

function joined(value: unknown): string | undefined {
  if (value === undefined || value === null) return undefined;
  return Array.isArray(value) ? value.join(", ") : String(value as string | number);
}
