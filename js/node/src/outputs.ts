/** The outputs that this process made lately, found again by what an action knows of them. */
import { type Choice, choose, NONE } from "./answer-choice.js";
import type { Handle } from "./handles.js";
import type { Output } from "./output.js";
import { MAX_OUTPUTS as MAX_IN_REQUEST } from "./request.js";

export const MAX_OUTPUTS = 30_000;
const LIFETIME_MS = 24 * 3600 * 1000;

/** A map of bounded size and age: what was not used longest goes first. */
class Recent<T> {
  readonly #entries = new Map<string, { readonly value: T; readonly at: number }>();

  constructor(
    private readonly clock: () => number,
    private readonly most: number,
  ) {}

  get size(): number {
    return this.#entries.size;
  }

  set(name: string, value: T): void {
    this.#entries.delete(name);
    this.#entries.set(name, { value, at: this.clock() });
    if (this.#entries.size > this.most) {
      for (const oldest of this.#entries.keys()) {
        this.#entries.delete(oldest);
        break;
      }
    }
  }

  get(name: string): T | undefined {
    const entry = this.#entries.get(name);
    if (!entry) return undefined;
    this.#entries.delete(name);
    if (this.clock() - entry.at > LIFETIME_MS) return undefined;
    this.#entries.set(name, entry);
    return entry.value;
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
