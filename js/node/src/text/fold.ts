/** Case folding as Python's `str.casefold` does it, which is Unicode's full folding. */
import { FOLDS } from "./folds.js";

const ASCII = /^[\x00-\x7f]*$/;

export function caseFold(text: string): string {
  if (ASCII.test(text)) return text.toLowerCase();
  let found = "";
  for (const character of text) {
    // One at a time: of a whole word, JavaScript makes the last sigma another one.
    found += FOLDS.get(character) ?? character.toLowerCase();
  }
  return found;
}
