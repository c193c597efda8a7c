import assert from "node:assert/strict";
import { test } from "node:test";

import { evidencePage } from "../src/evidence/page";
import { headline, logScale } from "../src/evidence/plots";
import type { Evidence } from "../src/protocol";

const HOSTILE = `"><script>alert(1)</script><img src=x onerror=alert(1)>'&amp;`;

function evidence(more: Partial<Evidence> = {}): Evidence {
  const size = {
    label: "large",
    elements: 512,
    speedup: 3.1,
    low: 2.8,
    high: 3.4,
    original_s: 1e-3,
    candidate_s: 3e-4,
    ratios: [3, 3.1, 3.2],
    control: [1, 0.99, 1.01],
  };
  return {
    id: "1",
    function: "total",
    file: "/home/me/a.py",
    line: 3,
    title: "3.1x faster (2.8-3.4): use a set",
    change: "use a set",
    member: "recipes/membership",
    recipes: ["membership-in-set"],
    diff: "--- a\n+++ b\n@@ -1,2 +1,2 @@\n-old\n+new\n same\n",
    standing: true,
    checks: { inputs: 74, sources: { edge: 62, recorded: 12 }, tests: 1, notes: [] },
    timing: {
      speedup: 3.1,
      low: 2.8,
      high: 3.4,
      confidence: 0.95,
      launches: 3,
      control_low: 0.99,
      control_high: 1.01,
      sizes: [{ ...size, elements: 8 }, size],
      confirmed: true,
      memory: null,
      bootstrap_low: null,
      bootstrap_high: null,
      clock: "processor",
    },
    lessons: [{ id: "0123456789abcdef", text: "Sets are quick.", category: "membership" }],
    isolation: "bubblewrap",
    environment: { python: "3.11" },
    tolerance: 0,
    ...more,
  };
}

test("the page says what was measured, compared and changed", () => {
  const page = evidencePage(evidence(), "n0nce");
  for (const words of ["3.1×", "2.8–3.4", "95 %", "74", "Sets are quick.", "bubblewrap", "a.py:4"]) {
    assert.ok(page.includes(words), words);
  }
  assert.ok(page.indexOf("recorded") < page.indexOf("edge cases"), "the worthiest inputs come first");
  assert.ok(!page.includes("+++ b"), "the file names of the diff are no news");
});

test("no white space stands between the lines of the change", () => {
  const page = evidencePage(evidence(), "n");
  assert.ok(
    page.includes(
      `<code><span class="hunk">@@ -1,2 +1,2 @@</span><span class="removed">-old</span>` +
        `<span class="added">+new</span><span class="kept"> same</span></code></pre>`,
    ),
  );
});

test("hostile data stays text, wherever it stands", () => {
  const whole = evidence();
  const page = evidencePage(
    evidence({
      function: HOSTILE,
      file: `/home/me/${HOSTILE}`,
      title: HOSTILE,
      change: HOSTILE,
      member: HOSTILE,
      recipes: [HOSTILE],
      diff: `+${HOSTILE}\n-${HOSTILE}\n@@${HOSTILE}`,
      checks: { ...whole.checks, sources: { [HOSTILE]: 1 }, notes: [HOSTILE] },
      lessons: [{ id: HOSTILE, text: HOSTILE, category: HOSTILE }],
      isolation: HOSTILE,
      environment: { [HOSTILE]: HOSTILE },
    }),
    "n0nce",
  );
  assert.ok(
    !/<script|<img|onerror=alert\(1\)>/.test(page.replaceAll("&lt;img src=x onerror=alert(1)&gt;", "")),
  );
  const tags = new Set([...page.matchAll(/<([a-z][a-z0-9]*)/g)].map(([, name]) => name));
  for (const name of ["script", "img", "iframe", "a", "form", "link", "object"])
    assert.ok(!tags.has(name), name);
});

test("the policy allows one style sheet and nothing else", () => {
  const page = evidencePage(evidence(), "n0nce");
  assert.ok(page.includes(`content="default-src &#39;none&#39;; style-src &#39;nonce-n0nce&#39;"`));
  assert.ok(!/ style="| on[a-z]+="|https?:/.test(page), "no inline style, handler or address");
});

test("a page without timing, lessons or line is a page", () => {
  const page = evidencePage(evidence({ timing: null, lessons: [], line: null, standing: false }), "n");
  assert.ok(page.includes("Nothing was timed."));
  assert.ok(page.includes("No lesson was shown"));
  assert.ok(page.includes("no longer the one that was judged"));
  assert.ok(!/undefined|NaN|null/.test(page));
});

test("the headline is the largest size", () => {
  const { timing } = evidence();
  assert.equal(timing && headline(timing)?.elements, 512);
});

test("on the scale a ratio and its inverse are equally far from one", () => {
  const scale = logScale([0.1, 10], 0, 100);
  assert.equal(scale.at(1), 50);
  assert.ok(Math.abs(scale.at(10) - 50 - (50 - scale.at(0.1))) < 0.2);
  assert.deepEqual(
    scale.ticks.filter((tick) => tick === 1),
    [1],
  );
  for (const odd of [0, -1, Infinity, NaN])
    assert.ok(Number.isFinite(logScale([odd], 0, 10).at(2)), String(odd));
});
