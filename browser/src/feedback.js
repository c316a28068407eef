/** Sees what people do with the answers on a page; docs/browser.md says how to use it. */
import { see } from "./acts.js";
import { answerOf, follow, leave, look } from "./answers.js";
import { near, watch } from "./find.js";
import { act, again } from "./queue.js";
import { on } from "./safe.js";

const TICK = 500; // ms

const found = (element) => {
  if (element.dataset.aiOutput) {
    follow(element);
  } else {
    import("./feedback-draft.js")
      .then(({ edit }) => edit(element, near, act, answerOf))
      .catch(() => {});
  }
};

// Nothing is seen of visitors who object to it, if the page respects that.
if (!(navigator.globalPrivacyControl && document.querySelector("script[data-ai-respect-gpc]"))) {
  watch(document, found, see);
  setInterval(look, TICK);
  // A page that is made ready in advance is hidden until somebody looks at it.
  on(window, {
    visibilitychange: leave,
    pagehide: leave,
    pageshow: again,
    online: again,
  });
}
