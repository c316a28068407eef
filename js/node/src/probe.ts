/** Synthetic probes: requests that no user made, and that must not count anywhere. */
import { type Context, propagation } from "@opentelemetry/api";

import { PROBE } from "./names.js";
import type { Attributes } from "./sources/source.js";

const NO = ["", "0", "false"];

/** Whether the baggage of a context marks a probe. */
export function isProbe(context: Context): boolean {
  const mark = propagation.getBaggage(context)?.getEntry(PROBE)?.value;
  return mark !== undefined && !NO.includes(mark.toLowerCase());
}

/** Whether a request is marked as a probe, by the attributes of its first span. */
export const marksProbe = (attributes: Attributes): boolean => attributes[PROBE] === true;
