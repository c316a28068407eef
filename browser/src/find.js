/** Finds what is marked up, now and later, in open shadow roots and frames of the same origin too. */
import { on, safe } from "./safe.js";

const MARKED = "[data-ai-output],[data-ai-draft]";

/**
 * Watch a document or shadow root.
 *
 * @param {Document | ShadowRoot} root watched once, by whichever script comes first
 * @param {(element: Element) => void} found called for each marked element, and when it changed
 * @param {(root: Document | ShadowRoot) => void} enter called for each of them
 */
export const watch = safe((root, found, enter) => {
  if (root.aiFeedback) {
    return;
  }
  // For feedback-auto.js, which marks answers in shadow roots that came without a sign.
  const visit = (root.aiFeedback = safe((node) => {
    if (node.matches?.(MARKED)) {
      found(node);
    }
    [...node.children].forEach(visit);
    const inner = node.shadowRoot || node.contentDocument;
    if (inner) {
      watch(inner, found, enter);
    } else if (node.matches(":not(:defined)")) {
      // It may get its shadow root when it is defined.
      customElements.whenDefined(node.localName).then(() => visit(node));
    }
  }));
  new MutationObserver(
    safe((records) => {
      records.forEach(({ addedNodes }) => addedNodes.forEach(visit));
      new Set(records.map(({ target }) => around(target))).forEach((element) => element && found(element));
    }),
  ).observe(root, {
    subtree: true,
    childList: true,
    characterData: true,
    attributeFilter: ["data-ai-output", "data-ai-draft"],
  });
  on(root, { load: ({ target }) => visit(target) }); // a frame
  visit(root);
  enter(root);
});

/** The marked element that a node is in. */
const around = (node) => {
  for (let at = node; at; at = at.parentNode || at.host) {
    if (at.matches?.(MARKED)) {
      return at;
    }
  }
};
