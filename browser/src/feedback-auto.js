/**
 * Marks answers up by itself: learns handles from responses, and gives each to the element in which
 * that response's text appears. Load it before the scripts of the page that call `fetch`.
 *
 * All is compared in the page; this module sends nothing.
 */
import { placeOf } from "./auto/place.js";
import { readResponses } from "./auto/responses.js";
import { safe } from "./safe.js";

const MOST = 50; // responses that are remembered, for pages that render an answer again
const SETTLED = 5000; // ms after the end of a response
const SOON = 150; // ms: looks once for many changes

const responses = new Map(); // by handle: the element, what may be the answer, whether it is all
const changed = new Set();
const roots = new WeakSet();
let timer;

const look = safe(() => {
  timer = 0;
  enter(document); // shadow roots come without a sign
  const still = [...changed].filter((element) => element.isConnected);
  changed.clear();
  let waiting = false;
  for (const [handle, response] of responses) {
    const shown = response.element?.isConnected;
    if (shown && response.final) {
      continue;
    }
    // What is drawn after the end of the response may still show more of it.
    response.until = response.ended ? (response.until ?? Date.now() + SETTLED) : undefined;
    response.final = response.until < Date.now();
    const place = placeOf(
      response.texts.longest(),
      shown ? [response.element, ...still] : still,
      handle,
    );
    if (place && place != response.element) {
      response.element?.removeAttribute("data-ai-output");
      response.element = place;
      place.setAttribute("data-ai-output", handle);
      const { host } = place.getRootNode();
      if (host) {
        document.aiFeedback?.(host); // to have its shadow root watched
      }
    }
    waiting ||= !response.ended || !response.element;
  }
  if (waiting) {
    // The text may come after the change that it explains.
    still.slice(-100).forEach((element) => changed.add(element));
  }
});

const later = () => {
  timer ||= setTimeout(look, SOON);
};

/** Have the changes of a document or shadow root told, and of the open shadow roots in it. */
const enter = safe((root) => {
  if (!roots.has(root)) {
    roots.add(root);
    observer.observe(root, { subtree: true, childList: true, characterData: true });
    changed.add(root.host ?? root.documentElement);
    [...root.children].forEach((element) => changed.add(element));
  }
  for (const { shadowRoot } of root.querySelectorAll("*")) {
    if (shadowRoot) {
      enter(shadowRoot);
    }
  }
});

const observer = new MutationObserver(
  safe((records) => {
    for (const { target, addedNodes } of records) {
      for (const node of [target, ...addedNodes]) {
        changed.add(node.nodeType == Node.ELEMENT_NODE ? node : node.parentElement ?? node.getRootNode().host);
      }
    }
    changed.delete(null);
    changed.delete(undefined);
    if (responses.size) {
      later();
    } else {
      changed.clear();
    }
  }),
);

readResponses(
  safe((response) => {
    if (responses.get(response.handle) != response) {
      responses.set(response.handle, response);
      if (responses.size > MOST) {
        responses.delete(responses.keys().next().value);
      }
    }
    later();
  }),
);
enter(document);
