/** What is known of each answer: whether and how long it was on screen, and how far down. */
import { act, flush } from "./queue.js";
import { safe } from "./safe.js";

const FAST = 5000; // ms after the last token
const LONGEST = 5000; // ms between two counts: a machine that slept was not read
const NOTABLE = 0.1; // seconds: a page is hidden just after it is left
const SPEED = 4; // words a second, of a reader

/** The answers in the viewport, by their element. */
export const onScreen = new Map();

/** All answers by handle: a page may draw one again, in another element. */
export const answers = { __proto__: null };

let counted = 0;
let visible;

/** The answer in a marked element, or the answer that is edited there. */
export const answerOf = ({ dataset }) => {
  const handle = dataset.aiOutput || dataset.aiDraft || "";
  return (answers[handle] ||= {
    handle,
    size: 0, // characters
    shown: 0, // seconds on screen, counted from the first token
    told: 0, // seconds of them that were reported
    depth: 0, // share of its height down to the lowest place that was on screen
    marked: 0, // share of its text that was selected, at most
  });
};

/** Follow an answer. When its text got longer, that was its last token for now. */
export const follow = (element) => {
  const answer = answerOf(element);
  const size = (element.shadowRoot || element).textContent.trim().length;
  count();
  if (size > answer.size) {
    answer.grown = counted;
    answer.depth = 0;
  }
  answer.size = size;
  answer.element = element;
  answer.changed = counted;
  // An observer speaks up only when a threshold is crossed, or when it is new.
  observer.unobserve(element);
  observer.observe(element);
};

const observer = new IntersectionObserver(
  safe((entries) => {
    count();
    for (const { target, isIntersecting, intersectionRect, boundingClientRect } of entries) {
      const answer = answerOf(target);
      onScreen.delete(target);
      if (isIntersecting) {
        onScreen.set(target, answer);
        const reached = intersectionRect.bottom - boundingClientRect.top;
        answer.depth = Math.max(answer.depth, reached / boundingClientRect.height || 0);
      }
    }
    count();
  }),
);

/** Bring the visible times up to now. */
const count = () => {
  const now = performance.now();
  const passed = visible ? Math.min(now - counted, LONGEST) / 1000 : 0;
  counted = now;
  visible = !document.hidden;
  onScreen.forEach((answer) => {
    if (answer.wasSeen) {
      answer.shown += passed;
    } else if (visible && answer.size) {
      answer.wasSeen = true;
      act(answer, "seen", 0, 0);
    }
  });
};

/** Now and then, see how far each answer reaches into view. */
export const look = safe(() => {
  count();
  onScreen.forEach((answer, element) => {
    observer.unobserve(element);
    observer.observe(element);
  });
});

/** Report the totals as the page is hidden, and as it is left. */
export const leave = ({ type }) => {
  const leaving = type == "pagehide";
  count();
  for (const answer of Object.values(answers)) {
    const { shown } = answer;
    if (shown > answer.told + NOTABLE) {
      answer.told = shown;
      const more = { value: shown, scroll_depth: answer.depth, selected_share: answer.marked };
      act(answer, "dwell", more, 0);
    }
    if (leaving && answer.wasSeen && counted - answer.grown < FAST) {
      act(answer, "close", { value: (shown * SPEED) / words(answer.element) }, 0);
    }
  }
  flush(leaving);
};

/** How many words are shown, also in languages that put no spaces between them. */
const words = (element) => {
  const { innerText, textContent } = element.shadowRoot || element;
  const parts = new Intl.Segmenter([], { granularity: "word" }).segment(innerText ?? textContent);
  return [...parts].filter(({ isWordLike }) => isWordLike).length;
};
