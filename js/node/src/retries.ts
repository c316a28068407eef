/** Requests that a client or proxy sends again by itself, as nobody has asked again then. */

export const IDEMPOTENCY_KEY = "idempotency-key";
const MAX_KEYS = 10_000;
const LIFETIME_MS = 600_000;
const MAX_LENGTH = 256;

/** Remembers the `Idempotency-Key` of requests: the same again is the same request. */
export class Retries {
  readonly #seen = new Map<string, number>();

  constructor(private readonly most = MAX_KEYS) {}

  isRetry(given: string | null | undefined, now: number): boolean {
    if (!given) return false;
    const key = given.slice(0, MAX_LENGTH);
    const before = this.#seen.get(key);
    this.#seen.delete(key);
    this.#seen.set(key, now);
    if (this.#seen.size > this.most) {
      for (const oldest of this.#seen.keys()) {
        this.#seen.delete(oldest);
        break;
      }
    }
    return before !== undefined && now - before <= LIFETIME_MS;
  }
}
