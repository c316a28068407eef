/** Handles: what a page holds of an output. They reveal no text and cannot be forged. */
import { base64Url, bytesOf, hex } from "./digest/encoding.js";
import { hmac } from "./digest/hmac.js";

export const LIFETIME_SECONDS = 7 * 24 * 3600;
const CLOCK_SKEW_SECONDS = 300;
const VERSION = 1;
const LAYOUT = 35;
const SIGNATURE = 16;
// What handles are made in, one after the other.
const layout = bytesOf(LAYOUT);
const words = new DataView(layout.buffer, layout.byteOffset, LAYOUT);
const minted = bytesOf(LAYOUT + SIGNATURE);
const SHAPE = /^[A-Za-z0-9_-]{68}$/;

export type HandleKind = "output" | "request";
export type Refusal = "malformed" | "foreign" | "expired" | "future";

/** What a handle says: which span it names, and when that began, in whole seconds. */
export interface Handle {
  readonly kind: HandleKind;
  readonly traceId: string;
  readonly spanId: string;
  readonly time: number;
  readonly sampled: boolean;
}

/** The handle as 68 characters that are safe in a URL, an attribute and a header. */
export function mint(handle: Handle, key: Uint8Array): string {
  layout[0] = VERSION;
  layout[1] = handle.kind === "request" ? 1 : 0;
  put(layout, 2, handle.traceId, 16);
  put(layout, 18, handle.spanId, 8);
  words.setUint32(26, Math.floor(handle.time / 2 ** 32));
  words.setUint32(30, handle.time >>> 0);
  layout[34] = handle.sampled ? 1 : 0;
  const signature = hmac(key, layout);
  minted.set(layout);
  for (let at = 0; at < SIGNATURE; at++) minted[LAYOUT + at] = signature[at];
  return base64Url(minted);
}

/** Reads a handle that came back, or says why it does not count. */
export function verify(text: string, key: Uint8Array, now: number): Handle | Refusal {
  if (!SHAPE.test(text)) return "malformed";
  const bytes = decode(text);
  const signature = hmac(key, bytes.subarray(0, LAYOUT));
  let difference = 0;
  for (let i = 0; i < SIGNATURE; i++) difference |= signature[i] ^ bytes[LAYOUT + i];
  if (difference) return "foreign";
  const view = new DataView(bytes.buffer, bytes.byteOffset);
  if (bytes[0] !== VERSION || bytes[1] > 1) return "malformed";
  const time = view.getUint32(26) * 2 ** 32 + view.getUint32(30);
  if (now - time > LIFETIME_SECONDS) return "expired";
  if (time - now > CLOCK_SKEW_SECONDS) return "future";
  return {
    kind: bytes[1] ? "request" : "output",
    traceId: hex(bytes.subarray(2, 18)),
    spanId: hex(bytes.subarray(18, 26)),
    time,
    sampled: bytes[34] !== 0,
  };
}

function put(bytes: Uint8Array, at: number, digits: string, length: number): void {
  for (let i = 0; i < length; i++) {
    bytes[at + i] = (digit(digits.charCodeAt(2 * i)) << 4) | digit(digits.charCodeAt(2 * i + 1));
  }
}

/** The value of a hexadecimal digit, whose letters may be of either case. */
const digit = (code: number): number => (code < 58 ? code - 48 : (code | 32) - 87);

function decode(text: string): Uint8Array {
  const binary = atob(text.replaceAll("-", "+").replaceAll("_", "/"));
  return Uint8Array.from(binary, (character) => character.charCodeAt(0));
}
