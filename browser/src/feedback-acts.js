/** Sees what people do with the answers in a document: copies, links, the page's own controls. */
import { belongs, press, toggle } from "./place.js";
import { on, safe } from "./safe.js";
import { NEARLY, SAME, covered, letters, share, textOf } from "./text.js";

const TICK = 250; // ms: a translator may be at work soon after
const QUIET = 150; // ms without a change: then a text is all there, for now
const SLICE = 8; // ms of work at a time
const VERSIONS = 4; // of an answer's text: the first, and the newest others
const HALF = 0.5;
const ANSWERS = "[data-ai-output]:not([data-ai-action])";
const PRESSES = /^(Enter| |Arrow(Down|Up|Right))$/;

export { belongs, covered, letters, textOf };

const roots = new Set();
let core;
let last = {}; // gesture: its event's type, its target, the answer's element, whether it is in there
let moved; // whether the selection changed
let dragged;

/**
 * See what is done in a document or shadow root.
 *
 * @param {Document | ShadowRoot} root
 * @param {object} given what this module needs of the first one
 */
export const see = safe((root, given) => {
  core = given;
  roots.add(root);
  const window = root.defaultView;
  if (!window) {
    return;
  }
  on(window, {
    pointerdown: gesture,
    contextmenu: gesture,
    keydown(event, path) {
      if (PRESSES.test(event.key)) {
        gesture(event, path);
      } else {
        last = { ...last, type: event.type };
      }
    },
    click(event, path) {
      gesture(event, path);
      if (!controls(path)) {
        follows(path);
      }
    },
    auxclick(event, path) {
      if (event.button == 1) {
        follows(path);
      }
    },
    beforetoggle: toggle,
    selectionchange() {
      moved = true;
    },
    copy: copies,
    dragstart(event, [source]) {
      dragged = selected(source); // where it is dropped, something else gets selected
    },
    dragend({ dataTransfer }) {
      if (dataTransfer.dropEffect != "none") {
        copied(dragged, "drag");
      }
    },
    beforeprint() {
      new Set(core.onScreen.values()).forEach((answer) => core.act(answer, "share", { method: "print" }));
    },
  });
  const { clipboard } = window.navigator;
  for (const name of ["writeText", "write"]) {
    const original = clipboard[name];
    if (original) {
      clipboard[name] = (given) => {
        // The icon that was clicked may be gone when the clipboard has the text.
        const clicked = last;
        const done = original.call(clipboard, given);
        return done?.then ? done.then((result) => (wrote(given, clicked), result)) : done;
      };
    }
  }
});

const wrote = (given, clicked) => {
  textIn(given).then((text) => button(text, clicked)).catch(() => {});
};

/** Note what a person touched, and whose it is, before the page's own listeners change it. */
const gesture = ({ type }, path) => {
  const [target] = path;
  const element = belongs(target);
  last = { type, target, element, inside: path.includes(element) };
  press(target, element);
};

/** The page's own controls. */
const controls = (path) => {
  const { aiAction, aiReason } = path.find(({ dataset }) => dataset?.aiAction)?.dataset ?? {};
  if (aiAction) {
    const [action, value] = aiAction.split(":");
    core.act(answerAt(last.element), action, { value: +value, reason: aiReason });
  }
  return aiAction;
};

const answerAt = (element) => (element ? core.answerOf(element) : { handle: "" });

/** A link in an answer, such as one to a source. */
const follows = (path) => {
  const link = path.findIndex((at) => at.matches?.("a[href]"));
  const answer = path.slice(link).find((at) => at.matches?.(ANSWERS));
  if (link >= 0 && answer) {
    core.act(core.answerOf(answer), "followed");
  }
};

const copies = (event, [source]) => {
  const found = source.selectionEnd == null ? selected() : [];
  copied(found, "selection");
  // Older copy buttons fill an element of their own, and copy from that.
  const { target } = last;
  if (!found.size && last.type == "click" && !source.contains(target) && !target.contains(source)) {
    button(selectionAt(source), last);
  }
};

const copied = (found, method) => {
  for (const [answer, value] of found) {
    core.act(answer, "copy", { value, method });
  }
};

/** The text that is selected where a node is: in its field, shadow root or document. */
export const selectionAt = (node) =>
  node.selectionEnd == null
    ? "" + selectionIn(node.getRootNode())
    : node.value.slice(node.selectionStart, node.selectionEnd);

const selectionIn = (root) => root.getSelection?.() || root.ownerDocument?.getSelection();

/** Which share of which answers is selected; if a node is given, by a selection that it is in. */
const selected = (node) => {
  const found = new Map();
  for (const root of roots) {
    const selection = selectionIn(root);
    for (let number = 0; number < selection?.rangeCount; number++) {
      const range = selection.getRangeAt(number);
      if (!range.collapsed && (!node || range.intersectsNode(node))) {
        for (const element of root.querySelectorAll(ANSWERS)) {
          const part = range.intersectsNode(element) && letters(textOf(element, range));
          if (part) {
            const answer = core.answerOf(element);
            const value = Math.min(1, part.length / letters(textOf(element)).length);
            found.set(answer, Math.max(value, found.get(answer) ?? 0));
          }
        }
      }
    }
  }
  return found;
};

const textIn = async (given) =>
  given[0].getType ? (await given[0].getType("text/plain")).text() : given;

/**
 * A button of the page wrote a text to the clipboard.
 *
 * A part counts of the answer that the button is in, more than half of that which it belongs to;
 * beyond them, what holds nearly all of an answer. Of equal ones none can be meant for certain.
 */
const button = async (text, { element, inside }) => {
  const wrote = letters(text);
  if (element) {
    const answer = core.answerOf(element);
    remember(answer);
    const value = Math.max(0, ...(answer.texts ?? []).map((one) => share(one, wrote)));
    if (value > HALF || (value && inside)) {
      copied([[answer, value]], "button");
      return;
    }
  }
  const found = [];
  let size = 0;
  let start = performance.now();
  for (const answer of Object.values(core.answers)) {
    remember(answer);
    for (const one of answer.texts ?? []) {
      const value = covered(one, wrote);
      if (value > NEARLY) {
        found.push([answer, value]);
        size += one.length;
        break;
      }
    }
    if (performance.now() - start > SLICE) {
      await new Promise((next) => setTimeout(next));
      start = performance.now();
    }
  }
  // All of them, as in a whole conversation, or one of several that are alike.
  copied(size * NEARLY > wrote.length ? unplaced(found) : found, "button");
};

const unplaced = (found) => (found.length > 1 ? [[answerAt(), found[0][1]]] : found);

/** Keep the text of an answer as it is now. What somebody rewrites, as translators do, stays known. */
export const remember = (answer, text) => {
  if (text == null && (answer.read >= answer.changed || !answer.element?.isConnected)) {
    return;
  }
  answer.read = performance.now();
  const now = letters(text ?? textOf(answer.element));
  const texts = (answer.texts ??= []);
  if (now && !texts.includes(now)) {
    if (texts.length && covered(texts.at(-1), now) > SAME) {
      texts.pop();
    }
    texts.push(now);
    texts.splice(1, texts.length - VERSIONS);
  }
};

setInterval(
  safe(() => {
    const start = performance.now();
    for (const [answer, value] of moved ? selected() : []) {
      answer.marked = Math.max(answer.marked, value);
    }
    moved = false;
    for (const answer of Object.values(core?.answers ?? {})) {
      if (start - answer.changed > QUIET && performance.now() - start < SLICE) {
        remember(answer);
      }
    }
  }),
  TICK,
);
