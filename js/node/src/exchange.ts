/** One HTTP request that is being answered, as seen from the server's side of the application. */
import { choose } from "./answer-choice.js";
import type { Output } from "./output.js";
import type { Request } from "./request.js";

// How much of an answer is looked for in the response, and of how much of the response.
const LONGEST_TEXT = 200;
const MAX_BODY = 64 * 1024;

/** A request and its response.
 *
 * A handle makes an output a delivered one, and most requests of a service never call a model. So a
 * handle leaves with the response silently, and when the response has ended it is told which output
 * it means. What the service does after that reaches nobody by it.
 */
export class Exchange {
  request?: Request;
  /** Whether a handle has left and the response has not ended. */
  handedOut = false;
  /** When the client was found to be gone, milliseconds since the epoch. */
  leftAt?: number;
  /** Share of the response that had been sent by then, if it is known. */
  readShare?: number;
  /** How many parts of the body have been sent. */
  parts = 0;
  ended = false;
  #texts: [Output, string][] = [];
  #body: Uint8Array[] = [];
  #size = 0;
  #told = false;

  /**
   * @param observed Whether anything of it may be recorded.
   * @param retry Whether it has been sent before, by a client that had no answer.
   * @param answered Told, when the response has ended, of the request whose handle left with it.
   * @param leave Told once of an output that was being made when the client had gone.
   */
  constructor(
    readonly observed: boolean,
    readonly retry: boolean,
    private readonly answered: (request: Request) => void,
    private readonly leave: (exchange: Exchange, output: Output) => void,
  ) {}

  /** Learns which request this is: of several, the last is the answer. */
  bind(request: Request): void {
    request.exchange = this;
    if (!this.ended) this.request = request;
  }

  /** Accounts for a part of the body. */
  partSent(part: Uint8Array): void {
    if (!part.length || !this.handedOut) return;
    this.parts++;
    if (this.#size >= MAX_BODY) return;
    this.#body.push(part);
    this.#size += part.length;
  }

  /** Accounts for an output that may be the answer, when its span ends. */
  outputEnded(request: Request, output: Output, text: string | undefined): void {
    if (this.leftAt !== undefined) {
      this.#tell(output);
      this.#settle(request);
    } else if (this.ended) {
      // Parts of it were sent, and its span ends a moment after the last one.
      this.answered(request);
    } else {
      output.open = true;
      this.#texts.push([output, (text ?? "").slice(0, LONGEST_TEXT)]);
    }
  }

  /** Accounts for a client that went away before it had the whole response. */
  clientLeft(now: number, readShare: number | undefined): void {
    if (this.leftAt !== undefined || this.ended) return;
    this.leftAt = now;
    this.readShare = readShare;
    if (this.request) this.#settle(this.request);
  }

  /** The response has ended, and its client has had all of it. */
  end(): void {
    if (this.ended || this.leftAt !== undefined) return;
    this.ended = true;
    const { request, handedOut } = this;
    this.request = undefined;
    this.handedOut = false;
    for (const [output] of this.#texts) output.open = false;
    if (handedOut && request) {
      if (choose(request.outputs).ambiguous) this.#mark();
      this.answered(request);
    }
    this.#texts = [];
    this.#body = [];
  }

  /** Of a response that nobody waits for, what has been made so far is all that there is. */
  #settle(request: Request): void {
    for (const [output] of this.#texts) output.open = false;
    if (this.handedOut) this.answered(request);
  }

  #tell(output: Output): void {
    if (this.#told) return;
    this.#told = true;
    this.leave(this, output);
  }

  /** Marks the one output whose text is in the response, if it is one. */
  #mark(): void {
    const body = textOf(this.#body, this.#size);
    const held = this.#texts.filter(([, text]) => written(text).some((form) => body.includes(form)));
    if (held.length === 1) held[0][0].marked = true;
  }
}

function textOf(parts: readonly Uint8Array[], size: number): string {
  const whole = new Uint8Array(size);
  let at = 0;
  for (const part of parts) {
    whole.set(part, at);
    at += part.length;
  }
  return new TextDecoder().decode(whole);
}

/** How a text may stand in a response: as it is, in JSON, in HTML. */
function written(given: string): string[] {
  const text = given.trim();
  if (!text) return [];
  const json = JSON.stringify(text).slice(1, -1);
  const ascii = json.replace(/[^\x00-\x7f]/g, (one) => `\\u${one.charCodeAt(0).toString(16).padStart(4, "0")}`);
  const html = text.replace(/[&<>"']/g, (one) => ENTITIES[one]);
  return [text, json, ascii, html];
}

const ENTITIES: Readonly<Record<string, string>> = {
  "&": "&amp;", "<": "&lt;", ">": "&gt;", '"': "&quot;", "'": "&#x27;",
};
