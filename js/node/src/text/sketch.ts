/** A keyed sketch of a user turn, from which SQL can estimate how alike two turns are.
 *
 * Densified one-permutation MinHash of the distinct character 3-grams, 128 bins of 8 bit; the twin
 * of the Python package's, whose vectors it is held to.
 */
import { keyedBlake2b } from "../digest/blake2b.js";
import { hex } from "../digest/hmac.js";
import { shake128 } from "../digest/shake128.js";
import { caseFold, isAscii } from "./fold.js";
import { firstCodePoints } from "./normalise.js";

export const BINS = 128;
export const MIN_GRAMS = 8;
export const MAX_CHARACTERS = 20_000;
// Three characters come again from turn to turn, so their hashes are remembered.
const MAX_REMEMBERED = 20_000;
// The first block is nearly always enough, as every byte of it names a bin.
const FIRST_DONORS = 168;
const DONORS = 1024;

const NOT_ALPHANUMERIC = /[^\p{L}\p{N}]+/gu;
const SPACE = 32;
// For ASCII: the letter or digit in lower case, 0 for all else.
const FOLDED = Uint8Array.from({ length: 128 }, (_, code) => {
  const character = String.fromCharCode(code);
  return /[A-Za-z0-9]/.test(character) ? character.toLowerCase().charCodeAt(0) : 0;
});
// What is left of ASCII, numbered from the space on.
const SYMBOL_COUNT = 37;
const SYMBOLS = Uint8Array.from({ length: 128 }, (_, code) =>
  Math.max(" abcdefghijklmnopqrstuvwxyz0123456789".indexOf(String.fromCharCode(code)), 0),
);
const encoder = new TextEncoder();

/** The text casefolded, with other characters than letters and digits as single spaces. */
export function fold(text: string): string {
  const codes = folded(text);
  let found = "";
  for (let at = 1; at < codes.length - 1; at++) found += String.fromCodePoint(codes[at]);
  return found;
}

/** Makes sketches under one key; those under different keys are not comparable. */
export class Sketcher {
  readonly #hash: (message: Uint8Array) => Uint8Array;
  readonly #short: (message: Uint8Array) => Uint8Array;
  // For the letters and digits of ASCII found by their place, at a tenth of a look-up; 0 is unknown.
  readonly #ascii = new Uint32Array(2 * SYMBOL_COUNT ** 3);
  readonly #others = new Map<string, Uint32Array>();
  readonly #lows = new Uint32Array(BINS);
  readonly #highs = new Uint32Array(BINS);
  readonly #filled = new Uint8Array(BINS);

  constructor(key: Uint8Array) {
    this.#hash = keyedBlake2b(key, 8);
    this.#short = keyedBlake2b(key, 64, "short turn");
  }

  /** 256 hexadecimal digits, or null when the text has no letter or digit. */
  sketch(text: string): string | null {
    const codes = folded(text);
    if (codes.length < 3) return null;
    if (isShort(codes)) return hex(shake128(this.#short(encoder.encode(fold(text))), BINS));
    this.#filled.fill(0);
    for (let at = 2; at < codes.length; at++) this.#take(codes[at - 2], codes[at - 1], codes[at]);
    const bytes = new Uint8Array(BINS);
    // Bits 7 to 14: bin number and minimum are decided by the other bits, so these stay uniform.
    for (let bin = 0; bin < BINS; bin++) bytes[bin] = this.#lows[this.#holder(bin)] >>> 7;
    return hex(bytes);
  }

  /** Has a gram take its bin, if its hash is lower than what holds it. */
  #take(first: number, second: number, third: number): void {
    if ((first | second | third) >= 128) {
      const hash = this.#other(String.fromCodePoint(first, second, third));
      this.#keepLower(hash[0], hash[1]);
      return;
    }
    const ascii = this.#ascii;
    const place = 2 * ((SYMBOLS[first] * SYMBOL_COUNT + SYMBOLS[second]) * SYMBOL_COUNT + SYMBOLS[third]);
    if (!ascii[place] && !ascii[place + 1]) {
      ascii.set(this.#made(String.fromCharCode(first, second, third)), place);
    }
    this.#keepLower(ascii[place], ascii[place + 1]);
  }

  #keepLower(low: number, high: number): void {
    const bin = low & (BINS - 1);
    const held = this.#highs[bin];
    if (this.#filled[bin] && (high > held || (high === held && low >= this.#lows[bin]))) return;
    this.#filled[bin] = 1;
    this.#lows[bin] = low;
    this.#highs[bin] = high;
  }

  #other(gram: string): Uint32Array {
    let hash = this.#others.get(gram);
    if (!hash) {
      hash = this.#made(gram);
      if (this.#others.size >= MAX_REMEMBERED) this.#others.clear();
      this.#others.set(gram, hash);
    }
    return hash;
  }

  /** The hash of a gram, of 64 bit: its lower and its upper half. */
  #made(gram: string): Uint32Array {
    const bytes = this.#hash(encoder.encode(gram));
    const view = new DataView(bytes.buffer, bytes.byteOffset);
    return Uint32Array.of(view.getUint32(0, true), view.getUint32(4, true));
  }

  /** The bin itself when it is filled, else the first filled one in its fixed random order. */
  #holder(bin: number): number {
    if (this.#filled[bin]) return bin;
    for (const donor of donors(bin)) if (this.#filled[donor]) return donor;
    for (const donor of shake128(new Uint8Array([bin]), DONORS)) {
      if (this.#filled[binOf(donor)]) return binOf(donor);
    }
    return this.#filled.indexOf(1);
  }
}

/** Code points of the folded text, between two spaces; nothing more than a space if it is empty. */
function folded(text: string): Uint32Array {
  const first = firstCodePoints(text, MAX_CHARACTERS);
  return isAscii(first) ? foldedAscii(first) : foldedOther(first);
}

/** In one pass, as this is what most turns are. */
function foldedAscii(text: string): Uint32Array {
  const codes = new Uint32Array(text.length + 2);
  codes[0] = SPACE;
  let length = 1;
  for (let at = 0; at < text.length; at++) {
    const code = FOLDED[text.charCodeAt(at)];
    if (code) codes[length++] = code;
    else if (codes[length - 1] !== SPACE) codes[length++] = SPACE;
  }
  if (codes[length - 1] !== SPACE) codes[length++] = SPACE;
  return codes.subarray(0, length);
}

function foldedOther(text: string): Uint32Array {
  const words = ` ${caseFold(text)} `.replace(NOT_ALPHANUMERIC, " ");
  return Uint32Array.from(words, (character) => character.codePointAt(0) as number);
}

/** Whether there are too few distinct grams to say how alike two turns are. */
function isShort(codes: Uint32Array): boolean {
  const distinct = new Set<string>();
  for (let at = 2; at < codes.length && distinct.size < MIN_GRAMS; at++) {
    distinct.add(String.fromCodePoint(codes[at - 2], codes[at - 1], codes[at]));
  }
  return distinct.size < MIN_GRAMS;
}

const firstDonors = new Array<Uint8Array | undefined>(BINS);

function donors(bin: number): Uint8Array {
  return (firstDonors[bin] ??= shake128(new Uint8Array([bin]), FIRST_DONORS).map(binOf));
}

const binOf = (byte: number): number => byte % BINS;
