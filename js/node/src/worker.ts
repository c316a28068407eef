/** What is too expensive while a span ends: done a moment later, a little at a time. */
import type { Guard } from "./guard.js";

const MAX_JOBS = 2048;
const MAX_CHARACTERS = 8_000_000;
const PAUSE_MS = 100;
// The event loop is the application's: between two slices everything else has its turn.
const SLICE_MS = 2;

export class Worker {
  readonly #waiting: { readonly run: () => void; readonly characters: number }[] = [];
  #characters = 0;
  #timer?: ReturnType<typeof setTimeout>;
  #stopped = false;

  constructor(private readonly guard: Guard) {}

  /** Hands over a job; whether it was taken. `characters` is the text that it keeps alive. */
  submit(characters: number, run: () => void): boolean {
    const full = this.#waiting.length >= MAX_JOBS || this.#characters + characters > MAX_CHARACTERS;
    if (this.#stopped || full) {
      this.guard.add("queue_full");
      return false;
    }
    this.#waiting.push({ run, characters });
    this.#characters += characters;
    if (this.#timer === undefined) this.#later(PAUSE_MS);
    return true;
  }

  /** Does everything that waits, at once. */
  flush(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    this.#work(Infinity);
  }

  stop(): void {
    this.flush();
    this.#stopped = true;
  }

  #later(ms: number): void {
    const timer = setTimeout(() => {
      this.#timer = undefined;
      this.#work(SLICE_MS);
      if (this.#waiting.length) this.#later(1);
    }, ms);
    // No process stays up for it.
    (timer as { unref?: () => void }).unref?.();
    this.#timer = timer;
  }

  #work(ms: number): void {
    const until = performance.now() + ms;
    let done = 0;
    while (done < this.#waiting.length) {
      const job = this.#waiting[done++];
      this.#characters -= job.characters;
      this.guard.run("the background worker", undefined, job.run);
      if (performance.now() > until) break;
    }
    this.#waiting.splice(0, done);
  }
}
