import { safe } from "../safe.js";
import { Texts } from "./texts.js";

/**
 * Read along with every `fetch` whose response has a handle, or may have one in its stream.
 *
 * @param {(response: {handle?: string, texts: Texts, ended: boolean}) => void} found called at
 *   first, and whenever there is more
 */
export const readResponses = safe((found) => {
  const original = window.fetch;
  window.fetch = function (...given) {
    const promise = original.apply(this, given);
    const asked = given[1]?.body;
    safe(() => promise.then((response) => read(response, asked, found)).catch(() => {}))();
    return promise;
  };
});

const read = async (response, asked, found) => {
  const type = response.headers.get("Content-Type") ?? "";
  const handle = response.headers.get("AI-Feedback-Handle");
  if (!response.body || !(handle || type.startsWith("text/event-stream"))) {
    return;
  }
  const texts = new Texts(type, asked);
  const one = { handle, texts, ended: false };
  const reader = response.clone().body.pipeThrough(new TextDecoderStream()).getReader();
  try {
    for (let piece; !(piece = await reader.read()).done; ) {
      texts.take(piece.value);
      one.handle ??= texts.handle;
      if (one.handle) {
        found(one);
      }
    }
  } finally {
    // A response that was broken off has shown what it had.
    texts.end();
    one.ended = true;
    if (one.handle) {
      found(one);
    }
  }
};
