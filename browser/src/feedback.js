/** Sees what people do with the answers on a page; docs/browser.md says how to use it. */
import { answerOf, answers, follow, leave, look, onScreen } from "./answers.js";
import { watch } from "./find.js";
import { act, again } from "./queue.js";
import { on, safe } from "./safe.js";

const TICK = 500; // ms

// What the other modules need of this one.
const core = { act, answerOf, answers, onScreen };

const found = (element) => {
  const { aiOutput, aiDraft, aiAction } = element.dataset;
  if (aiOutput && !aiAction) {
    follow(element);
  }
  if (aiDraft) {
    import("./feedback-draft.js").then(({ edit }) => edit(element, core)).catch(() => {});
  }
};

// Nothing is seen of visitors who object to it, if the page respects that.
if (!(navigator.globalPrivacyControl && document.querySelector("script[data-ai-respect-gpc]"))) {
  // Not only with the first answer, which may be copied as soon as it is there.
  const acts = import("./feedback-acts.js");
  watch(document, found, (root) => acts.then(({ see }) => see(root, core)).catch(() => {}));
  setInterval(look, TICK);
  // A page that is made ready in advance is hidden until somebody looks at it.
  on(window, {
    visibilitychange: leave,
    pagehide: leave,
    pageshow: again,
    online: again,
  });
}
