/** What stands in for `node:crypto` on the edge agrees with it. */
import assert from "node:assert/strict";
import { createHash, createHmac } from "node:crypto";
import { test } from "node:test";

import { keyedBlake2b } from "../dist/esm/digest/blake2b.js";
import { sha256 } from "../dist/esm/digest/sha256.js";
import { plainShake128 } from "../dist/esm/digest/shake128.js";

const bytes = (length) => Uint8Array.from({ length }, (_, at) => (at * 31 + length) & 0xff);
const LENGTHS = [0, 1, 3, 55, 56, 63, 64, 65, 127, 128, 129, 255, 256, 257, 1000];

test("SHA-256", () => {
  for (const length of LENGTHS) {
    const expected = createHash("sha256").update(bytes(length)).digest("hex");
    assert.equal(Buffer.from(sha256(bytes(length))).toString("hex"), expected);
  }
});

test("BLAKE2b without a key, over one block and several", () => {
  const hash = keyedBlake2b(new Uint8Array(), 64);
  for (const length of LENGTHS) {
    const expected = createHash("blake2b512").update(bytes(length)).digest("hex");
    assert.equal(Buffer.from(hash(bytes(length))).toString("hex"), expected);
  }
});

test("SHAKE128", () => {
  for (const length of [0, 1, 64, 167]) {
    const expected = createHash("shake128", { outputLength: 1024 }).update(bytes(length)).digest("hex");
    assert.equal(Buffer.from(plainShake128(bytes(length), 1024)).toString("hex"), expected);
  }
});

test("HMAC without node:crypto", async () => {
  const kept = process.getBuiltinModule;
  process.getBuiltinModule = undefined;
  try {
    const { hmac, sha256Hex } = await import("../dist/cjs/digest/hmac.js");
    for (const length of [1, 32, 64, 65, 200]) {
      const expected = createHmac("sha256", bytes(length)).update("a message").digest("hex");
      assert.equal(Buffer.from(hmac(bytes(length), "a message")).toString("hex"), expected);
    }
    assert.equal(sha256Hex("ü"), createHash("sha256").update("ü").digest("hex"));
  } finally {
    process.getBuiltinModule = kept;
  }
});

test("HMAC of short and long messages, as bytes and as text", async () => {
  const { hmac } = await import("../dist/esm/digest/hmac.js");
  for (const key of [bytes(32), bytes(65), bytes(200)]) {
    for (const length of [...LENGTHS, 511, 512, 513, 20_000, 20_001, 100_000]) {
      for (const message of [bytes(length), "ü€".repeat(length / 2)]) {
        const expected = createHmac("sha256", key).update(message).digest("hex");
        assert.equal(Buffer.from(hmac(key, message)).toString("hex"), expected);
      }
    }
  }
});
