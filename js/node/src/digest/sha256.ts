/** SHA-256 (FIPS 180-4), for short messages, and where the runtime has no `node:crypto`, as on the edge:
 * WebCrypto only answers later, and a span ends now. */

const K = new Uint32Array(64);
const INITIAL = new Int32Array(8);
{
  // The first 32 bits of the fractional parts of the roots of the first primes.
  const fraction = (root: number): number => ((root - Math.floor(root)) * 2 ** 32) >>> 0;
  let found = 0;
  for (let candidate = 2; found < 64; candidate++) {
    let prime = true;
    for (let divisor = 2; divisor * divisor <= candidate; divisor++) {
      if (candidate % divisor === 0) prime = false;
    }
    if (!prime) continue;
    if (found < 8) INITIAL[found] = fraction(Math.sqrt(candidate)) | 0;
    K[found++] = fraction(Math.cbrt(candidate));
  }
}

const BLOCK = 64;
const w = new Int32Array(64);
const k = Int32Array.from(K);
// What one digest is made in, as to make and collect arrays takes longer than to hash a few bytes.
const state = new Int32Array(8);
const padded = new Uint8Array(16 * BLOCK);

export function sha256(message: Uint8Array): Uint8Array {
  return finish(INITIAL, message, 0);
}

/** HMAC-SHA256 under one key, whose two blocks are hashed once: for a message of a few bytes, such as a
 * handle's, faster than a native hash that has to be made for it. */
export function keyedHmac(key: Uint8Array): KeyedHmac {
  const block = new Uint8Array(BLOCK);
  block.set(key.length > BLOCK ? sha256(key) : key);
  const [inner, outer] = [0x36, 0x5c].map((pad) => {
    const begun = INITIAL.slice();
    compress(begun, block.map((byte) => byte ^ pad), 0);
    return begun;
  });
  const around = (digest: Uint8Array): Uint8Array => finish(outer, digest, BLOCK);
  return {
    of: (message) => around(finish(inner, message, BLOCK)),
    around,
    pad: block.map((byte) => byte ^ 0x36),
  };
}

export interface KeyedHmac {
  readonly of: (message: Uint8Array) => Uint8Array;
  /** The whole of it, for the digest of `pad` and the message. */
  readonly around: (digest: Uint8Array) => Uint8Array;
  readonly pad: Uint8Array;
}

/** The digest of a message, before which so many bytes have been hashed into the state. */
function finish(begun: Int32Array, message: Uint8Array, before: number): Uint8Array {
  const size = Math.ceil((message.length + 9) / BLOCK) * BLOCK;
  const bytes = size <= padded.length ? padded : new Uint8Array(size);
  bytes.set(message);
  bytes[message.length] = 0x80;
  bytes.fill(0, message.length + 1, size);
  const length = before + message.length;
  put(bytes, size - 8, Math.floor(length / 2 ** 29));
  put(bytes, size - 4, length << 3);
  state.set(begun);
  for (let at = 0; at < size; at += BLOCK) compress(state, bytes, at);
  const digest = new Uint8Array(32);
  for (let i = 0; i < 8; i++) put(digest, 4 * i, state[i]);
  return digest;
}

function put(bytes: Uint8Array, at: number, word: number): void {
  bytes[at] = word >>> 24;
  bytes[at + 1] = word >>> 16;
  bytes[at + 2] = word >>> 8;
  bytes[at + 3] = word;
}

function compress(state: Int32Array, bytes: Uint8Array, at: number): void {
  for (let i = 0; i < 16; i++) {
    const j = at + 4 * i;
    w[i] = (bytes[j] << 24) | (bytes[j + 1] << 16) | (bytes[j + 2] << 8) | bytes[j + 3];
  }
  for (let i = 16; i < 64; i++) {
    const x = w[i - 15], y = w[i - 2];
    const s0 = rotr(x, 7) ^ rotr(x, 18) ^ (x >>> 3);
    const s1 = rotr(y, 17) ^ rotr(y, 19) ^ (y >>> 10);
    w[i] = (w[i - 16] + s0 + w[i - 7] + s1) | 0;
  }
  let a = state[0] | 0, b = state[1] | 0, c = state[2] | 0, d = state[3] | 0;
  let e = state[4] | 0, f = state[5] | 0, g = state[6] | 0, h = state[7] | 0;
  for (let i = 0; i < 64; i++) {
    const s1 = rotr(e, 6) ^ rotr(e, 11) ^ rotr(e, 25);
    const t1 = (h + s1 + ((e & f) ^ (~e & g)) + k[i] + w[i]) | 0;
    const s0 = rotr(a, 2) ^ rotr(a, 13) ^ rotr(a, 22);
    const t2 = (s0 + ((a & b) ^ (a & c) ^ (b & c))) | 0;
    h = g; g = f; f = e; e = (d + t1) | 0; d = c; c = b; b = a; a = (t1 + t2) | 0;
  }
  state[0] += a; state[1] += b; state[2] += c; state[3] += d;
  state[4] += e; state[5] += f; state[6] += g; state[7] += h;
}

function rotr(value: number, by: number): number {
  return (value >>> by) | (value << (32 - by));
}
