/** The words of a text, without marks: an answer and its Markdown source have the same. */
export const words = (text) => text.match(/\p{Ideo}|[^\s\p{P}`|\p{Ideo}]+/gu) || [];

const size = (list) => list.join("").length;

/** Share of an answer's characters that a text holds; 0 when the text is something else. */
export const share = (answer, text) => {
  const whole = words(answer);
  const held = new Set(whole);
  const part = words(text);
  const common = size(part.filter((word) => held.has(word)));
  const found = Math.min(1, common / size(whole));
  return found > 0.9 || common > 0.8 * size(part) ? found : 0;
};

/** The text that is selected where a node is: in its field, shadow root or document. */
export const selectionAt = (node) =>
  node.selectionEnd
    ? node.value.slice(node.selectionStart, node.selectionEnd)
    : "" + (node.getRootNode().getSelection?.() || node.ownerDocument.getSelection());
