/** Handles: what a page holds of an output. They reveal no text and cannot be forged. */
import { hex, hmac } from "./digest/hmac.js";

export const LIFETIME_SECONDS = 7 * 24 * 3600;
const CLOCK_SKEW_SECONDS = 300;
const VERSION = 1;
const LAYOUT = 35;
const SIGNATURE = 16;
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
  const bytes = new Uint8Array(LAYOUT + SIGNATURE);
  const view = new DataView(bytes.buffer);
  bytes[0] = VERSION;
  bytes[1] = handle.kind === "request" ? 1 : 0;
  put(bytes, 2, handle.traceId, 16);
  put(bytes, 18, handle.spanId, 8);
  view.setUint32(26, Math.floor(handle.time / 2 ** 32));
  view.setUint32(30, handle.time >>> 0);
  bytes[34] = handle.sampled ? 1 : 0;
  bytes.set(hmac(key, bytes.subarray(0, LAYOUT)).subarray(0, SIGNATURE), LAYOUT);
  return encode(bytes);
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
  for (let i = 0; i < length; i++) bytes[at + i] = parseInt(digits.slice(2 * i, 2 * i + 2), 16);
}

function encode(bytes: Uint8Array): string {
  return btoa(String.fromCharCode(...bytes)).replaceAll("+", "-").replaceAll("/", "_");
}

function decode(text: string): Uint8Array {
  const binary = atob(text.replaceAll("-", "+").replaceAll("_", "/"));
  return Uint8Array.from(binary, (character) => character.charCodeAt(0));
}
