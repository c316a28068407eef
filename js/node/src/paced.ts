/** A queue of its own for what strangers send: they never take the place of the application's spans.
 *
 * A span exporter's queue has 2,048 places by default, and drops what comes when it is full. So
 * actions of beacons wait here, and are handed on at a pace at which they take a small part of it.
 * What waits is at most half of that queue, so that a flush can hand it on at once.
 */
import type { Guard } from "./guard.js";

const MOST = 1024;
const AT_ONCE = 50;
const PAUSE_MS = 500;

export class PacedQueue {
  readonly #waiting: (() => void)[] = [];
  #timer?: ReturnType<typeof setTimeout>;
  #stopped = false;

  constructor(private readonly guard: Guard) {}

  /** Hands over jobs, all or none; whether there was room. */
  submit(jobs: readonly (() => void)[]): boolean {
    if (this.#stopped || this.#waiting.length + jobs.length > MOST) {
      this.guard.add("queue_full");
      return false;
    }
    this.#waiting.push(...jobs);
    if (this.#timer === undefined) this.#later(0);
    return true;
  }

  /** Hands on all that waits, at once. */
  flush(): void {
    this.#handOn(MOST);
  }

  stop(): void {
    this.#stopped = true;
    clearTimeout(this.#timer);
    this.flush();
  }

  #later(ms: number): void {
    const timer = setTimeout(() => {
      this.#timer = undefined;
      // Also after the last of them, so that the next come no sooner than after a pause.
      if (this.#handOn(AT_ONCE)) this.#later(PAUSE_MS);
    }, ms);
    // No process stays up for it.
    (timer as { unref?: () => void }).unref?.();
    this.#timer = timer;
  }

  /** Hands on so many at most; how many there were. */
  #handOn(most: number): number {
    const jobs = this.#waiting.splice(0, most);
    for (const job of jobs) this.guard.run("recording a beacon", undefined, job);
    return jobs.length;
  }
}
