/** The bit-parallel comparison agrees with the textbook's table on random texts. */
import assert from "node:assert/strict";
import { test } from "node:test";

import { compare } from "../src/distance.js";

const table = (a, b) => {
  let edits = Array.from({ length: b.length + 1 }, (_, j) => j);
  let common = new Array(b.length + 1).fill(0);
  for (let i = 1; i <= a.length; i++) {
    const nextEdits = [i];
    const nextCommon = [0];
    for (let j = 1; j <= b.length; j++) {
      const same = a[i - 1] === b[j - 1];
      nextEdits[j] = Math.min(edits[j] + 1, nextEdits[j - 1] + 1, edits[j - 1] + !same);
      nextCommon[j] = same ? common[j - 1] + 1 : Math.max(common[j], nextCommon[j - 1]);
    }
    [edits, common] = [nextEdits, nextCommon];
  }
  return [edits[b.length], common[b.length]];
};

let seed = 1;
const random = (below) => {
  seed = (seed * 48271) % 2147483647; // Park and Miller: the same texts in every run
  return seed % below;
};
const textOf = (length, letters) =>
  Array.from({ length }, () => String.fromCharCode(97 + random(letters))).join("");

test("agrees with the table, over several words of bits", () => {
  for (let round = 0; round < 600; round++) {
    const given = textOf(1 + random(140), 1 + random(6));
    const cut = random(given.length);
    const used = random(3)
      ? given.slice(0, cut) + textOf(random(20), 4) + given.slice(cut + random(30))
      : textOf(random(140), 1 + random(6));
    const [edits, common] = table(given, used);
    const { ratio, kept } = compare(given, used);
    assert.ok(Math.abs(ratio - edits / Math.max(given.length, used.length)) < 1e-12, given + " " + used);
    assert.ok(Math.abs(kept - common / given.length) < 1e-12, given + " " + used);
  }
});

test("the ends of the scale", () => {
  assert.deepEqual(compare("abc", "abc"), { ratio: 0, kept: 1 });
  assert.deepEqual(compare("abc", ""), { ratio: 1, kept: 0 });
  assert.deepEqual(compare("abc", "xyz"), { ratio: 1, kept: 0 });
});

test("a part that was used as it is, is all that is kept", () => {
  const { ratio, kept } = compare("0123456789", "012");
  assert.equal(kept, 0.3);
  assert.equal(ratio, 0.7);
});

test("beyond the cap it goes by the beginnings of what differs", () => {
  const given = textOf(30000, 20);
  const used = given.replaceAll("a", "0");
  const { ratio, kept } = compare(given, used);
  assert.ok(Math.abs(ratio - 0.05) < 0.01 && Math.abs(kept - 0.95) < 0.01, `${ratio} ${kept}`);
});
