/** BLAKE2b (RFC 7693) with a key and any digest size: `node:crypto` has neither.
 *
 * 64-bit words are pairs of 32-bit halves, as BigInt is twenty times slower.
 */

const IV = new Uint32Array([
  0xf3bcc908, 0x6a09e667, 0x84caa73b, 0xbb67ae85, 0xfe94f82b, 0x3c6ef372, 0x5f1d36f1, 0xa54ff53a,
  0xade682d1, 0x510e527f, 0x2b3e6c1f, 0x9b05688c, 0xfb41bd6b, 0x1f83d9ab, 0x137e2179, 0x5be0cd19,
]);
const SIGMA = [
  [0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15],
  [14, 10, 4, 8, 9, 15, 13, 6, 1, 12, 0, 2, 11, 7, 5, 3],
  [11, 8, 12, 0, 5, 2, 15, 13, 10, 14, 3, 6, 7, 1, 9, 4],
  [7, 9, 3, 1, 13, 12, 11, 14, 2, 6, 5, 10, 4, 0, 15, 8],
  [9, 0, 5, 7, 2, 4, 10, 15, 14, 1, 11, 12, 6, 8, 3, 13],
  [2, 12, 6, 10, 0, 11, 8, 3, 4, 13, 7, 5, 15, 14, 1, 9],
  [12, 5, 1, 15, 14, 13, 4, 10, 0, 7, 6, 3, 9, 2, 8, 11],
  [13, 11, 7, 14, 12, 1, 3, 9, 5, 0, 15, 4, 8, 6, 2, 10],
  [6, 15, 14, 9, 11, 3, 0, 8, 12, 2, 13, 7, 1, 4, 10, 5],
  [10, 2, 8, 4, 7, 6, 1, 5, 15, 11, 9, 14, 3, 12, 13, 0],
  [0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15],
  [14, 10, 4, 8, 9, 15, 13, 6, 1, 12, 0, 2, 11, 7, 5, 3],
].map((row) => row.map((word) => 2 * word));

const BLOCK = 128;
const v = new Uint32Array(32);
const m = new Uint32Array(32);

/** A hasher with the key in it already: each message takes a copy of its state. */
export function keyedBlake2b(
  key: Uint8Array,
  digestSize: number,
): (message: Uint8Array) => Uint8Array {
  const begun = IV.slice();
  begun[0] ^= digestSize | (key.length << 8) | (1 << 16) | (1 << 24);
  const block = new Uint8Array(BLOCK);
  block.set(key);
  const counted = key.length ? BLOCK : 0;
  const afterKey = begun.slice();
  if (counted) compress(afterKey, block, BLOCK, false);
  return (message) => {
    const keyAlone = counted > 0 && message.length === 0;
    const state = (keyAlone ? begun : afterKey).slice();
    if (keyAlone) {
      compress(state, block, BLOCK, true);
    } else {
      const last = Math.max(Math.ceil(message.length / BLOCK) - 1, 0) * BLOCK;
      for (let at = 0; at < last; at += BLOCK) {
        compress(state, message.subarray(at, at + BLOCK), counted + at + BLOCK, false);
      }
      compress(state, message.subarray(last), counted + message.length, true);
    }
    const whole = new Uint8Array(64);
    const out = new DataView(whole.buffer);
    state.forEach((word, i) => out.setUint32(4 * i, word, true));
    return whole.subarray(0, digestSize);
  };
}

function compress(state: Uint32Array, block: Uint8Array, count: number, last: boolean): void {
  m.fill(0);
  for (let i = 0; i < block.length; i++) m[i >> 2] |= block[i] << (8 * (i & 3));
  v.set(state);
  v.set(IV, 16);
  v[24] ^= count;
  v[25] ^= Math.floor(count / 2 ** 32);
  if (last) {
    v[28] = ~v[28];
    v[29] = ~v[29];
  }
  for (const row of SIGMA) {
    mix(0, 8, 16, 24, row[0], row[1]);
    mix(2, 10, 18, 26, row[2], row[3]);
    mix(4, 12, 20, 28, row[4], row[5]);
    mix(6, 14, 22, 30, row[6], row[7]);
    mix(0, 10, 20, 30, row[8], row[9]);
    mix(2, 12, 22, 24, row[10], row[11]);
    mix(4, 14, 16, 26, row[12], row[13]);
    mix(6, 8, 18, 28, row[14], row[15]);
  }
  for (let i = 0; i < 16; i++) state[i] ^= v[i] ^ v[i + 16];
}

/** The function G of the RFC; low halves are at even places, high ones behind them. */
function mix(a: number, b: number, c: number, d: number, x: number, y: number): void {
  let low = v[a] + v[b] + m[x];
  v[a + 1] = v[a + 1] + v[b + 1] + m[x + 1] + Math.floor(low / 2 ** 32);
  v[a] = low;
  let l = v[d] ^ v[a], h = v[d + 1] ^ v[a + 1];
  v[d] = h;
  v[d + 1] = l;
  low = v[c] + v[d];
  v[c + 1] = v[c + 1] + v[d + 1] + Math.floor(low / 2 ** 32);
  v[c] = low;
  l = v[b] ^ v[c];
  h = v[b + 1] ^ v[c + 1];
  v[b] = (l >>> 24) | (h << 8);
  v[b + 1] = (h >>> 24) | (l << 8);
  low = v[a] + v[b] + m[y];
  v[a + 1] = v[a + 1] + v[b + 1] + m[y + 1] + Math.floor(low / 2 ** 32);
  v[a] = low;
  l = v[d] ^ v[a];
  h = v[d + 1] ^ v[a + 1];
  v[d] = (l >>> 16) | (h << 16);
  v[d + 1] = (h >>> 16) | (l << 16);
  low = v[c] + v[d];
  v[c + 1] = v[c + 1] + v[d + 1] + Math.floor(low / 2 ** 32);
  v[c] = low;
  l = v[b] ^ v[c];
  h = v[b + 1] ^ v[c + 1];
  v[b] = (h >>> 31) | (l << 1);
  v[b + 1] = (l >>> 31) | (h << 1);
}
