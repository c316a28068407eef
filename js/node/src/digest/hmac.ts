/** SHA-256 and HMAC-SHA256, by `node:crypto` where there is one. */
import { builtin } from "../runtime.js";
import { sha256 as plain } from "./sha256.js";

const BLOCK = 64;
const encoder = new TextEncoder();

/** SHA-256 of a text as UTF-8. */
export function sha256Hex(text: string): string {
  const crypto = builtin("node:crypto");
  return crypto
    ? crypto.createHash("sha256").update(text, "utf8").digest("hex")
    : hex(plain(encoder.encode(text)));
}

/** SHA-384 is asked for by pages only, which the edge does not serve. */
export function hmac(key: Uint8Array, message: Uint8Array | string): Uint8Array {
  const crypto = builtin("node:crypto");
  if (crypto) return crypto.createHmac("sha256", key).update(message).digest();
  const bytes = typeof message === "string" ? encoder.encode(message) : message;
  const block = new Uint8Array(BLOCK);
  block.set(key.length > BLOCK ? plain(key) : key);
  const inner = plain(joined(block.map((byte) => byte ^ 0x36), bytes));
  return plain(joined(block.map((byte) => byte ^ 0x5c), inner));
}

const PAIRS = Array.from({ length: 256 }, (_, byte) => byte.toString(16).padStart(2, "0"));

export function hex(bytes: Uint8Array): string {
  let found = "";
  for (let at = 0; at < bytes.length; at++) found += PAIRS[bytes[at]];
  return found;
}

function joined(first: Uint8Array, second: Uint8Array): Uint8Array {
  const whole = new Uint8Array(first.length + second.length);
  whole.set(first);
  whole.set(second, first.length);
  return whole;
}
