/**
 * Delivery: every action arrives, and counts once; those that cannot are counted.
 *
 * While the page lives, batches go by `fetch` with `keepalive`, because it tells the answer; when
 * the page is left, by `sendBeacon`, which does not. So what a beacon took stays in
 * `sessionStorage`, with what was refused, and the tab's next page sends it again. An action's id
 * makes the repeat harmless.
 */
import { safe } from "./safe.js";

const BATCH = 50; // actions a request: with handles of 128 characters, far under 64 KiB
const SOON = 2000; // ms: short enough for a live dashboard, long enough to fill a batch
const LATER = 30000; // ms until a server that was busy or out of reach is tried again
const MOST = 500; // actions that wait while nobody takes them

// Beside this script, unless the page says otherwise.
const url =
  document.querySelector("script[data-ai-endpoint]")?.dataset.aiEndpoint ||
  new URL("actions", import.meta.url);
const page = Math.random();

let acts = 0;
let waiting = [];
let lost = 0;
let timer;

/**
 * Report something that was done with an answer.
 *
 * @param {{handle: string}} answer with an empty handle, the service counts it as unplaced
 * @param {string} action as the conventions name it
 * @param {object} [more] value and other fields
 * @param {number} [id] one of its own by default; the same again for a newer total of the same
 */
export const act = ({ handle }, action, more, id = ++acts) => {
  waiting.push({ ...more, handle, action, action_id: page + "-" + id, time: Date.now() });
  flushIn(SOON);
};

/** Send all that waits; `leaving` when the page cannot wait for an answer. */
export const flush = safe((leaving) => {
  timer = 0;
  lose(waiting.splice(MOST));
  // On an action, so that a repeat does not count them again; on one that the service takes.
  const first = waiting.find(({ handle }) => handle);
  if (lost && first) {
    first.lost = lost + (first.lost || 0);
    lost = 0;
  }
  const all = JSON.stringify(waiting);
  while (waiting.length) {
    send(waiting.splice(0, BATCH), leaving);
  }
  if (leaving) {
    sessionStorage.aiFeedback = all;
  }
});

/** Send again what the tab's last page left: this page is new, is back, or has a network again. */
export const again = safe(() => {
  const left = JSON.parse(sessionStorage.aiFeedback || "[]");
  delete sessionStorage.aiFeedback;
  waiting.push(...left.filter((action) => action?.action_id));
  flush();
});

/** Whether the browser took it: some have no such method, some take no more, and extensions throw. */
const beacon = safe((body) => navigator.sendBeacon?.(url, body));

const send = async (actions, leaving) => {
  try {
    const body = JSON.stringify({ sent: Date.now(), actions });
    if (leaving && beacon(body)) {
      return;
    }
    const { status } = await fetch(url, { method: "POST", body, keepalive: true });
    if (status == 204) {
      return;
    }
    if (status > 399 && status < 500 && status != 429) {
      lose(actions);
      return;
    }
    // Something else answered in the place of the service: a proxy, a service worker, a sign-in.
  } catch {
    // No network, or a page that replaced what is needed here.
  }
  waiting.unshift(...actions);
  flushIn(LATER);
};

/** Count actions that cannot be delivered, and those that they were to report. */
const lose = (actions) => actions.forEach((action) => (lost += 1 + (action.lost || 0)));

const flushIn = (ms) => {
  timer ||= setTimeout(flush, ms);
};
