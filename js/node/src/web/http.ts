/** Requests and answers as the core sees them, whichever server brings them. */

/** By lower-case name. */
export type Headers = Readonly<Record<string, string | undefined>>;

export interface HttpRequest {
  /** In upper case. */
  readonly method: string;
  /** Below the prefix, with its leading slash. */
  readonly path: string;
  /** Without its question mark. */
  readonly query: string;
  readonly headers: Headers;
  /** Address of whoever holds the other end of the connection. */
  readonly peer: string;
}

export interface HttpAnswer {
  readonly status: number;
  readonly headers: readonly [string, string][];
  readonly body: Uint8Array;
}
