/** For versions of the AI SDK before its telemetry integrations: around the model itself. */
import { trace } from "@opentelemetry/api";

import { observe } from "./ai-sdk-integration.js";
import { shared } from "./shared.js";


/** Middleware for `wrapLanguageModel({ model, middleware: feedbackModelMiddleware() })`: answers are
 * seen although `recordOutputs` is false. The AI SDK 7 does not need it. */
export function feedbackModelMiddleware(): {
  wrapGenerate<T>(call: { doGenerate: () => PromiseLike<T>; params: { prompt?: unknown } }): Promise<T>;
  wrapStream<T>(call: { doStream: () => PromiseLike<T>; params: { prompt?: unknown } }): Promise<T>;
} {
  const around = async <T>(run: () => PromiseLike<T>, params: { prompt?: unknown }): Promise<T> => {
    const span = trace.getActiveSpan();
    const result = await run();
    return shared.guard.run("reading an answer of the AI SDK", result, () =>
      observe(span, params.prompt, result) as T,
    );
  };
  return {
    wrapGenerate: ({ doGenerate, params }) => around(doGenerate, params),
    wrapStream: ({ doStream, params }) => around(doStream, params),
  };
}
