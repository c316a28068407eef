/** SHA-256 (FIPS 180-4), for short messages, and where the runtime has no `node:crypto`, as on the edge:
 * WebCrypto only answers later, and a span ends now. */

const K = new Uint32Array(64);
const INITIAL = new Uint32Array(8);
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
    if (found < 8) INITIAL[found] = fraction(Math.sqrt(candidate));
    K[found++] = fraction(Math.cbrt(candidate));
  }
}

const BLOCK = 64;
const w = new Int32Array(64);
const k = Int32Array.from(K);

export function sha256(message: Uint8Array): Uint8Array {
  return finish(INITIAL.slice(), message, 0);
}

/** HMAC-SHA256 under one key, whose two blocks are hashed once: for a message of a few bytes, such as a
 * handle's, faster than a native hash that has to be made for it. */
export function keyedHmac(key: Uint8Array): KeyedHmac {
  const block = new Uint8Array(BLOCK);
  block.set(key.length > BLOCK ? sha256(key) : key);
  const [inner, outer] = [0x36, 0x5c].map((pad) => {
    const state = INITIAL.slice();
    compress(state, block.map((byte) => byte ^ pad), 0);
    return state;
  });
  const around = (digest: Uint8Array): Uint8Array => finish(outer.slice(), digest, BLOCK);
  return {
    of: (message) => around(finish(inner.slice(), message, BLOCK)),
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
function finish(state: Uint32Array, message: Uint8Array, before: number): Uint8Array {
  const padded = new Uint8Array(Math.ceil((message.length + 9) / BLOCK) * BLOCK);
  padded.set(message);
  padded[message.length] = 0x80;
  const view = new DataView(padded.buffer);
  const length = before + message.length;
  view.setUint32(padded.length - 8, Math.floor(length / 2 ** 29));
  view.setUint32(padded.length - 4, length << 3);
  for (let at = 0; at < padded.length; at += BLOCK) compress(state, padded, at);
  const digest = new Uint8Array(32);
  const out = new DataView(digest.buffer);
  for (let i = 0; i < 8; i++) out.setUint32(4 * i, state[i]);
  return digest;
}

function compress(state: Uint32Array, bytes: Uint8Array, at: number): void {
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
