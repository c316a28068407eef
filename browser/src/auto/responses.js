/**
 * Reads along with the page: what it reads of a response, this module sees too, and nothing else.
 *
 * A response is never cloned: a clone would keep a cancelled one alive and read it faster than the
 * page does. Instead the ways to read this one response are replaced on it. What the page does not
 * read is not seen.
 */
import { safe } from "../safe.js";
import { Texts } from "./texts.js";

const WHOLE = ["text", "json", "arrayBuffer", "blob", "bytes", "formData"];

/**
 * See every `fetch` whose response has a handle.
 *
 * @param {(response: {handle: string, texts: Texts, ended: boolean}) => void} found called whenever
 *   there is more of a response
 */
export const readResponses = safe((found) => {
  const original = window.fetch;
  window.fetch = function (...given) {
    const asked = { text: "" };
    safe(ask)(asked, ...given);
    const promise = original.apply(this, given);
    // The same promise with one more step, not one beside it: who leaves a failure unhandled is told.
    return promise?.then ? promise.then((response) => (follow(response, asked, found), response)) : promise;
  };
});

/** Note what is asked, if that is text. */
const ask = (asked, request, init) => {
  if (typeof init?.body == "string") {
    asked.text = init.body;
  } else if (request instanceof Request && /json|text/.test(request.headers.get("Content-Type"))) {
    request.clone().text().then((text) => (asked.text = text), () => {});
  }
};

const follow = safe((response, asked, found) => {
  const handle = response.headers.get("AI-Feedback-Handle");
  if (!handle || !response.body) {
    return;
  }
  const texts = new Texts(response.headers.get("Content-Type") ?? "", asked);
  const one = { handle, texts, ended: false };
  const decoder = new TextDecoder();
  readAlong(
    response,
    safe((bytes) => {
      texts.take(typeof bytes == "string" ? bytes : decoder.decode(bytes, { stream: true }));
      found(one);
    }),
    safe(() => {
      // A response that was broken off has shown what it had.
      texts.end();
      one.ended = true;
      found(one);
    }),
  );
});

/** Have what the page reads of a response given to `take` too, by whichever way it reads first. */
const readAlong = (response, take, end) => {
  let reading;
  /** Only the first of several readers tells: the branches of a `tee` hold the same. */
  const only = (reader) => (reading ??= reader) == reader;
  for (const name of WHOLE) {
    replace(response, name, (original, given) => {
      const promise = original(...given);
      return only(response) ? promise.then((whole) => (takeWhole(whole, take, end), whole), failing(end)) : promise;
    });
  }
  replace(response, "clone", (original) => {
    const clone = original();
    readAlong(clone, (bytes) => only(clone) && take(bytes), () => only(clone) && end());
    watch(response.body, only, take, end); // cloning gave it another one
    return clone;
  });
  watch(response.body, only, take, end);
};

const failing = (end) => (error) => {
  end();
  throw error;
};

const takeWhole = safe(async (whole, take, end) => {
  const isBinary = whole instanceof ArrayBuffer || ArrayBuffer.isView(whole);
  if (typeof whole == "string" || isBinary) {
    take(isBinary ? new Uint8Array(whole.slice()) : whole);
  } else if (whole instanceof Blob) {
    take(await whole.text());
  } else if (!(whole instanceof FormData)) {
    take(JSON.stringify(whole));
  }
  end();
});

const watched = new WeakSet();

/** The same for the stream of a response. */
const watch = safe((stream, only, take, end) => {
  if (watched.has(stream)) {
    return;
  }
  watched.add(stream);
  const seen = (reader) => (result) => {
    if (only(reader)) {
      result.done ? end() : take(result.value);
    }
    return result;
  };
  replace(stream, "getReader", (original, given) => {
    const reader = original(...given);
    replace(reader, "read", (read, options) => read(...options).then(seen(reader)));
    // Also when it is cancelled, or fails.
    const over = () => only(reader) && end();
    reader.closed.then(over, over);
    return reader;
  });
  const iterate = (original, given) => {
    const iterator = original(...given);
    replace(iterator, "next", (next) => next().then(seen(iterator)));
    replace(iterator, "return", (stop, reason) => (only(iterator) && end(), stop(...reason)));
    return iterator;
  };
  replace(stream, "values", iterate);
  replace(stream, Symbol.asyncIterator, iterate);
  replace(stream, "tee", (original) => {
    const branches = original();
    branches.forEach((branch) => watch(branch, only, take, end));
    return branches;
  });
  for (const name of ["pipeThrough", "pipeTo"]) {
    replace(stream, name, (original, given) => {
      if (!only(stream) || given[1]?.preventCancel) {
        return original(...given);
      }
      const between = new TransformStream({
        transform(piece, controller) {
          take(piece);
          controller.enqueue(piece);
        },
        flush: end,
        cancel: end,
      });
      const [, options] = given;
      return through.call(stream, between, { signal: options?.signal })[name](...given);
    });
  }
});

const through = ReadableStream.prototype.pipeThrough;

/** Put something in the place of a method of one object; it is given the method and what it got. */
const replace = (object, name, make) => {
  const original = object[name];
  if (original) {
    const value = (...given) => make(original.bind(object), given);
    Object.defineProperty(object, name, { value, configurable: true, writable: true });
  }
};
