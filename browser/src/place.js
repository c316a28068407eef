/** Finds the answer that a control, a button or a menu belongs to. None is better than a wrong one. */
const MARKED = "[data-ai-output],[data-ai-draft]";
const LAYERS = "dialog,[popover],[role=dialog],[role=alertdialog],[role=menu],[role=listbox]";
const OPENS = 1000; // ms in which what a press opens comes into the page

const openers = new WeakMap(); // the answer's element, by what was opened from beside it

/**
 * The marked element that a node belongs to: the one it is in or is marked with, the only one of
 * the nearest container that has any, the one just before it among several, or that of the control
 * which opened the layer that it stands in.
 *
 * @param {Node} node
 * @returns {Element | undefined}
 */
export const belongs = (node) => {
  let branch;
  let layer;
  for (let at = node; at; branch = at, at = at.parentNode || at.host) {
    if (at.matches?.(MARKED)) {
      return at;
    }
    const marked = [...(at.querySelectorAll?.(MARKED) ?? [])];
    if (marked.length) {
      return only(marked) || (layer ? undefined : before(branch));
    }
    if (at.matches) {
      layer ||= at.matches(LAYERS) || /fixed|absolute/.test(getComputedStyle(at).position);
      const opener = openers.get(at);
      if (opener) {
        return opener;
      }
      const trigger = triggerOf(at);
      if (trigger) {
        return belongs(trigger);
      }
    }
  }
};

/** The first of some elements, if all are about one answer. */
const only = (marked) => {
  const handles = marked.map(({ dataset }) => dataset.aiOutput || dataset.aiDraft);
  return handles.every((handle) => handle == handles[0]) ? marked[0] : undefined;
};

/** The answer in the nearest element before this one that has any, if it has only one. */
const before = (branch) => {
  for (let at = branch; (at = at?.previousElementSibling); ) {
    const marked = at.matches(MARKED) ? [at] : [...at.querySelectorAll(MARKED)];
    if (marked.length) {
      return only(marked);
    }
  }
};

/** What says of itself that it opens an element; a tab opens more than one answer's layer. */
const triggerOf = (element) => {
  const id = CSS.escape(element.id);
  const found = id && element.getRootNode().querySelector(
    `[aria-controls~="${id}"]:not([role=tab]),[popovertarget="${id}"]`,
  );
  return found && !element.contains(found) ? found : undefined;
};

let pressed; // what a person pressed last beside an answer, a moment ago
let timer;

/** A person pressed something that belongs to an answer: what it opens does too. */
export const press = (target, element) => {
  clearTimeout(timer);
  watcher.disconnect();
  pressed = element && { element, branch: topmost(target) };
  if (element) {
    watcher.observe(target.ownerDocument, { childList: true, subtree: true });
    timer = setTimeout(() => press(), OPENS);
  }
};

/** A dialog or popover opens, or closes, that was in the page before. */
export const toggle = ({ newState, target }) => {
  if (newState == "open" && pressed) {
    openers.set(target, pressed.element);
  } else {
    openers.delete(target);
  }
};

const watcher = new MutationObserver((records) => {
  for (const { addedNodes } of records) {
    for (const node of addedNodes) {
      if (node.nodeType == Node.ELEMENT_NODE && topmost(node) != pressed?.branch && isLayer(node)) {
        openers.set(node, pressed.element);
      }
    }
  }
});

/** The child of the body that a node is in. */
const topmost = (node) => {
  let at = node;
  for (let up; (up = at.parentNode || at.host) && up.localName != "body"; at = up);
  return at;
};

const isLayer = (element) =>
  element.matches(LAYERS) ||
  element.querySelector(LAYERS) ||
  [element, element.firstElementChild].some((each) => each && /fixed|absolute/.test(getComputedStyle(each).position));
