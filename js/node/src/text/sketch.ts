/** A keyed sketch of a user turn, from which SQL can estimate how alike two turns are.
 *
 * Densified one-permutation MinHash of the distinct grams, 128 bins of 8 bit; the twin of the Python
 * package's, which says what a gram is and why, and whose vectors it is held to.
 */
import { keyedBlake2b } from "../digest/blake2b.js";
import { bytesOf, hex } from "../digest/encoding.js";
import { shake128 } from "../digest/shake128.js";
import { caseFold } from "./fold.js";
import { codePoints, firstCodePoints, lastCodePoints } from "./normalise.js";

export const BINS = 128;
export const MIN_GRAMS = 16;
// From each end of a turn.
export const END_CHARACTERS = 250;
const DENSE_WEIGHT = 4;
// Three characters come again from turn to turn, so their hashes are remembered.
const MAX_REMEMBERED = 20_000;
// The first block is nearly always enough, as every byte of it names a bin.
const FIRST_DONORS = 168;
const DONORS = 1024;

const NOT_ALPHANUMERIC = /[^\p{L}\p{N}]+/gu;
// Thai, Lao, Myanmar, Khmer, kana, Chinese characters, syllables of Hangul.
const DENSE: readonly (readonly [number, number])[] = [
  [0x0e00, 0x0eff],
  [0x1000, 0x109f],
  [0x1780, 0x17ff],
  [0x3005, 0x30ff],
  [0x3400, 0x9fff],
  [0xac00, 0xd7a3],
  [0xf900, 0xfaff],
  [0x20000, 0x3ffff],
];
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
// What a turn in ASCII is folded into, and its sketch: to make these each time takes longer than to fill them.
const turn = new Uint8Array(2 * END_CHARACTERS + 3);
const sketched = bytesOf(BINS);

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
  // For the letters and digits of ASCII found by their place, at a tenth of a look-up; 0 is unknown.
  readonly #ascii = new Uint32Array(2 * SYMBOL_COUNT ** 3);
  readonly #others = new Map<string, Uint32Array>();
  readonly #lows = new Uint32Array(BINS);
  readonly #highs = new Uint32Array(BINS);
  readonly #filled = new Uint8Array(BINS);

  constructor(key: Uint8Array) {
    this.#hash = keyedBlake2b(key, 8);
  }

  /** 256 hexadecimal digits, or null when the text has too few grams. */
  sketch(text: string): string | null {
    const ends = endsOf(text);
    this.#filled.fill(0);
    const length = foldAscii(ends);
    if (length) {
      for (let at = 2; at < length; at++) this.#takeAscii(turn[at - 2], turn[at - 1], turn[at]);
    } else {
      eachGram(
        foldedOther(ends),
        (first, second, third) => this.#take(first, second, third),
        (first, second) => this.#keepLower(this.#other(String.fromCodePoint(first, second))),
      );
    }
    let filled = 0;
    for (let bin = 0; bin < BINS; bin++) filled += this.#filled[bin];
    if (filled < MIN_GRAMS && isShort(folded(text))) return null;
    // Bits 7 to 14: bin number and minimum are decided by the other bits, so these stay uniform.
    for (let bin = 0; bin < BINS; bin++) sketched[bin] = this.#lows[this.#holder(bin)] >>> 7;
    return hex(sketched);
  }

  /** Has a gram take its bin, if its hash is lower than what holds it. */
  #take(first: number, second: number, third: number): void {
    if ((first | second | third) >= 128) {
      this.#keepLower(this.#other(String.fromCodePoint(first, second, third)));
    } else {
      this.#takeAscii(first, second, third);
    }
  }

  #takeAscii(first: number, second: number, third: number): void {
    const ascii = this.#ascii;
    const place = 2 * ((SYMBOLS[first] * SYMBOL_COUNT + SYMBOLS[second]) * SYMBOL_COUNT + SYMBOLS[third]);
    if (!ascii[place] && !ascii[place + 1]) {
      ascii.set(this.#made(String.fromCharCode(first, second, third)), place);
    }
    this.#keepLowerOf(ascii[place], ascii[place + 1]);
  }

  #keepLower(hash: Uint32Array): void {
    this.#keepLowerOf(hash[0], hash[1]);
  }

  #keepLowerOf(low: number, high: number): void {
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

/** Code points of what counts of the text, folded, between two spaces; one space if it is empty. */
function folded(text: string): Uint32Array {
  const ends = endsOf(text);
  const length = foldAscii(ends);
  return length ? Uint32Array.from(turn.subarray(0, length)) : foldedOther(ends);
}

function endsOf(text: string): string {
  const most = 2 * END_CHARACTERS;
  // No text of so many code units has fewer code points, and few are looked at one by one.
  if (text.length <= most || (text.length <= 2 * most && codePoints(text) <= most)) return text;
  return `${firstCodePoints(text, END_CHARACTERS)} ${lastCodePoints(text, END_CHARACTERS)}`;
}

/** Folds the ends of a text in one pass; how many codes there are, or 0 where it is not ASCII. */
function foldAscii(text: string): number {
  turn[0] = SPACE;
  let length = 1;
  for (let at = 0; at < text.length; at++) {
    const given = text.charCodeAt(at);
    if (given > 127) return 0;
    const code = FOLDED[given];
    if (code) turn[length++] = code;
    else if (turn[length - 1] !== SPACE) turn[length++] = SPACE;
  }
  if (turn[length - 1] !== SPACE) turn[length++] = SPACE;
  return length;
}

function foldedOther(text: string): Uint32Array {
  const words = ` ${caseFold(text)} `.replace(NOT_ALPHANUMERIC, " ");
  return Uint32Array.from(words, (character) => character.codePointAt(0) as number);
}

/** Every gram of a text: three characters, or two of which one is dense. */
function eachGram(
  codes: Uint32Array,
  three: (first: number, second: number, third: number) => void,
  two: (first: number, second: number) => void,
): void {
  for (let at = 2; at < codes.length; at++) {
    const first = codes[at - 2];
    const second = codes[at - 1];
    const third = codes[at];
    if ((first | second | third) < 128) {
      three(first, second, third);
      continue;
    }
    const dense = isDense(second) || isDense(third);
    if (!dense && !isDense(first)) three(first, second, third);
    if (dense && second !== SPACE && third !== SPACE) two(second, third);
  }
}

function isDense(code: number): boolean {
  return code >= DENSE[0][0] && DENSE.some(([first, last]) => first <= code && code <= last);
}

/** Whether there are too few distinct grams to say how alike two turns are. */
function isShort(codes: Uint32Array): boolean {
  const distinct = new Map<string, number>();
  eachGram(
    codes,
    (...three) => distinct.set(String.fromCodePoint(...three), 1),
    (...two) => distinct.set(String.fromCodePoint(...two), DENSE_WEIGHT),
  );
  let weight = 0;
  for (const counts of distinct.values()) weight += counts;
  return weight < MIN_GRAMS;
}

const firstDonors = new Array<Uint8Array | undefined>(BINS);

function donors(bin: number): Uint8Array {
  return (firstDonors[bin] ??= shake128(new Uint8Array([bin]), FIRST_DONORS).map(binOf));
}

const binOf = (byte: number): number => byte % BINS;
