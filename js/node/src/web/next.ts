/** For Next.js, in the Node.js and in the edge runtime.
 *
 * The endpoint is a route of its own. A folder that begins with an underscore is private in Next.js,
 * so it is written `app/%5Fai_feedback/[...path]/route.ts`:
 *
 *     export { GET, HEAD, OPTIONS, POST } from "@otel-ai-feedback/node/next";
 */
import type { EndpointOptions } from "./endpoint.js";
import { endpointHere } from "./middleware.js";
import { answerRequest } from "./web.js";

export type { EndpointOptions } from "./endpoint.js";
export { scriptProps, scriptTag } from "./script-tag.js";
export { withFeedback } from "./web.js";

type Route = (request: Request) => Promise<Response>;

/** The endpoint with options: `export const { GET, HEAD, OPTIONS, POST } = feedbackRoute({ ... })`. */
export function feedbackRoute(
  options: EndpointOptions = {},
): { GET: Route; HEAD: Route; OPTIONS: Route; POST: Route } {
  // The server of Next.js sets X-Forwarded-For.
  const endpoint = endpointHere({ trustedProxies: 1, ...options });
  const route: Route = (request) => {
    const url = new URL(request.url);
    // Behind a base path, or wherever else the route stands.
    const at = url.pathname.lastIndexOf("/");
    return answerRequest(endpoint, url.pathname.slice(Math.max(at, 0)), url, request);
  };
  return { GET: route, HEAD: route, OPTIONS: route, POST: route };
}

export const { GET, HEAD, OPTIONS, POST } = feedbackRoute();
