/** A beacon: what a page says that its user did, read from bytes that anybody may have sent. */
import type { Action } from "../actions.js";
import { REASONS } from "../names.js";
import { isMapping, type Mapping } from "../sources/source.js";

export const MAX_BYTES = 64 * 1024;
const MAX_ACTIONS = 100;
const MAX_ACTION_ID = 128;
const MAX_HANDLE = 128;
// More of one kind on one answer is no page of ours, which sends each when it happens.
export const MAX_REPEATS = 20;
// A page that lost more was open for longer than anybody would have it.
const MOST_LOST = 1_000_000;
const NS_PER_MS = 1_000_000;
// A page that was asleep sends late; any time at all could make an old output used.
const LONGEST_AGO = 3600 * 1e9;

/** It is no beacon, and the status says in what way. */
export class RefusedBeacon extends Error {
  constructor(
    readonly status: 400 | 413,
    message: string,
  ) {
    super(message);
  }
}

export interface Beacon {
  /** Its actions that have the right form, not yet verified. */
  readonly reported: { readonly handle: string; readonly action: Action }[];
  /** One reason for each of the others. */
  readonly refused: string[];
}

class RefusedEntry extends Error {}

/** Reads a beacon. The time of an action is worked out from how long before the sending it happened:
 * a client's clock may be wrong by years, but it runs on. */
export function readBeacon(
  body: Uint8Array, nowNs: bigint, source: "browser" | "api", browser?: string,
  ownReasons: readonly string[] = [],
): Beacon {
  const content = parsed(body);
  if (!isMapping(content)) {
    throw new RefusedBeacon(400, "the body must be a JSON object with 'sent' and 'actions'");
  }
  const sent = number(content.sent);
  if (sent === undefined) {
    throw new RefusedBeacon(400, "'sent' must be a number of milliseconds since the epoch");
  }
  const entries = content.actions;
  if (!Array.isArray(entries)) throw new RefusedBeacon(400, "'actions' must be a list");
  if (entries.length > MAX_ACTIONS) {
    throw new RefusedBeacon(413, `a beacon takes up to ${MAX_ACTIONS} actions`);
  }
  const beacon: Beacon = { reported: [], refused: [] };
  for (const entry of entries) {
    try {
      const found = reported(entry, sent, nowNs, source, browser, [...REASONS, ...ownReasons]);
      beacon.reported.push(found);
      // What was done counts all the same.
      if ((entry as Mapping).reason != null && found.action.reason === undefined) {
        beacon.refused.push("bad_reason");
      }
    } catch (error) {
      if (!(error instanceof RefusedEntry)) throw error;
      beacon.refused.push(error.message);
    }
  }
  if (mostAlike(beacon) > MAX_REPEATS) {
    throw new RefusedBeacon(400, `one action is reported on one answer more than ${MAX_REPEATS} times`);
  }
  return beacon;
}

/** The beacon, with its actions marked as those of a program. */
export const ofNoUser = ({ reported, refused }: Beacon): Beacon => ({
  reported: reported.map(({ handle, action }) => ({ handle, action: { ...action, probe: true } })),
  refused,
});

/** How many actions of one kind it reports on one answer. */
function mostAlike({ reported }: Beacon): number {
  // Most beacons have too few for it.
  if (reported.length <= MAX_REPEATS) return 0;
  const ids = new Map<string, Set<string>>();
  for (const { handle, action } of reported) {
    const key = `${action.name} ${handle}`;
    const found = ids.get(key) ?? new Set();
    ids.set(key, found.add(action.givenId ?? ""));
  }
  return Math.max(...[...ids.values()].map(({ size }) => size));
}

function parsed(body: Uint8Array): unknown {
  try {
    return JSON.parse(new TextDecoder("utf-8", { fatal: true }).decode(body));
  } catch (error) {
    const why = String((error as Error).message).split("\n")[0].slice(0, 120);
    throw new RefusedBeacon(400, `the body is not JSON: ${why}`);
  }
}

function reported(
  entry: unknown, sent: number, nowNs: bigint, source: string, browser: string | undefined,
  reasons: readonly unknown[],
): Beacon["reported"][0] {
  if (!isMapping(entry)) throw new RefusedEntry("bad_action");
  const { handle, action_id: givenId, action: name, method, reason } = entry;
  if (typeof handle !== "string" || handle.length > MAX_HANDLE) throw new RefusedEntry("handle_malformed");
  // The page could not tell which of several answers was meant; it does not guess.
  if (!handle) throw new RefusedEntry("unplaced");
  // Without an id an action that is sent again would count again.
  if (typeof givenId !== "string" || !givenId || Array.from(givenId).length > MAX_ACTION_ID) {
    throw new RefusedEntry("bad_action_id");
  }
  if (typeof name !== "string") throw new RefusedEntry("bad_action");
  const at = number(entry.time);
  if (at === undefined) throw new RefusedEntry("bad_time");
  const ago = Math.min(Math.max((sent - at) * NS_PER_MS, 0), LONGEST_AGO);
  if (method != null && typeof method !== "string") throw new RefusedEntry("bad_value");
  const checkpoint = optional(entry, "checkpoint");
  if (checkpoint !== undefined && !Number.isInteger(checkpoint)) throw new RefusedEntry("bad_value");
  const lost = optional(entry, "lost");
  if (lost !== undefined && !(Number.isInteger(lost) && lost > 0 && lost <= MOST_LOST)) {
    throw new RefusedEntry("bad_value");
  }
  const action: Action = {
    name, givenId, source, time: nowNs - BigInt(Math.trunc(ago)),
    value: optional(entry, "value"),
    keptShare: optional(entry, "kept_share"),
    scrollDepth: optional(entry, "scroll_depth"),
    selectedShare: optional(entry, "selected_share"),
    checkpoint, method: method ?? undefined, lost, browser,
    reason: reasons.includes(reason) ? (reason as string) : undefined,
  };
  return { handle, action };
}

function optional(entry: Mapping, field: string): number | undefined {
  const given = entry[field];
  if (given === undefined || given === null) return undefined;
  const found = number(given);
  if (found === undefined) throw new RefusedEntry("bad_value");
  return found;
}

const number = (given: unknown): number | undefined =>
  typeof given === "number" && Number.isFinite(given) ? given : undefined;
