/** How often one kind of action was reported on one answer, whatever beacons it came in. */
import { type Beacon, MAX_REPEATS } from "./beacon.js";

const MAX_KEPT = 4096;

/** Lets so many actions of a kind on an answer through; one that is sent again is the same one. */
export class Repeats {
  readonly #ids = new Map<string, Set<string>>();

  /** @param most How many answers and kinds are remembered; the one that was silent longest goes first. */
  constructor(private readonly most = MAX_KEPT) {}

  get size(): number {
    return this.#ids.size;
  }

  /** The same beacon; actions that are too many are refused in it. */
  within(beacon: Beacon): Beacon {
    const kept: Beacon = { reported: [], refused: [...beacon.refused] };
    for (const reported of beacon.reported) {
      const ids = this.#idsOf(`${reported.action.name} ${reported.handle}`);
      const given = reported.action.givenId ?? "";
      if (ids.has(given) || ids.size < MAX_REPEATS) {
        ids.add(given);
        kept.reported.push(reported);
      } else {
        kept.refused.push("repeated");
      }
    }
    return kept;
  }

  #idsOf(key: string): Set<string> {
    const ids = this.#ids.get(key) ?? new Set<string>();
    this.#ids.delete(key);
    this.#ids.set(key, ids);
    if (this.#ids.size > this.most) {
      for (const oldest of this.#ids.keys()) {
        this.#ids.delete(oldest);
        break;
      }
    }
    return ids;
  }
}
