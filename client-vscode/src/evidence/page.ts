/**
 * The evidence as a page. It has no script and loads nothing: the policy allows one style sheet, by its nonce.
 * Pure, so that what hostile data becomes can be tested.
 */

import * as path from "node:path";

import type { Evidence, Timing } from "../protocol";
import { bytes, capitalised, count, interval, plain, ratio, seconds, sources } from "../words";
import { html, Markup } from "./html";
import { headline, samplesPlot, sizesPlot } from "./plots";
import { STYLE } from "./style";

export function evidencePage(evidence: Evidence, nonce: string): string {
  const policy = `default-src 'none'; style-src 'nonce-${nonce}'`;
  return html`<!doctype html>
    <html lang="en">
      <head>
        <meta charset="utf-8" />
        <meta http-equiv="Content-Security-Policy" content="${policy}" />
        <meta name="viewport" content="width=device-width, initial-scale=1" />
        <title>Evidence: ${evidence.function}</title>
        <style nonce="${nonce}">
          ${new Markup(STYLE)}
        </style>
      </head>
      <body>
        <main>
          ${heading(evidence)}
          ${evidence.timing === null ? html`<p>Nothing was timed.</p>` : measured(evidence.timing)}
          ${compared(evidence)} ${changed(evidence)} ${learnt(evidence)} ${surroundings(evidence)}
        </main>
      </body>
    </html>`.text;
}

function heading(evidence: Evidence): Markup {
  const { timing } = evidence;
  const place = `${path.basename(evidence.file)}${evidence.line === null ? "" : `:${evidence.line + 1}`}`;
  return html`<header>
    <p class="place">${evidence.function} <span class="quiet">${place}</span></p>
    <h1>
      ${timing === null ? evidence.title : html`<span class="figure">${ratio(timing.speedup)}</span> faster`}
    </h1>
    <p class="lead">${capitalised(evidence.change)}</p>
    <ul class="facts">
      ${timing !== null && html`<li><b>${interval(timing.low, timing.high)}</b> ${percent(timing.confidence)} confidence interval</li>`}
      <li><b>${evidence.checks.inputs.toLocaleString("en")}</b> inputs, no difference</li>
      ${evidence.checks.tests > 0 && html`<li><b>${evidence.checks.tests.toLocaleString("en")}</b> project ${evidence.checks.tests === 1 ? "test passes" : "tests pass"}</li>`}
      ${timing?.confirmed && html`<li><b>confirmed</b> in fresh processes</li>`}
    </ul>
    ${!evidence.standing && html`<p class="note" role="note">The function is no longer the one that was judged: the suggestion was applied, or the code has changed since.</p>`}
  </header>`;
}

function measured(timing: Timing): Markup {
  const size = headline(timing);
  if (size === undefined) return html``;
  const clock =
    timing.clock === "processor"
      ? "processor time, as the kernel keeps it, sleep of its own included"
      : "wall time";
  return html`<section aria-labelledby="timing">
    <h2 id="timing">Timing</h2>
    <p>
      Both versions took turns in ${count(timing.launches, "launch")} of fresh processes, on the same inputs.
      What counts is ${clock}. Each dot is one launch: the original's time divided by the rewrite's.
    </p>
    <figure>
      ${samplesPlot(timing)}
      <figcaption>
        <span class="key sample-key"></span> original / rewrite
        <span class="key interval-key"></span> ${percent(timing.confidence)} interval
        ${interval(timing.low, timing.high)} <span class="key control-key"></span> original / original, the
        control: ${interval(timing.control_low, timing.control_high)}
      </figcaption>
    </figure>
    <h3>By input size</h3>
    <figure>${sizesPlot(timing)}</figure>
    <div class="scroll" tabindex="0" role="region" aria-label="Timing by input size">
      <table>
        <thead>
          <tr>
            <th scope="col">elements</th>
            <th scope="col">before</th>
            <th scope="col">after</th>
            <th scope="col">speedup</th>
            <th scope="col">interval</th>
          </tr>
        </thead>
        <tbody>
          ${timing.sizes.map(
            (one) =>
              html`<tr>
                <th scope="row">${one.elements.toLocaleString("en")}</th>
                <td>${seconds(one.original_s)}</td>
                <td>${seconds(one.candidate_s)}</td>
                <td>${ratio(one.speedup)}</td>
                <td>${interval(one.low, one.high)}</td>
              </tr> `,
          )}
        </tbody>
      </table>
    </div>
    ${timing.memory !== null && html`<p>Memory of one call at its peak: ${bytes(timing.memory.original)} before, ${bytes(timing.memory.candidate)} after.</p>`}
    ${timing.bootstrap_low !== null && timing.bootstrap_high !== null && html`<p class="quiet">A bootstrap over the same launches says ${interval(timing.bootstrap_low, timing.bootstrap_high)}.</p>`}
    <details>
      <summary>Every sample at ${count(size.elements, "element")}</summary>
      <div class="scroll" tabindex="0" role="region" aria-label="Every sample">
        <table>
          <thead>
            <tr>
              <th scope="col">launch</th>
              <th scope="col">original / rewrite</th>
              <th scope="col">original / original</th>
            </tr>
          </thead>
          <tbody>
            ${size.ratios.map(
              (one, at) =>
                html`<tr>
                  <th scope="row">${at + 1}</th>
                  <td>${one.toFixed(3)}</td>
                  <td>${size.control[at]?.toFixed(3) ?? ""}</td>
                </tr> `,
            )}
          </tbody>
        </table>
      </div>
    </details>
  </section>`;
}

function compared({ checks, tolerance }: Evidence): Markup {
  const most = Math.max(1, ...Object.values(checks.sources));
  return html`<section aria-labelledby="checks">
    <h2 id="checks">Checks</h2>
    <p>
      The rewrite and the original ran on the same ${count(checks.inputs, "input")}, in separate processes.
      Results, exceptions, changed arguments, output and state were the
      same${tolerance > 0 && html`, floats within ${tolerance}`}.
    </p>
    <table class="bars">
      <thead>
        <tr>
          <th scope="col">inputs</th>
          <th scope="col">from</th>
          <td></td>
        </tr>
      </thead>
      <tbody>
        ${sources(checks.sources).map(
          ([name, many]) =>
            html`<tr>
              <td>${many.toLocaleString("en")}</td>
              <th scope="row">${name}</th>
              <td aria-hidden="true">
                <svg class="bar" viewBox="0 0 100 8" preserveAspectRatio="none">
                  <rect width="${Math.round((100 * many) / most)}" height="8" />
                </svg>
              </td>
            </tr> `,
        )}${
          checks.tests > 0 &&
          html`<tr>
            <td>${checks.tests.toLocaleString("en")}</td>
            <th scope="row">project ${checks.tests === 1 ? "test" : "tests"} with the rewrite in place</th>
            <td></td>
          </tr> `
        }
      </tbody>
    </table>
    ${
      checks.notes.length > 0 &&
      html`<ul>
        ${checks.notes.map((note) => html`<li>${note}</li>`)}
      </ul>`
    }
    <p class="quiet">No difference was found on these; that is not a proof that there is none.</p>
  </section>`;
}

function changed({ diff }: Evidence): Markup {
  const lines = diff.split("\n").filter((line) => !/^(---|\+\+\+) /.test(line));
  while (lines.at(-1) === "") lines.pop();
  // Every line is a block: white space between them would be lines of its own.
  const blocks = lines.map((line) => html`<span class="${kindOf(line)}">${line || " "}</span>`);
  return html`<section aria-labelledby="change">
<h2 id="change">The change</h2>
<pre class="diff scroll" tabindex="0" role="region" aria-label="Difference"><code>${blocks}</code></pre>
</section>`;
}

function learnt({ lessons, member, recipes }: Evidence): Markup {
  const by =
    recipes.length > 0
      ? html` with ${recipes.length === 1 ? "the recipe" : "the recipes"} ${recipes.join(" + ")}`
      : html``;
  return html`<section aria-labelledby="lessons">
    <h2 id="lessons">Who, and with which lessons</h2>
    <p>Proposed by <b>${member}</b>${by}.</p>
    ${
      lessons.length === 0
        ? html`<p class="quiet">No lesson was shown to it.</p>`
        : html`<ul class="lessons">
            ${lessons.map(
              (lesson) =>
                html`<li>
                  ${lesson.category && html`<span class="tag">${plain(lesson.category)}</span> `}${lesson.text || "forgotten since"}
                  <span class="quiet">${lesson.id.slice(0, 8)}</span>
                </li>`,
            )}
          </ul>`
    }
  </section>`;
}

function surroundings({ environment, isolation }: Evidence): Markup {
  const facts = [...(isolation ? [["sandbox", isolation] as const] : []), ...Object.entries(environment)];
  return html`<section aria-labelledby="environment">
    <h2 id="environment">Environment</h2>
    <table class="environment">
      <tbody>
        ${facts.map(
          ([name, value]) =>
            html`<tr>
              <th scope="row">${plain(name)}</th>
              <td>${value}</td>
            </tr> `,
        )}
      </tbody>
    </table>
    <p class="quiet">The figures hold for this machine, this interpreter and these inputs.</p>
  </section>`;
}

function kindOf(line: string): string {
  if (line.startsWith("@@")) return "hunk";
  if (line.startsWith("+")) return "added";
  return line.startsWith("-") ? "removed" : "kept";
}

function percent(share: number): string {
  return `${Number((share * 100).toFixed(1))} %`;
}
