/** Synthetic probes: requests that no user made, and that must not count anywhere. */
import { type Context, propagation } from "@opentelemetry/api";

import { PROBE } from "./names.js";

const NO = ["", "0", "false"];

/** Whether the baggage of a context marks a probe. */
export function isProbe(context: Context): boolean {
  const mark = propagation.getBaggage(context)?.getEntry(PROBE)?.value;
  return mark !== undefined && !NO.includes(mark.toLowerCase());
}

/** Whether a request is marked as synthetic traffic, by the attributes of its first span. */
export function isSynthetic(attributes: Readonly<Record<string, unknown>>): boolean {
  return !!attributes["user_agent.synthetic.type"] || attributes[PROBE] === true;
}
