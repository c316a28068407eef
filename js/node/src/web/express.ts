/** For Express, Connect and Node's own http server. */
import type { IncomingMessage, ServerResponse } from "node:http";

import { endpointHere, type MiddlewareOptions, sseOf } from "./middleware.js";
import { answerBeacon, exchanged } from "./node-http.js";

export type { MiddlewareOptions } from "./middleware.js";
export { scriptProps, scriptTag } from "./script-tag.js";

/** Middleware that hands handles out with responses, serves the script and takes what it reports.
 * Put it before middleware that compresses or reads bodies: `app.use(feedback())`. */
export function feedback(
  options: MiddlewareOptions = {},
): (request: IncomingMessage, response: ServerResponse, next: (error?: unknown) => void) => void {
  const endpoint = endpointHere(options);
  const sse = sseOf(options);
  return (request, response, next) => {
    if (!answerBeacon(endpoint, request.url ?? "/", request, response)) {
      exchanged(request, response, sse, () => next());
    }
  };
}
