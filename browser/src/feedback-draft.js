/** Sees how much of an answer survives in the drafts that start from it; loaded when there is one. */
import { compare } from "./distance.js";
import { normalise } from "./normalise.js";
import { on, safe } from "./safe.js";

const CHECKPOINTS = [30, 120, 300, 600, 900]; // seconds, as VS Code's reporter of edit survival
const TICK = 1000; // ms
const LATE = 10; // seconds: what is seen later is not what was there at the checkpoint
const USES = /^(accept|insert|share)/;

const drafts = new Map(); // by element
const watched = new WeakSet(); // documents and shadow roots

/**
 * Follow a draft.
 *
 * @param {Element} element a textarea, input or contenteditable
 * @param {(element: Element, beside: boolean) => Element} near finds what a control is about
 * @param {Function} act reports an action
 * @param {(element: Element) => object} answerOf the answer that a marked element is about
 */
export const edit = safe((element, near, act, answerOf) => {
  const known = drafts.get(element);
  const answer = answerOf(element);
  if (known?.answer != answer) {
    drafts.set(element, { answer, act, number: drafts.size, due: [...CHECKPOINTS] });
  }
  if (!known) {
    // Until the person changes it, the page may still be filling it in.
    on(element, { beforeinput: () => (drafts.get(element).given ||= textOf(element)) });
  }
  for (const root of [element.ownerDocument, element.getRootNode()]) {
    if (!watched.has(root)) {
      watched.add(root);
      watch(root, near);
    }
  }
});

/** See when drafts are used: a form is sent, or a control beside one is clicked. */
const watch = (root, near) =>
  on(root, {
    submit({ target }) {
      for (const element of drafts.keys()) {
        if (target.contains(element)) {
          use(element);
        }
      }
    },
    click(event, path) {
      const control = path.find(({ dataset }) => USES.test(dataset?.aiAction));
      if (control) {
        use(near(control, true));
      }
    },
  });

/** The draft was used as it is now: what becomes of it later is no survival. */
const use = (element) => {
  const draft = drafts.get(element);
  if (draft) {
    draft.due = [];
    report(element, draft);
  }
};

const report = (element, { act, answer, number, given }, checkpoint) => {
  const used = textOf(element);
  const { ratio, kept } = compare(given ?? used, used);
  const id = [number, checkpoint || "used"].join("-");
  act(answer, "edit", { value: ratio, kept_share: kept, checkpoint }, id);
};

const textOf = (element) => normalise(element.value ?? element.textContent);

const idle = window.requestIdleCallback || setTimeout;

setInterval(
  safe(() => {
    const now = performance.now() / 1000;
    for (const [element, draft] of drafts) {
      if (!element.isConnected) {
        drafts.delete(element);
      } else if (draft.since) {
        while (draft.due[0] <= now - draft.since) {
          const checkpoint = draft.due.shift();
          if (now - draft.since < checkpoint + LATE) {
            idle(safe(() => report(element, draft, checkpoint)));
          }
        }
      } else if (textOf(element)) {
        draft.since = now;
      }
    }
  }),
  TICK,
);
