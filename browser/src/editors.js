/** The text of a draft, whatever editor holds it. */
import { textOf } from "./feedback-acts.js";
import { normalise } from "./normalise.js";

// Editors that draw only the lines in view: what is drawn is a window of the text, and moves.
const MODELS = {
  // CodeMirror 6, as its own `EditorView.findFromDOM` does it
  ".cm-content": (at) => (at.cmTile ?? at.cmView).root.view.state.doc.toString(),
  ".CodeMirror": (at) => at.CodeMirror.getValue(),
  ".ace_editor": (at) => at.env.editor.getValue(),
  ".monaco-editor": (at) =>
    window.monaco.editor.getEditors().find((editor) => at.contains(editor.getDomNode())).getValue(),
};

/**
 * Text of a draft, with whitespace normalised.
 *
 * @param {Element} element the page may say more about it: `element.aiText` is a function that gives
 *   the text
 * @returns {string | undefined} nothing where an editor draws a window of the text and its model is
 *   out of reach
 */
export const draftText = (element) => {
  try {
    const text = (element.aiText ?? modelOf(element) ?? (() => element.value ?? textOf(element)))();
    return normalise(text.replace(/[\u200b\ufeff]/g, ""));
  } catch {
    // Another version of the editor, or no text.
  }
};

/** Whether all of a draft's text is drawn. */
export const isWhole = (element) => !modelOf(element);

const modelOf = (element) => {
  for (const [selector, read] of Object.entries(MODELS)) {
    const at = element.closest(selector) || element.querySelector(selector);
    if (at) {
      return () => read(at);
    }
  }
};
