/** For Express, Connect and Node's own http server. */
import type { IncomingMessage, ServerResponse } from "node:http";

import type { EndpointOptions } from "./endpoint.js";
import { endpointHere } from "./middleware.js";
import { answerBeacon, exchanged } from "./node-http.js";

export type { EndpointOptions } from "./endpoint.js";
export { scriptProps, scriptTag } from "./script-tag.js";

/** Middleware that hands handles out with responses, serves the script and takes what it reports.
 * Put it before middleware that compresses or reads bodies: `app.use(feedback())`. */
export function feedback(
  options: EndpointOptions = {},
): (request: IncomingMessage, response: ServerResponse, next: (error?: unknown) => void) => void {
  const endpoint = endpointHere(options);
  return (request, response, next) => {
    if (!answerBeacon(endpoint, request.url ?? "/", request, response)) {
      exchanged(request, response, () => next());
    }
  };
}
