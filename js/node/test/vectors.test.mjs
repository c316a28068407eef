/** Byte for byte what the Python package makes: normal form, hash, sketch, handle, action id. */
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";

import { actionId } from "../dist/esm/action-id.js";
import { hex } from "../dist/esm/digest/encoding.js";
import { mint, verify } from "../dist/esm/handles.js";
import { deriveKey, hashSubject, hashText } from "../dist/esm/text/hash.js";
import { codePoints, normalise } from "../dist/esm/text/normalise.js";
import { fold, Sketcher } from "../dist/esm/text/sketch.js";

const read = (name) =>
  JSON.parse(readFileSync(new URL(`../../../tests/vectors/${name}`, import.meta.url)));
const vectors = read("capture.json");
const secret = new TextEncoder().encode(vectors.secret);
const key = (purpose) => deriveKey(secret, purpose);

const textOf = ({ text, utf16, repeat }) =>
  repeat ? repeat.unit.repeat(repeat.count) : (text ?? String.fromCharCode(...utf16));

for (const vector of read("normalisation.json")) {
  test(`normal form: ${vector.name}`, () => {
    const normalised = normalise(textOf(vector));
    assert.equal(codePoints(normalised), vector.length);
    if ("normalised" in vector) assert.equal(normalised, vector.normalised);
    assert.equal(hashText(textOf(vector), null), `sha256:${vector.sha256_32hex}`);
  });
}

test("keys for one purpose each", () => {
  for (const [purpose, expected] of Object.entries(vectors.keys)) {
    assert.equal(hex(key(purpose)), expected);
  }
});

test("hashes of texts and users", () => {
  for (const { text, plain, keyed } of vectors.hashes) {
    assert.equal(hashText(text, null), plain);
    assert.equal(hashText(text, secret), keyed);
  }
  for (const [name, hash] of Object.entries(vectors.subjects)) {
    assert.equal(hashSubject(name, secret), hash);
  }
});

test("letters fold alike", () => {
  for (const [letters, folded] of Object.entries(vectors.folds)) assert.equal(fold(letters), folded);
});

const sketcher = new Sketcher(key("sketch"));
for (const vector of vectors.sketches) {
  test(`sketch: ${vector.name}`, () => {
    assert.equal(fold(vector.text), vector.folded);
    assert.equal(sketcher.sketch(vector.text), vector.sketch);
  });
}
for (const { name, unit, count, sketch } of vectors.long_sketches) {
  test(`sketch: ${name}`, () => assert.equal(sketcher.sketch(unit.repeat(count)), sketch));
}

test("handles are made and read alike", () => {
  for (const { handle, ...content } of vectors.handles) {
    assert.equal(mint(content, key("handle")), handle);
    assert.deepEqual(verify(handle, key("handle"), vectors.now), content);
  }
  for (const [reason, handle] of Object.entries(vectors.refused)) {
    assert.equal(verify(handle, key("handle"), vectors.now), reason);
  }
});

test("an altered handle is foreign, whichever byte it is", () => {
  const { handle } = vectors.handles[0];
  for (let at = 2; at < 46; at++) {
    const other = handle[at] === "A" ? "B" : "A";
    const altered = handle.slice(0, at) + other + handle.slice(at + 1);
    assert.equal(verify(altered, key("handle"), vectors.now), "foreign");
  }
});

test("action ids", () => {
  for (const { identity, name, given, id } of vectors.action_ids) {
    assert.equal(actionId(identity, name, given), id);
  }
});
