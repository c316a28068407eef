/** For Fastify: `await app.register(feedback, options)`. */
import type { IncomingMessage, ServerResponse } from "node:http";

import type { Exchange } from "../exchange.js";
import { shared } from "../shared.js";
import { endpointHere, type MiddlewareOptions, sseOf } from "./middleware.js";
import { answerBeacon, exchanged, pathBelow } from "./node-http.js";

export type { MiddlewareOptions } from "./middleware.js";
export { scriptProps, scriptTag } from "./script-tag.js";

/** What is used of Fastify, of any version since 4. */
interface Instance {
  addHook(
    name: "onRequest" | "preValidation",
    hook: (
      request: { raw: IncomingMessage },
      reply: { raw: ServerResponse; hijack(): unknown },
      done: () => void,
    ) => void,
  ): unknown;
}

/** Plugin that hands handles out with responses, serves the script and takes what it reports. */
export function feedback(app: Instance, options: MiddlewareOptions, done: (error?: Error) => void): void {
  try {
    addHooks(app, options);
    done();
  } catch (error) {
    // What a plugin throws ends the process; what it hands over is what `register()` rejects with.
    done(error as Error);
  }
}

function addHooks(app: Instance, options: MiddlewareOptions): void {
  const endpoint = endpointHere(options);
  const sse = sseOf(options);
  const exchanges = new WeakMap<IncomingMessage, Exchange>();
  app.addHook("onRequest", (request, reply, next) => {
    if (pathBelow(endpoint, request.raw.url ?? "") === undefined) {
      exchanged(request.raw, reply.raw, sse, () => {
        const exchange = shared.exchanges.getStore();
        if (exchange) exchanges.set(request.raw, exchange);
        next();
      });
      return;
    }
    reply.hijack();
    answerBeacon(endpoint, request.raw.url ?? "/", request.raw, reply.raw);
  });
  // A body arrives in the context of its connection, in which the exchange is not current.
  app.addHook("preValidation", (request, _reply, next) => {
    const exchange = exchanges.get(request.raw);
    if (exchange) shared.exchanges.run(exchange, next);
    else next();
  });
}

// For all routes of the application, not of this plugin alone.
Object.assign(feedback, { [Symbol.for("skip-override")]: true, [Symbol.for("fastify.display-name")]: "feedback" });
