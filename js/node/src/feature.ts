/** Which LLM feature of the service an output belongs to, when the settings do not say. */
import { attributesOf } from "./capture.js";
import type { SpanState } from "./request.js";
import { shared } from "./shared.js";
import type { Attributes } from "./sources/source.js";

const AGENT = "gen_ai.agent.name";
const FUNCTION = "ai.telemetry.functionId";
const MAX_ANCESTORS = 32;

/** What the application said, else the agent, else the route of the request. */
export function featureOf(state: SpanState, attributes: Attributes, root: Attributes): string | undefined {
  if (state.scope?.feature !== undefined) return state.scope.feature;
  const own = agentOf(attributes) ?? agentAbove(state);
  // Next.js names the route of its first span so.
  return own ?? named(root["http.route"]) ?? named(root["next.route"]);
}

/** The nearest agent span that is still open; a model call rarely names its agent itself. */
function agentAbove(from: SpanState): string | undefined {
  let state: SpanState | undefined = from;
  for (let left = MAX_ANCESTORS; state && left; left--) {
    const above = state.parent();
    if (!above) return undefined;
    const agent = agentOf(attributesOf(above));
    if (agent !== undefined) return agent;
    state = shared.spans.get(above);
  }
  return undefined;
}

/** The agent, or what the AI SDK calls the function that makes the call. */
const agentOf = (attributes: Attributes): string | undefined =>
  named(attributes[AGENT]) ?? named(attributes[FUNCTION]);

const named = (value: unknown): string | undefined =>
  typeof value === "string" && value ? value : undefined;
