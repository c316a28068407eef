/** Bytes as text. Node's own buffers write it at once; the edge has none. */

interface Encoded extends Uint8Array {
  toString(encoding?: "hex" | "base64url"): string;
}

const Buffers = (globalThis as { Buffer?: { alloc(length: number): Encoded } }).Buffer;
const PAIRS = Array.from({ length: 256 }, (_, byte) => byte.toString(16).padStart(2, "0"));

/** So many bytes, of a kind that is written as text in the fastest way. */
export const bytesOf = (length: number): Uint8Array =>
  Buffers ? Buffers.alloc(length) : new Uint8Array(length);

const isBuffer = (bytes: Uint8Array): boolean =>
  Buffers !== undefined && bytes instanceof (Buffers as unknown as new () => Uint8Array);

export function hex(bytes: Uint8Array): string {
  if (isBuffer(bytes)) return (bytes as Encoded).toString("hex");
  let found = "";
  for (let at = 0; at < bytes.length; at++) found += PAIRS[bytes[at]];
  return found;
}

/** Base64 as it may stand in an address, of a length that needs no padding. */
export function base64Url(bytes: Uint8Array): string {
  if (isBuffer(bytes)) return (bytes as Encoded).toString("base64url");
  return btoa(String.fromCharCode(...bytes)).replaceAll("+", "-").replaceAll("/", "_");
}
