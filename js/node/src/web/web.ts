/** For whatever answers a web-standard `Request` with a `Response`: Next.js, SvelteKit, Remix, Bun,
 * Deno, Cloudflare Workers. */
import type { Exchange } from "../exchange.js";
import { shared } from "../shared.js";
import { MAX_BYTES } from "./beacon.js";
import type { Endpoint, EndpointOptions } from "./endpoint.js";
import type { HttpAnswer, HttpRequest } from "./http.js";
import {
  endpointHere, exposed, HANDLE_HEADER, handleFor, newExchange, preamble, type Sse, sseOf,
} from "./middleware.js";

export type { EndpointOptions } from "./endpoint.js";
export { scriptProps, scriptTag } from "./script-tag.js";

/** Answers everything under the prefix; undefined for a request that is the application's.
 *
 * A `Request` does not say who sent it, so one proxy is taken for granted: the server that made the
 * `Request` and set `X-Forwarded-For`. `trustedProxies` says if there are more.
 */
export function feedbackEndpoint(
  options: EndpointOptions = {},
): (request: Request) => Promise<Response | undefined> {
  const endpoint = endpointHere({ trustedProxies: 1, ...options });
  return async (request) => {
    const ours = shared.guard.run("looking at a path", undefined, () => {
      const url = new URL(request.url);
      const below = endpoint.pathBelow(url.pathname);
      return below === undefined ? undefined : { below, url };
    });
    return ours && answerRequest(endpoint, ours.below, ours.url, request);
  };
}

/** Answers a request whose path below the prefix is known. */
export async function answerRequest(
  endpoint: Endpoint, below: string, url: URL, request: Request,
): Promise<Response> {
  try {
    const found = requestOf(below, url, request);
    return responseOf(endpoint.beforeBody(found) ?? (await taken(endpoint, found, request)));
  } catch (error) {
    shared.guard.failed("answering a beacon", error);
    return new Response(null, { status: 500 });
  }
}

/** Wraps what answers a request, so that its response carries a handle. */
export function withFeedback<Rest extends unknown[], Answer extends Response>(
  handler: (request: Request, ...rest: Rest) => Answer | Promise<Answer>, options: { sse?: Sse } = {},
): (request: Request, ...rest: Rest) => Promise<Response> {
  const sse = sseOf(options);
  return async (request, ...rest) => {
    const exchange = shared.guard.run("the middleware", undefined, () =>
      newExchange((name) => request.headers.get(name)),
    );
    if (!exchange) return handler(request, ...rest);
    return shared.exchanges.run(exchange, async () => {
      const response = await handler(request, ...rest);
      return shared.guard.run("putting a handle on a response", response as Response, () =>
        withHandle(exchange, request, response, sse),
      );
    });
  };
}

/** The response with a handle. Its body is watched, and cancelled when the response is. */
export function withHandle(
  exchange: Exchange, request: Request, response: Response, sse: Sse,
): Response {
  // A text or a JSON value has been made already, whether or not its length stands on it.
  const complete = response.body === null || response.headers.has("content-length");
  const handle = handleFor(exchange, response.status, complete);
  if (handle === undefined || response.body === null) {
    exchange.end();
    if (handle === undefined) return response;
  }
  const headers = new Headers(response.headers);
  headers.set(HANDLE_HEADER, handle);
  if (request.headers.has("origin")) {
    headers.set("Access-Control-Expose-Headers", exposed(headers.get("access-control-expose-headers")));
  }
  const { status, statusText } = response;
  const first = preamble((name) => headers.get(name), handle, sse);
  const body = response.body && watched(response.body, exchange, first);
  return new Response(body, { status, statusText, headers });
}

function watched(
  body: ReadableStream<Uint8Array>, exchange: Exchange, first: Uint8Array | undefined,
): ReadableStream<Uint8Array> {
  const reader = body.getReader();
  let before = first;
  return new ReadableStream<Uint8Array>(
    {
      async pull(controller) {
        if (before) {
          controller.enqueue(before);
          before = undefined;
          return;
        }
        const { done, value } = await reader.read();
        if (done) {
          shared.guard.run("accounting for a response", undefined, () => exchange.end());
          controller.close();
        } else {
          controller.enqueue(value);
          shared.guard.run("accounting for a response", undefined, () => exchange.partSent(value));
        }
      },
      cancel(reason) {
        shared.guard.run("accounting for a client that left", undefined, () =>
          exchange.clientLeft(shared.capture?.clock() ?? Date.now(), undefined),
        );
        return reader.cancel(reason);
      },
    },
    // Nothing is read ahead of the client.
    { highWaterMark: 0 },
  );
}

async function taken(endpoint: Endpoint, found: HttpRequest, request: Request): Promise<HttpAnswer> {
  const chunks: Uint8Array[] = [];
  let size = 0;
  const reader = request.body?.getReader();
  for (;;) {
    const piece = await reader?.read();
    if (!piece || piece.done) break;
    size += piece.value.length;
    if (size > MAX_BYTES) {
      await reader?.cancel();
      return endpoint.tooLarge(found);
    }
    chunks.push(piece.value);
  }
  const body = new Uint8Array(size);
  let at = 0;
  for (const chunk of chunks) {
    body.set(chunk, at);
    at += chunk.length;
  }
  return endpoint.take(found, body);
}

function requestOf(path: string, url: URL, request: Request): HttpRequest {
  const headers: Record<string, string> = {};
  request.headers.forEach((value, name) => {
    // To compress is the server's part here; some take the encoding off a response that has one.
    if (name !== "accept-encoding") headers[name] = value;
  });
  // Where a runtime keeps it from the headers, the address of the request has it.
  headers.host ??= url.host;
  return { method: request.method, path, query: url.search.slice(1), headers, peer: "" };
}

function responseOf(answer: HttpAnswer): Response {
  const empty = !answer.body.length;
  return new Response(empty ? null : (answer.body as BodyInit), {
    status: answer.status, headers: answer.headers as [string, string][],
  });
}
