/** For Hono, on whichever runtime: `app.use(feedback())`. */
import { shared } from "../shared.js";
import { type MiddlewareOptions, newExchange, sseOf } from "./middleware.js";
import { feedbackEndpoint, withHandle } from "./web.js";

export type { MiddlewareOptions } from "./middleware.js";
export { scriptProps, scriptTag } from "./script-tag.js";

/** What is used of Hono's context. */
interface HonoContext {
  readonly req: { readonly raw: Request };
  res: Response;
}

/** Middleware that hands handles out with responses, serves the script and takes what it reports. */
export function feedback(
  options: MiddlewareOptions = {},
): (context: HonoContext, next: () => Promise<void>) => Promise<Response | undefined> {
  const answer = feedbackEndpoint(options);
  const sse = sseOf(options);
  return async (context, next) => {
    const request = context.req.raw;
    const found = await answer(request);
    if (found) return found;
    const exchange = shared.guard.run("the middleware", undefined, () =>
      newExchange((name) => request.headers.get(name)),
    );
    if (!exchange) {
      await next();
      return undefined;
    }
    await shared.exchanges.run(exchange, async () => {
      await next();
      shared.guard.run("putting a handle on a response", undefined, () => {
        const changed = withHandle(exchange, request, context.res, sse);
        if (changed === context.res) return;
        // Hono joins the headers of both, so the old response goes first.
        (context as { res: Response | undefined }).res = undefined;
        context.res = changed;
      });
    });
    return undefined;
  };
}
