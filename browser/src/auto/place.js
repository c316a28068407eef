import { letters, share, textOf } from "../text.js";

const MOSTLY = 0.8; // of the answer must be there
const LABELS = 50; // characters of names and buttons beside it
const MARK = "data-ai-output";

/**
 * The element in which an answer appears: the innermost that shows most of it, and little else.
 *
 * @param {string[]} texts what may be the answer
 * @param {Iterable<Element>} changed where the page changed since it was asked for
 * @param {string} handle of the answer
 * @returns {Element | undefined}
 */
export const placeOf = (texts, changed, handle) => {
  let best;
  let most = 0;
  const wanted = texts.map(letters);
  const tried = new Set();
  for (const start of changed) {
    for (let at = start; at && at.localName != "body" && !tried.has(at); at = parentOf(at)) {
      tried.add(at);
      // An answer that repeats the question is not both of them.
      const longest = Math.max(...wanted.map((text) => text.length)) + LABELS;
      if (belongsToAnother(at, handle) || at.textContent.length > 3 * longest + 1000) {
        break;
      }
      const shown = letters(textOf(at));
      for (const text of wanted) {
        if (shown.length > text.length + LABELS || shown.length < MOSTLY * text.length) {
          continue;
        }
        const value = share(text, shown);
        const found = value * text.length;
        if (value >= MOSTLY && (found > most || (found == most && isIn(at, best)))) {
          most = found;
          best = at;
        }
      }
    }
  }
  return best;
};

/** The element around another, also out of a shadow root. */
const parentOf = (element) => element.parentElement ?? element.getRootNode().host;

const isIn = (inner, outer) => {
  let at = inner;
  while (at && at != outer) {
    at = parentOf(at);
  }
  return at == outer;
};

const belongsToAnother = (element, handle) =>
  [element.closest(`[${MARK}]`), ...element.querySelectorAll(`[${MARK}]`)].some(
    (other) => other && other.getAttribute(MARK) != handle,
  );
