/** How often one client may send: token buckets, of which only so many are kept. */

const BURST = 60;
const PER_SECOND = 2;
/** How many actions one client may report. */
export const ACTION_RATES: RateLimits = { burst: 256, perSecond: 10 };
const MAX_CLIENTS = 10_000;

export interface RateLimits {
  /** How many beacons a client may send at once. */
  burst?: number;
  /** How many it may go on sending. */
  perSecond?: number;
  /** How many clients are remembered. */
  maxClients?: number;
}

export class Rates {
  readonly #burst: number;
  readonly #perSecond: number;
  readonly #maxClients: number;
  readonly #buckets = new Map<string, { readonly tokens: number; readonly since: number }>();

  constructor({ burst = BURST, perSecond = PER_SECOND, maxClients = MAX_CLIENTS }: RateLimits = {}) {
    if (!(burst >= 1 && perSecond > 0 && maxClients >= 1)) {
      throw new RangeError("rates: burst, perSecond and maxClients must be above 0");
    }
    this.#burst = burst;
    this.#perSecond = perSecond;
    this.#maxClients = maxClients;
  }

  get size(): number {
    return this.#buckets.size;
  }

  /** Takes tokens: 0, or after how many seconds there are as many.
   *
   * @param now Milliseconds of any clock that does not go back.
   */
  take(address: string, now: number, wanted = 1): number {
    const client = network(address);
    const { tokens, since } = this.#buckets.get(client) ?? { tokens: this.#burst, since: now };
    this.#buckets.delete(client);
    const gained = (Math.max(now - since, 0) / 1000) * this.#perSecond;
    const left = Math.min(tokens + gained, this.#burst);
    const wait = left >= wanted ? 0 : Math.ceil((wanted - left) / this.#perSecond);
    this.#buckets.set(client, { tokens: left - (wait ? 0 : wanted), since: now });
    if (this.#buckets.size > this.#maxClients) {
      for (const oldest of this.#buckets.keys()) {
        this.#buckets.delete(oldest);
        break;
      }
    }
    return wait;
  }
}

/** What counts as one client: an IPv4 address, or the /64 that an IPv6 host chooses from. */
export function network(client: string): string {
  if (!client.includes(":")) return client.slice(0, 64);
  const words = wordsOf(client.split("%")[0]);
  if (!words) return client.slice(0, 64);
  if (words.slice(0, 5).every((word) => word === 0) && words[5] === 0xffff) {
    return [words[6] >> 8, words[6] & 255, words[7] >> 8, words[7] & 255].join(".");
  }
  return words.slice(0, 4).map((word) => word.toString(16).padStart(4, "0")).join("");
}

/** The eight words of an IPv6 address, or undefined if it is none. */
function wordsOf(address: string): number[] | undefined {
  const dotted = /^(.*:)(\d{1,3})\.(\d{1,3})\.(\d{1,3})\.(\d{1,3})$/.exec(address);
  let text = address;
  if (dotted) {
    const bytes = dotted.slice(2).map(Number);
    if (bytes.some((byte) => byte > 255)) return undefined;
    const word = (at: number): string => ((bytes[at] << 8) | bytes[at + 1]).toString(16);
    text = `${dotted[1]}${word(0)}:${word(2)}`;
  }
  const halves = text.split("::");
  if (halves.length > 2) return undefined;
  const [before, after] = [halves[0], halves[1] ?? ""].map((half) => (half ? half.split(":") : []));
  const missing = 8 - before.length - after.length;
  if (halves.length === 2 ? missing < 1 : missing !== 0) return undefined;
  const all = [...before, ...Array<string>(missing).fill("0"), ...after];
  return all.every((word) => /^[0-9a-f]{1,4}$/i.test(word)) ? all.map((word) => parseInt(word, 16)) : undefined;
}
