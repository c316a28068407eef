/** The agent that an LLM call belongs to, and which LLM feature of the service makes it. */
import { attributesOf } from "./capture.js";
import type { SpanState } from "./request.js";
import type { Scope } from "./scope.js";
import { stateOf } from "./span-state.js";
import type { Attributes } from "./sources/source.js";

const AGENT = "gen_ai.agent.name";
// What the AI SDK calls the function that makes the call.
const FUNCTION = "ai.telemetry.functionId";
const MAX_ANCESTORS = 32;
const NOTHING: Attributes = {};

/** Attributes of the span that names the agent: the LLM span, else the nearest open one above it. */
export function agentOf(from: SpanState, attributes: Attributes): Attributes {
  if (nameOf(attributes)) return attributes;
  let state: SpanState | undefined = from;
  for (let left = MAX_ANCESTORS; state && left; left--) {
    const above = state.parent();
    if (!above) return NOTHING;
    const found = attributesOf(above);
    if (nameOf(found)) return found;
    state = stateOf(above);
  }
  return NOTHING;
}

/** What the application said, else the agent, else the route of the request. */
export function featureOf(
  scope: Scope | undefined, agent: Attributes, root: Attributes,
): string | undefined {
  // Next.js names the route of its first span so.
  return scope?.feature ?? nameOf(agent) ?? named(root["http.route"]) ?? named(root["next.route"]);
}

const nameOf = (attributes: Attributes): string | undefined =>
  named(attributes[AGENT]) ?? named(attributes[FUNCTION]);

const named = (value: unknown): string | undefined =>
  typeof value === "string" && value ? value : undefined;
