/** SHAKE128 (FIPS 202): by `node:crypto` where there is one, else in plain JavaScript. */
import { builtin } from "../runtime.js";

const RATE = 168;
const MASK = (1n << 64n) - 1n;
const ROUNDS = (() => {
  const found: bigint[] = [];
  let lfsr = 1;
  for (let round = 0; round < 24; round++) {
    let constant = 0n;
    for (let j = 0; j < 7; j++) {
      if (lfsr & 1) constant ^= 1n << ((1n << BigInt(j)) - 1n);
      lfsr = lfsr & 0x80 ? (lfsr << 1) ^ 0x171 : lfsr << 1;
    }
    found.push(constant);
  }
  return found;
})();

/** So many bytes of it, for a message shorter than one block. */
export function shake128(message: Uint8Array, length: number): Uint8Array {
  const crypto = builtin("node:crypto");
  return crypto
    ? crypto.createHash("shake128", { outputLength: length }).update(message).digest()
    : plainShake128(message, length);
}

export function plainShake128(message: Uint8Array, length: number): Uint8Array {
  if (message.length >= RATE) throw new RangeError("one block only");
  const state = new Uint8Array(200);
  state.set(message);
  state[message.length] ^= 0x1f;
  state[RATE - 1] ^= 0x80;
  const lanes = new BigUint64Array(25);
  const view = new DataView(state.buffer);
  for (let i = 0; i < 25; i++) lanes[i] = view.getBigUint64(8 * i, true);
  const out = new Uint8Array(length);
  for (let at = 0; at < length; at += RATE) {
    permute(lanes);
    for (let i = 0; i < 25; i++) view.setBigUint64(8 * i, lanes[i], true);
    out.set(state.subarray(0, Math.min(RATE, length - at)), at);
  }
  return out;
}

function permute(a: BigUint64Array): void {
  for (const constant of ROUNDS) {
    const c = [0, 1, 2, 3, 4].map((x) => a[x] ^ a[x + 5] ^ a[x + 10] ^ a[x + 15] ^ a[x + 20]);
    for (let x = 0; x < 5; x++) {
      const d = c[(x + 4) % 5] ^ rotl(c[(x + 1) % 5], 1);
      for (let y = 0; y < 25; y += 5) a[x + y] ^= d;
    }
    let x = 1, y = 0, current = a[1];
    for (let t = 0; t < 24; t++) {
      [x, y] = [y, (2 * x + 3 * y) % 5];
      const next = a[x + 5 * y];
      a[x + 5 * y] = rotl(current, ((t + 1) * (t + 2)) / 2 % 64);
      current = next;
    }
    for (let row = 0; row < 25; row += 5) {
      const b = [a[row], a[row + 1], a[row + 2], a[row + 3], a[row + 4]];
      for (let i = 0; i < 5; i++) a[row + i] = b[i] ^ (~b[(i + 1) % 5] & MASK & b[(i + 2) % 5]);
    }
    a[0] ^= constant;
  }
}

function rotl(value: bigint, by: number): bigint {
  return ((value << BigInt(by)) | (value >> BigInt(64 - by))) & MASK;
}
