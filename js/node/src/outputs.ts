/** The outputs that this process made lately, found again by what an action knows of them. */
import { type Choice, choose, NONE } from "./answer-choice.js";
import type { Handle } from "./handles.js";
import type { Output } from "./output.js";
import { MAX_OUTPUTS as MAX_IN_REQUEST } from "./request.js";

export const MAX_OUTPUTS = 30_000;
const LIFETIME_MS = 24 * 3600 * 1000;

/** A map of bounded size and age, in two generations: when the younger one is full or old, it takes the
 * place of the other, whose entries go. To order all entries by use would cost more, the more there are. */
class Recent<T> {
  #young = new Map<string, T>();
  #old = new Map<string, T>();
  #since: number;

  constructor(
    private readonly clock: () => number,
    private readonly most: number,
  ) {
    this.#since = clock();
  }

  get size(): number {
    return this.#young.size + this.#old.size;
  }

  set(name: string, value: T): void {
    this.#age();
    this.#old.delete(name);
    this.#young.set(name, value);
  }

  get(name: string): T | undefined {
    this.#age();
    const value = this.#young.get(name);
    if (value !== undefined) return value;
    const older = this.#old.get(name);
    if (older !== undefined) this.set(name, older);
    return older;
  }

  #age(): void {
    const age = this.clock() - this.#since;
    if (this.#young.size < this.most / 2 && age < LIFETIME_MS / 2) return;
    this.#old = age < LIFETIME_MS ? this.#young : new Map<string, T>();
    this.#young = new Map();
    this.#since = this.clock();
  }
}

export class Outputs {
  readonly #bySpan: Recent<Output>;
  readonly #byRequest: Recent<Output[]>;
  readonly #byResponse: Recent<Output>;
  readonly #keys: Recent<Handle>;

  constructor(clock: () => number, most = MAX_OUTPUTS) {
    this.#bySpan = new Recent(clock, most);
    this.#byRequest = new Recent(clock, most);
    this.#byResponse = new Recent(clock, most);
    this.#keys = new Recent(clock, most);
  }

  get size(): number {
    return this.#bySpan.size;
  }

  remember(output: Output): void {
    this.#bySpan.set(output.spanId, output);
    const { responseId, requestSpanId } = output;
    // An answer that is made in the background has its text only when it is fetched.
    if (responseId !== undefined && (output.hasText || !this.#byResponse.get(responseId)?.hasText)) {
      this.#byResponse.set(responseId, output);
    }
    if (requestSpanId === undefined) return;
    const made = this.#byRequest.get(requestSpanId);
    if (made?.[0].traceId !== output.traceId) {
      this.#byRequest.set(requestSpanId, [output]);
      return;
    }
    made.push(output);
    if (made.length > MAX_IN_REQUEST) made.shift();
  }

  ofSpan(traceId: string, spanId: string): Output | undefined {
    const found = this.#bySpan.get(spanId);
    return found?.traceId === traceId ? found : undefined;
  }

  /** The answer of a request, once its response has ended. */
  ofRequest(traceId: string, rootSpanId: string): Choice {
    const made = (this.#byRequest.get(rootSpanId) ?? []).filter((one) => one.traceId === traceId);
    return made.some(({ open }) => open) ? NONE : choose(made);
  }

  ofResponse(responseId: string): Output | undefined {
    return this.#byResponse.get(responseId);
  }

  /** Remembers which output the application's own key means; the latest word counts. */
  tie(key: string, handle: Handle): void {
    this.#keys.set(key, handle);
  }

  tied(key: string): Handle | undefined {
    return this.#keys.get(key);
  }
}
