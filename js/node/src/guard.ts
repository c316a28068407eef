/** The one place where an error of ours is stopped before it reaches the application. */

const MOST_REASONS = 200;

/** Counts what capture did and refused, by reason, and says each remedy once. */
export class Guard {
  readonly #counts = new Map<string, number>();
  readonly #said = new Set<string>();

  add(reason: string, amount = 1): void {
    const before = this.#counts.get(reason);
    if (before === undefined && this.#counts.size >= MOST_REASONS) return;
    this.#counts.set(reason, (before ?? 0) + amount);
  }

  /** Accounts for something that capture did not do, and says once what helps. */
  refused(reason: string, remedy?: string): void {
    this.add(reason);
    if (remedy !== undefined) this.#say(reason, remedy);
  }

  /** Accounts for an exception of ours; never throws itself. */
  failed(where: string, error: unknown): void {
    this.add("errors");
    const what = error instanceof Error ? (error.stack ?? error.message) : String(error);
    this.#say(`error:${where}`, `${where} failed; this is logged once, the application goes on: ${what}`);
  }

  /** Runs something of ours; what it throws is counted, and the other value returned. */
  run<T>(where: string, otherwise: T, call: () => T): T {
    try {
      return call();
    } catch (error) {
      this.failed(where, error);
      return otherwise;
    }
  }

  snapshot(): Record<string, number> {
    return Object.fromEntries(this.#counts);
  }

  #say(kind: string, message: string): void {
    if (this.#said.has(kind) || this.#said.size >= MOST_REASONS) return;
    this.#said.add(kind);
    try {
      console.warn(`otel-ai-feedback: ${message}`);
    } catch {
      // There is nowhere left to say so.
    }
  }
}
