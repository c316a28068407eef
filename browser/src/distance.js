/**
 * How much of a text was changed, in time proportional to the product of the lengths over 32.
 *
 * Lengths are those of the parts that differ: what both texts begin and end with is left out first.
 */

const WORD = 32;
const MOST = 8192; // characters compared: more would hold up the page

/**
 * Compare what was given with what became of it.
 *
 * @param {string} given
 * @param {string} used
 * @returns {{ratio: number, kept: number}} edit ratio, which is the Levenshtein distance over the
 *   greater length, and the share of the given characters that are kept, in order. For differing
 *   parts of more than 8,192 characters both are those of their beginnings.
 */
export const compare = (given, used) => {
  let start = 0;
  let end = 0;
  const shorter = Math.min(given.length, used.length);
  while (start < shorter && given[start] == used[start]) {
    start++;
  }
  while (end < shorter - start && given.at(-1 - end) == used.at(-1 - end)) {
    end++;
  }
  const a = given.slice(start, given.length - end);
  const b = used.slice(start, used.length - end);
  const from = a.slice(0, MOST);
  const to = b.slice(0, MOST);
  const scale = Math.max(a.length, b.length) / Math.max(from.length, to.length) || 1;
  const [edits, common] = from && to ? columns(from, to) : [from.length + to.length, 0];
  return {
    ratio: Math.min(1, (edits * scale) / Math.max(given.length, used.length) || 0),
    kept: Math.min(1, (start + end + common * scale) / given.length),
  };
};

/**
 * Levenshtein distance and length of the longest common subsequence, 32 rows at a time.
 *
 * Myers 1999 in the form of Hyyrö 2003 for the first, Hyyrö 2004 for the second: bit i of a word
 * stands for character i of `from`, and each character of `to` is one step over all words.
 */
const columns = (from, to) => {
  const count = Math.ceil(from.length / WORD);
  const masks = new Map();
  for (let i = 0; i < from.length; i++) {
    const mask = masks.get(from[i]) || new Int32Array(count);
    mask[i >> 5] |= 1 << i;
    masks.set(from[i], mask);
  }
  const none = new Int32Array(count);
  const up = new Int32Array(count).fill(-1); // the distance grows by one from row to row
  const down = new Int32Array(count); // it falls by one
  const open = new Int32Array(count).fill(-1); // rows that no common subsequence has grown by
  const last = (from.length - 1) & 31;
  let edits = from.length;
  for (const character of to.split("")) {
    const mask = masks.get(character) || none;
    let plusIn = 1; // the distance to the empty text grows with every column
    let minusIn = 0;
    let carry = 0;
    for (let w = 0; w < count; w++) {
      const match = mask[w];
      const u = open[w] & match;
      const sum = (open[w] >>> 0) + (u >>> 0) + carry;
      carry = +(sum > 0xffffffff);
      open[w] = sum | (open[w] & ~match);

      const equal = match | minusIn;
      const vertical = match | down[w];
      const across = (((equal & up[w]) + up[w]) ^ up[w]) | equal;
      let plus = down[w] | ~(across | up[w]);
      let minus = up[w] & across;
      if (w == count - 1) {
        edits += ((plus >>> last) & 1) - ((minus >>> last) & 1);
      }
      const plusOut = plus >>> 31;
      const minusOut = minus >>> 31;
      plus = (plus << 1) | plusIn;
      minus = (minus << 1) | minusIn;
      up[w] = minus | ~(vertical | plus);
      down[w] = plus & vertical;
      plusIn = plusOut;
      minusIn = minusOut;
    }
  }
  let common = 0;
  for (let i = 0; i < from.length; i++) {
    common += ~(open[i >> 5] >>> (i & 31)) & 1;
  }
  return [edits, common];
};
