/** A stream of server-sent events, read by each of the parsers that pages use. */
import { convertEventStreamToIterableReadableDataStream } from "@langchain/core/utils/event_source_parse";
import { fetchEventSource } from "@microsoft/fetch-event-source";
import { EventSourceParserStream } from "eventsource-parser/stream";

const post = (text) => ({ method: "POST", body: JSON.stringify({ text }) });
const ADDRESS = "/stream?as=parts";

window.streams = {
  async "fetch-event-source"(text) {
    const got = [];
    const onmessage = ({ data }) => got.push(data);
    await fetchEventSource(ADDRESS, { ...post(text), onmessage, openWhenHidden: true });
    return got;
  },
  async "eventsource-parser"(text) {
    const got = [];
    const { body } = await fetch(ADDRESS, post(text));
    const events = body.pipeThrough(new TextDecoderStream()).pipeThrough(new EventSourceParserStream());
    for await (const { data } of events) got.push(data);
    return got;
  },
  async "LangChain"(text) {
    const got = [];
    const { body } = await fetch(ADDRESS, post(text));
    for await (const data of convertEventStreamToIterableReadableDataStream(body)) got.push(data);
    return got;
  },
  EventSource: (text) =>
    new Promise((done, failed) => {
      const got = [];
      const source = new EventSource(`${ADDRESS}&text=${encodeURIComponent(text)}`);
      source.onerror = failed;
      source.onmessage = ({ data }) => {
        got.push(data);
        if (data != "[DONE]") return;
        source.close();
        done(got);
      };
    }),
  async "by hand"(text) {
    const whole = await (await fetch(ADDRESS, post(text))).text();
    // With no thought for comments, or for fields but one.
    return whole.trim().split("\n\n").map((event) => event.slice("data: ".length));
  },
  async "iterated"(text) {
    let whole = "";
    for await (const piece of (await fetch(ADDRESS, post(text))).body) {
      whole += new TextDecoder().decode(piece);
    }
    return whole.trim().split("\n\n").map((event) => event.slice("data: ".length));
  },
};
