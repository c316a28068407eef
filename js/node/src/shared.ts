/** What all copies of this package in a process share.
 *
 * There are often several: one as ES module and one as CommonJS, and bundlers make one for each
 * bundle (Next.js has its instrumentation file in another bundle than its routes).
 */
import type { Capture } from "./capture.js";
import type { Exchange } from "./exchange.js";
import { Guard } from "./guard.js";
import { Retries } from "./retries.js";
import { asyncLocal, type Local } from "./runtime.js";
import type { Scope } from "./scope.js";

export interface Shared {
  readonly guard: Guard;
  /** Capture of this process, while it is switched on. */
  capture?: Capture;
  readonly scopes: Local<Scope>;
  readonly exchanges: Local<Exchange>;
  readonly retries: Retries;
}

const NAME = Symbol.for("otel-ai-feedback.node.0");
const holder = globalThis as { [NAME]?: Shared };

export const shared: Shared = (holder[NAME] ??= {
  guard: new Guard(),
  scopes: asyncLocal<Scope>(),
  exchanges: asyncLocal<Exchange>(),
  retries: new Retries(),
});
