import assert from "node:assert/strict";
import { test } from "node:test";

import { bytes, count, interval, plain, ratio, seconds, sources, unlinked } from "../src/words";

test("times have three figures and their unit", () => {
  assert.equal(seconds(0.000112), "112 µs");
  assert.equal(seconds(0.00125), "1.25 ms");
  assert.equal(seconds(0.9999), "1.00 s");
  assert.equal(seconds(340), "340 s");
  assert.equal(seconds(5e-9), "5.00 ns");
});

test("ratios have decimals where they decide something", () => {
  assert.equal(ratio(173.4), "173×");
  assert.equal(ratio(3.14), "3.1×");
  assert.equal(ratio(1.123), "1.12×");
  assert.equal(interval(0.95, 1234), "0.95–1,234");
});

test("things are counted in words", () => {
  assert.equal(count(1, "launch"), "1 launch");
  assert.equal(count(3, "launch"), "3 launches");
  assert.equal(count(1200, "input"), "1,200 inputs");
});

test("inputs come in order of worth, unknown kinds last, none where there are none", () => {
  assert.deepEqual(sources({ other: 1, edge: 2, recorded: 3, probed: 0 }), [
    ["recorded", 3],
    ["edge cases", 2],
    ["other", 1],
  ]);
});

test("nothing in a message becomes a link", () => {
  assert.equal(unlinked("use [a set](command:evil) now"), "use [a set] (command:evil) now");
});

test("the rest", () => {
  assert.equal(plain("not-proven-faster"), "not proven faster");
  assert.equal(bytes(840 * 1024), "840 KiB");
  assert.equal(bytes(12.5 * 2 ** 20), "12.5 MiB");
});
