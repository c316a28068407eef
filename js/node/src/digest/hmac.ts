/** SHA-256 and HMAC-SHA256, by `node:crypto` where there is one. */
import { builtin } from "../runtime.js";
import { hex } from "./encoding.js";
import { type KeyedHmac, keyedHmac, sha256 as plain } from "./sha256.js";

// A native hash is an object of its own, which takes longer to make and to collect than so many bytes
// to hash here.
const LONGEST_SHORT = 512;
// Where no object is made, it pays for less.
const LONGEST_SHORT_AT_ONCE = 128;
const LONGEST_AT_ONCE = 20_000;
const BLOCK = 64;
const DIGEST = 32;
const encoder = new TextEncoder();

/** SHA-256 of a text as UTF-8. */
export function sha256Hex(text: string): string {
  const crypto = builtin("node:crypto");
  return crypto
    ? crypto.createHash("sha256").update(text, "utf8").digest("hex")
    : hex(plain(encoder.encode(text)));
}

const keyed = new WeakMap<Uint8Array, KeyedHmac>();
// Where a message is put behind the key's pad, to be hashed at once.
const scratch = new Uint8Array(BLOCK + 3 * LONGEST_AT_ONCE);
const digest = new Uint8Array(DIGEST);

/** HMAC-SHA256; SHA-384 is asked for by pages only, which the edge does not serve. */
export function hmac(key: Uint8Array, message: Uint8Array | string): Uint8Array {
  const crypto = message.length > LONGEST_SHORT_AT_ONCE ? builtin("node:crypto") : undefined;
  const atOnce = (crypto as AtOnce | undefined)?.hash;
  if (crypto && message.length > (atOnce ? LONGEST_AT_ONCE : LONGEST_SHORT)) {
    return crypto.createHmac("sha256", key).update(message).digest();
  }
  let hash = keyed.get(key);
  if (!hash) keyed.set(key, (hash = keyedHmac(key)));
  if (!atOnce) return hash.of(typeof message === "string" ? encoder.encode(message) : message);
  scratch.set(hash.pad);
  let length = message.length;
  if (typeof message === "string") length = encoder.encodeInto(message, scratch.subarray(BLOCK)).written;
  else scratch.set(message, BLOCK);
  const inner = atOnce("sha256", scratch.subarray(0, BLOCK + length), "latin1");
  for (let at = 0; at < DIGEST; at++) digest[at] = inner.charCodeAt(at);
  return hash.around(digest);
}

/** What Node has since 20.12: no object is made for it, and none for a digest that is a text. */
interface AtOnce {
  readonly hash?: (algorithm: string, data: Uint8Array, encoding: "latin1") => string;
}
