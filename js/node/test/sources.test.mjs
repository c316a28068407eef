/** What is read from recorded spans is what the Python package reads. */
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";

import { find, findAnswer, recognise } from "../dist/esm/sources/index.js";

const spans = JSON.parse(
  readFileSync(new URL("../../../tests/vectors/recorded_spans.json", import.meta.url)),
);

for (const [number, span] of spans.entries()) {
  test(`${span.fixture}, span ${number}`, () => {
    const recorded = { attributes: span.attributes, limit: null, dropped: 0 };
    const sources = recognise(recorded);
    assert.equal(sources.length > 0, span.llm);
    const answer = span.llm ? findAnswer(sources, recorded) : {};
    assert.equal(answer.text ?? null, span.answer);
    assert.equal(answer.missing ?? null, span.missing);
    assert.equal(find("lastUserTurn", sources, recorded) ?? null, span.question);
    assert.equal(find("responseId", sources, recorded) ?? null, span.response_id);
    assert.equal(find("model", sources, recorded) ?? null, span.model);
    assert.equal(find("sessionId", sources, recorded) ?? null, span.session);
  });
}

const { answers } = JSON.parse(readFileSync(new URL("../../../tests/vectors/capture.json", import.meta.url)));
for (const { name, attributes, ...expected } of answers) {
  test(`${name}, of ${attributes["gen_ai.response.id"]}`, () => {
    const recorded = { attributes, limit: null, dropped: 0 };
    const { text = null, missing = null, calls = false, structured = false } = findAnswer(recognise(recorded), recorded);
    assert.deepEqual({ text, missing, calls, structured }, expected);
  });
}
