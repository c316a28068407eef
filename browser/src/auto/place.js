import { normalise } from "../normalise.js";
import { share } from "../share.js";

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
  const tried = new Set();
  for (const start of changed) {
    for (let at = start; at && at != document.body && !tried.has(at); at = at.parentElement) {
      tried.add(at);
      if (belongsToAnother(at, handle)) {
        break;
      }
      const shown = normalise(at.textContent);
      for (const text of texts) {
        if (shown.length > text.length + LABELS) {
          continue; // an answer that repeats the question is not both of them
        }
        const value = share(text, shown);
        const found = value * text.length;
        if (value >= MOSTLY && (found > most || (found == most && best.contains(at)))) {
          most = found;
          best = at;
        }
      }
    }
  }
  return best;
};

const belongsToAnother = (element, handle) =>
  [element.closest(`[${MARK}]`), ...element.querySelectorAll(`[${MARK}]`)].some(
    (other) => other && other.getAttribute(MARK) != handle,
  );
