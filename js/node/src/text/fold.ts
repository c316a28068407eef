/** Case folding as Python's `str.casefold` does it, which is Unicode's full folding. */
import { FOLDS } from "./folds.js";

// Looks for one, as a search that ends at once is the fastest.
const NOT_ASCII = /[^\x00-\x7f]/;

const isAscii = (text: string): boolean => !NOT_ASCII.test(text);

export function caseFold(text: string): string {
  if (isAscii(text)) return text.toLowerCase();
  let found = "";
  for (const character of text) {
    // One at a time: of a whole word, JavaScript makes the last sigma another one.
    found += FOLDS.get(character) ?? character.toLowerCase();
  }
  return found;
}
