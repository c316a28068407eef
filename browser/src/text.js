/** Texts compared as people see them: by their letters, whatever stands between. */

const GRAM = 6; // letters in a row that are the same by chance in few texts
export const SAME = 0.8; // of a text that is part of an answer, at least
export const NEARLY = 0.9; // of an answer, where the text may hold other things too
const HIDDEN = "script,style,noscript,template,textarea,select,button";

/**
 * The text that a person sees in an element, and could select there.
 *
 * Blocks and `<br>` break it; line numbers and all that cannot be selected are left out.
 *
 * @param {Element} element
 * @param {Range} [range] only what is in it
 */
export const textOf = (element, range) => {
  let text = "";
  const walk = (node, selectable) => {
    if (node.nodeType == Node.TEXT_NODE) {
      if (!range) {
        text += node.data;
      } else if (range.intersectsNode(node)) {
        const { startContainer, startOffset, endContainer, endOffset } = range;
        const end = node == endContainer ? endOffset : undefined;
        text += node.data.slice(node == startContainer ? startOffset : 0, end);
      }
    } else if (node.localName == "br") {
      text += "\n";
    } else if (node.nodeType == Node.ELEMENT_NODE && (node == element || !node.matches(HIDDEN))) {
      const { display, userSelect } = getComputedStyle(node);
      // Where a whole page forbids selecting, its text is text all the same.
      if (display != "none" && (userSelect != "none" || !selectable)) {
        const around = /^(inline|contents|ruby)/.test(display) ? "" : "\n";
        text += around;
        (node.shadowRoot || node).childNodes.forEach((child) => walk(child, selectable));
        text += around;
      }
    }
  };
  walk(element, getComputedStyle(element).userSelect != "none");
  return text;
};

/**
 * The letters and digits of a text, without case, marks and spaces: an answer, its Markdown source
 * and the same with line breaks elsewhere have the same. A text that has none is all of itself.
 */
export const letters = (text) => {
  const plain = text.normalize("NFKC").toLowerCase();
  const left = plain
    .replace(/\]\([^)\n]*\)|^\s*\d+[.)]\s/gm, "") // addresses of links, numbers of lists
    .replace(/[^\p{L}\p{M}\p{N}\p{So}]/gu, "");
  return left || plain.replace(/\s/g, "");
};

/** Share of an answer that a text holds, both as letters; 0 when the text is something else. */
export const share = (answer, text) => {
  const found = covered(answer, text);
  return found > NEARLY || covered(text, answer) > SAME ? found : 0;
};

/** Share of a text's letters that stand in another text too, so many in a row. */
export const covered = (text, other) => {
  const length = Math.min(GRAM, text.length, other.length);
  if (!length || other.includes(text)) {
    return +!!length;
  }
  const grams = gramsOf(other, length);
  let count = 0;
  let end = 0;
  for (let start = 0; start <= text.length - length; start++) {
    if (grams.has(text.slice(start, start + length))) {
      count += start + length - Math.max(start, end);
      end = start + length;
    }
  }
  return count / text.length;
};

let last = [];

/** All runs of so many letters; kept, as one text is compared with many. */
const gramsOf = (text, length) => {
  if (last[0] != text || last[1] != length) {
    const grams = new Set();
    for (let start = 0; start <= text.length - length; start++) {
      grams.add(text.slice(start, start + length));
    }
    last = [text, length, grams];
  }
  return last[2];
};
