/** A keyed sketch of a user turn, from which SQL can estimate how alike two turns are.
 *
 * Densified one-permutation MinHash of the distinct character 3-grams, 128 bins of 8 bit; the twin
 * of the Python package's, whose vectors it is held to.
 */
import { keyedBlake2b } from "../digest/blake2b.js";
import { hex } from "../digest/hmac.js";
import { shake128 } from "../digest/shake128.js";
import { caseFold } from "./fold.js";
import { firstCodePoints } from "./normalise.js";

export const BINS = 128;
export const MIN_GRAMS = 8;
export const MAX_CHARACTERS = 20_000;
// Three characters come again from turn to turn, and a look-up takes a tenth of a hash.
const MAX_REMEMBERED = 20_000;

const NOT_ALPHANUMERIC = /[^\p{L}\p{N}]+/gu;
const encoder = new TextEncoder();

/** The text casefolded, with other characters than letters and digits as single spaces. */
export function fold(text: string): string {
  const folded = caseFold(firstCodePoints(text, MAX_CHARACTERS)).replace(NOT_ALPHANUMERIC, " ");
  return folded.startsWith(" ") || folded.endsWith(" ") ? folded.replace(/^ | $/g, "") : folded;
}

/** A hash of 64 bit: its lower and its upper half. */
type Hash = readonly [number, number];

/** Makes sketches under one key; those under different keys are not comparable. */
export class Sketcher {
  readonly #hash: (message: Uint8Array) => Uint8Array;
  readonly #short: (message: Uint8Array) => Uint8Array;
  readonly #remembered = new Map<string, Hash>();

  constructor(key: Uint8Array) {
    this.#hash = keyedBlake2b(key, 8);
    this.#short = keyedBlake2b(key, 64, "short turn");
  }

  /** 256 hexadecimal digits, or null when the text has no letter or digit. */
  sketch(text: string): string | null {
    const folded = fold(text);
    if (!folded) return null;
    const distinct = grams(folded);
    if (distinct.size < MIN_GRAMS) {
      return hex(shake128(this.#short(encoder.encode(folded)), BINS));
    }
    const lowest = new Array<Hash | undefined>(BINS);
    for (const gram of distinct) {
      const hash = this.#of(gram);
      const bin = hash[0] & (BINS - 1);
      const found = lowest[bin];
      if (!found || hash[1] < found[1] || (hash[1] === found[1] && hash[0] < found[0])) {
        lowest[bin] = hash;
      }
    }
    const bytes = new Uint8Array(BINS);
    // Bits 7 to 14: bin number and minimum are decided by the other bits, so these stay uniform.
    for (let bin = 0; bin < BINS; bin++) bytes[bin] = value(lowest, bin)[0] >>> 7;
    return hex(bytes);
  }

  #of(gram: string): Hash {
    let hash = this.#remembered.get(gram);
    if (!hash) {
      const bytes = this.#hash(encoder.encode(gram));
      const view = new DataView(bytes.buffer, bytes.byteOffset);
      hash = [view.getUint32(0, true), view.getUint32(4, true)];
      if (this.#remembered.size >= MAX_REMEMBERED) this.#remembered.clear();
      this.#remembered.set(gram, hash);
    }
    return hash;
  }
}

/** Distinct 3-grams of code points, with a space at both ends. */
function grams(folded: string): Set<string> {
  const padded = ` ${folded} `;
  const found = new Set<string>();
  const characters = Array.from(padded);
  if (characters.length === padded.length) {
    for (let at = 0; at + 3 <= padded.length; at++) found.add(padded.slice(at, at + 3));
  } else {
    for (let at = 0; at + 3 <= characters.length; at++) {
      found.add(characters[at] + characters[at + 1] + characters[at + 2]);
    }
  }
  return found;
}

/** The bin's own minimum, else that of the first filled bin in its fixed random order. */
function value(lowest: readonly (Hash | undefined)[], bin: number): Hash {
  const own = lowest[bin];
  if (own) return own;
  for (const donor of donors(bin)) {
    const borrowed = lowest[donor];
    if (borrowed) return borrowed;
  }
  return lowest.find((found) => found) as Hash;
}

const DONORS = new Map<number, Uint8Array>();

function donors(bin: number): Uint8Array {
  let found = DONORS.get(bin);
  if (!found) {
    found = shake128(new Uint8Array([bin]), 1024).map((byte) => byte % BINS);
    DONORS.set(bin, found);
  }
  return found;
}
