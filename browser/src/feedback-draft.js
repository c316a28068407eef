/** Sees how much of an answer survives in the drafts that start from it; loaded when there is one. */
import { compare } from "./distance.js";
import { draftText, isWhole } from "./editors.js";
import { belongs, covered, letters, remember, selectionAt } from "./feedback-acts.js";
import { on, safe } from "./safe.js";

const CHECKPOINTS = [30, 120, 300, 600, 900]; // seconds, as VS Code's reporter of edit survival
const TICK = 1000; // ms
const LATE = 10; // seconds: what is seen later is not what was there at the checkpoint
const SENDS = 5; // seconds in which a composer is emptied by the Enter that sends it
const USES = /^(accept|insert|share)/;
const DELETES = /^(Backspace|Delete)$/;
const MOVES = /^(Arrow|Home|End|Page|Esc|F\d|Shift|Control|Alt|Meta|Caps)/;
const COPIED = 0.8; // of a copied text: so much of it must be the answer's

const drafts = new Map(); // by element
const watched = new WeakSet(); // elements, documents and shadow roots
let core;
let count = 0;

/**
 * Follow a draft.
 *
 * @param {Element} element a textarea, an input, or an editor
 * @param {object} given what this module needs of the first one
 */
export const edit = safe((element, given) => {
  core = given;
  const answer = core.answerOf(element);
  if (drafts.get(element)?.answer != answer) {
    once(element, listen);
    drafts.set(element, moved(answer, element) || { answer, number: ++count, due: [...CHECKPOINTS] });
  }
  once(element.ownerDocument, watch);
  once(element.getRootNode(), watch);
});

const once = (target, f) => {
  if (!watched.has(target)) {
    watched.add(target);
    f(target);
  }
};

/** The draft whose element the page has drawn again, as it was. */
const moved = (answer, element) => {
  for (const [old, draft] of drafts) {
    if (draft.answer == answer && !old.isConnected && !draft.over && draft.now == draftText(element)) {
      drafts.delete(old);
      return draft;
    }
  }
};

/** Notice what a person does to the text, before the editor does it: some editors tell nobody. */
const listen = (element) => {
  const changing = (deletes, draft = drafts.get(element)) => {
    settle(element, draft);
    // Until the person changes it, the page may still be filling it in.
    draft.given ??= draftText(element);
    draft.deletes = deletes;
    draft.sent = undefined;
    return draft;
  };
  const compositionstart = () => changing(false);
  on(element, {
    keydown({ key, ctrlKey, metaKey, altKey, shiftKey, isComposing }) {
      if (key == "Enter" && !shiftKey && !isComposing) {
        const draft = changing(false);
        draft.sent = draftText(element);
        draft.until = now() + SENDS;
        setTimeout(safe(() => settle(element, draft)));
      } else if (!(MOVES.test(key) && !altKey) && !((ctrlKey || metaKey) && /[acf]/i.test(key))) {
        changing(DELETES.test(key));
      }
    },
    beforeinput({ inputType }) {
      // Of Enter the key was seen already.
      if (!/^insert(LineBreak|Paragraph)/.test(inputType) || !drafts.get(element).sent) {
        changing(/^(delete|history)/.test(inputType));
      }
    },
    paste: () => changing(false),
    cut: () => changing(true),
    drop: () => changing(false),
    compositionstart,
    focusin({ target: { editContext } }) {
      // An editor on the EditContext API is told there of a composition, and nowhere else.
      if (editContext) {
        once(editContext, () => on(editContext, { compositionstart }));
      }
    },
  });
};

/** A text that was emptied by nobody's hand was sent, if Enter was pressed; else it is gone. */
const settle = (element, draft) => {
  const text = element.isConnected ? draftText(element) : "";
  if (text) {
    draft.now = text;
  } else if (text == "" && draft.now && !draft.deletes) {
    if (draft.sent && now() < draft.until) {
      report(draft, draft.sent);
    }
    draft.over = true;
  }
};

/** See when drafts are used: a form is sent, a control is clicked, their text is copied. */
const watch = (root) => {
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
      const found = control && belongs(control);
      for (const [element, { answer }] of drafts) {
        if (found && answer == core.answerOf(found)) {
          use(element);
        }
      }
    },
  });
  // After the editor: it may put a text on the clipboard that is not what is drawn.
  for (const type of root.defaultView ? ["copy", "cut"] : []) {
    root.addEventListener(type, safe(copied));
  }
};

const copied = (event) => {
  const path = event.composedPath();
  const element = path.find((at) => drafts.has(at));
  if (element) {
    const { answer, given } = drafts.get(element);
    const text = letters(event.clipboardData.getData("text/plain") || (isWhole(element) ? selectionAt(path[0]) : ""));
    const from = letters(given ?? draftText(element) ?? "");
    const value = covered(from, text);
    if (covered(text, from) > COPIED) {
      core.act(answer, "copy", { value, method: "selection" });
    }
  }
};

/** The draft was used as it is now: what becomes of it later is no survival. */
const use = (element) => {
  const draft = drafts.get(element);
  settle(element, draft);
  if (!draft.over) {
    draft.due = [];
    report(draft, draftText(element));
  }
};

const report = ({ answer, number, given }, used, checkpoint) => {
  const from = given ?? used;
  // Where an editor does not tell its text there is no number.
  if (from && used != null) {
    const { ratio, kept } = compare(from, used);
    const id = [number, checkpoint || "used"].join("-");
    core.act(answer, "edit", { value: ratio, kept_share: kept, checkpoint }, id);
  }
};

const now = () => performance.now() / 1000;

const idle = window.requestIdleCallback || setTimeout;

setInterval(
  safe(() => {
    for (const [element, draft] of drafts) {
      settle(element, draft);
      const text = draft.given ?? draft.now;
      if (text) {
        remember(draft.answer, text);
        draft.since ??= now();
      }
      while (draft.due[0] <= now() - draft.since) {
        const checkpoint = draft.due.shift();
        if (!draft.over && now() - draft.since < checkpoint + LATE) {
          idle(safe(() => draft.over || report(draft, draftText(element), checkpoint)));
        }
      }
      if (draft.over && !element.isConnected) {
        drafts.delete(element);
      }
    }
  }),
  TICK,
);
