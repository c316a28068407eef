/** What people do with the answers in a document: copies and the page's own controls. */
import { answerOf, onScreen } from "./answers.js";
import { near } from "./find.js";
import { act } from "./queue.js";
import { on } from "./safe.js";
import { selectionAt, share } from "./share.js";

let clicked;

/** See what is done in a window. */
export const see = (window) => {
  const copy = ({ dataTransfer }, [source]) => {
    if (dataTransfer?.dropEffect != "none") {
      // Older copy buttons fill a text field of their own, and copy from that.
      const method = source.selectionEnd ? "button" : dataTransfer ? "drag" : "selection";
      copied(selectionAt(source), method);
    }
  };
  on(window, {
    click(event, path) {
      clicked = path[0];
      const control = path.find(({ dataset }) => dataset?.aiAction);
      const [action, value] = control.dataset.aiAction.split(":");
      act(answerOf(near(control, true)), action, { value: +value });
    },
    copy,
    dragend: copy,
    beforeprint() {
      onScreen.forEach((answer) => act(answer, "share", { method: "print" }));
    },
  });
  const { clipboard } = window.navigator;
  for (const name of ["writeText", "write"]) {
    const original = clipboard[name];
    if (original) {
      clipboard[name] = (given) => {
        const done = original.call(clipboard, given);
        done.then(async () => copied(await textOf(given), "button")).catch(() => {});
        return done;
      };
    }
  }
};

const textOf = async (given) =>
  given[0].getType ? (await given[0].getType("text/plain")).text() : given;

/** Report a copy of what it is a copy of; of equal answers, the one where the person clicked. */
const copied = (text, method) => {
  const beside = onScreen.get(near(clicked, true));
  for (const answer of beside && share(beside.text, text) ? [beside] : onScreen.values()) {
    const value = share(answer.text, text);
    if (value) {
      act(answer, "copy", { value, method });
    }
  }
};

