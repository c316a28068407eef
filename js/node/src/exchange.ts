/** One HTTP request that is being answered, as seen from the server's side of the application. */
import type { Output } from "./output.js";
import type { Request } from "./request.js";

/** A request and its response.
 *
 * A handle makes a request a delivered one, and most requests of a service never call a model. So a
 * handle leaves with the response silently, and the request is delivered as soon as there is an
 * output to deliver. What the service does after the response has ended reaches nobody by it.
 */
export class Exchange {
  request?: Request;
  /** Whether a handle has left and the response has not ended. */
  handedOut = false;
  /** When the client was found to be gone, milliseconds since the epoch. */
  leftAt?: number;
  /** Share of the response that had been sent by then, if it is known. */
  readShare?: number;
  #ended = false;
  #told = false;

  /**
   * @param observed Whether anything of it may be recorded.
   * @param retry Whether it has been sent before, by a client that had no answer.
   * @param announce Told to say that the request's handle has left.
   * @param leave Told once of an output that was being made when the client had gone.
   */
  constructor(
    readonly observed: boolean,
    readonly retry: boolean,
    private readonly announce: (request: Request) => void,
    private readonly leave: (exchange: Exchange, output: Output) => void,
  ) {}

  /** Learns which request this is: of several, the last is the answer. */
  bind(request: Request): void {
    request.exchange = this;
    if (!this.#ended) this.request = request;
  }

  /** Accounts for an output whose span ends. */
  outputEnded(request: Request, output: Output): void {
    if (this.handedOut && request === this.request) this.announce(request);
    if (this.leftAt !== undefined) this.#tell(output);
  }

  /** Accounts for a client that went away before it had the whole response. */
  clientLeft(now: number, readShare: number | undefined): void {
    if (this.leftAt !== undefined || this.#ended) return;
    this.leftAt = now;
    this.readShare = readShare;
  }

  end(): void {
    this.#ended = true;
    this.handedOut = false;
    this.request = undefined;
  }

  #tell(output: Output): void {
    if (this.#told) return;
    this.#told = true;
    this.leave(this, output);
  }
}
