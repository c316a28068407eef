/** The JavaScript twin agrees with the vectors that Python, SQL and OTTL are checked by. */
import assert from "node:assert/strict";
import { createHmac } from "node:crypto";
import { readFileSync } from "node:fs";
import { test } from "node:test";

import { hash, normalise } from "../src/hash.js";

const VECTORS = JSON.parse(readFileSync(new URL("../../tests/vectors/normalisation.json", import.meta.url)));

const textOf = ({ text, utf16, repeat }) =>
  repeat ? repeat.unit.repeat(repeat.count) : (text ?? String.fromCharCode(...utf16));

for (const vector of VECTORS) {
  test(vector.name, async () => {
    const normalised = normalise(textOf(vector)).toWellFormed();
    assert.equal([...normalised].length, vector.length);
    if ("normalised" in vector) {
      assert.equal(normalised, vector.normalised);
    }
    assert.equal(await hash(textOf(vector)), `sha256:${vector.sha256_32hex}`);
  });
}

test("keyed is HMAC under the key itself", async () => {
  const key = "sixteen bytes or more";
  const expected = createHmac("sha256", key).update("a b").digest("hex").slice(0, 32);
  assert.equal(await hash(" a\r\n\tb ", key), `hmac-sha256:${expected}`);
  assert.equal(await hash("a b", new TextEncoder().encode(key)), `hmac-sha256:${expected}`);
});
