/** Finds what is marked up, now and later, in open shadow roots and frames of the same origin too. */
import { on, safe } from "./safe.js";

const MARKED = "[data-ai-output],[data-ai-draft]";

/**
 * Watch a document or shadow root.
 *
 * @param {Document | ShadowRoot} root watched once, by whichever script comes first
 * @param {(element: Element) => void} found called for each marked element, and when it changed
 * @param {(window: Window) => void} enter called for each document's window
 */
export const watch = safe((root, found, enter) => {
  if (root.aiFeedback) {
    return;
  }
  root.aiFeedback = true;
  const visit = safe((node) => {
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
  });
  new MutationObserver(
    safe((records) => {
      records.forEach(({ addedNodes }) => addedNodes.forEach(visit));
      for (const element of new Set(records.map(({ target }) => near(target)))) {
        if (element) {
          found(element);
        }
      }
    }),
  ).observe(root, {
    subtree: true,
    childList: true,
    characterData: true,
    attributeFilter: ["data-ai-output", "data-ai-draft"],
  });
  on(root, { load: ({ target }) => visit(target) }); // a frame
  visit(root);
  enter(root.defaultView);
});

/** The marked element that a node is in or, if `beside`, that is before or after it. */
export const near = (node, beside) => {
  for (let at = node; at; at = at.parentNode || at.host) {
    const all = beside ? [...at.querySelectorAll(MARKED)] : [];
    const found = at.matches?.(MARKED)
      ? at
      : all.findLast((one) => one.compareDocumentPosition(node) & 4) || all[0];
    if (found) {
      return found;
    }
  }
};
