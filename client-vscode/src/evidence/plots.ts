/** The measurements as pictures: inline SVG, coloured by classes so that every theme can. */

import type { SizeTiming, Timing } from "../protocol";
import { count, interval, ratio } from "../words";
import { html, type Markup } from "./html";

const WIDTH = 640;
const LEFT = 64;
const RIGHT = 16;

/** How the samples of the headline size lie: one pair of launches a column, the interval behind them. */
export function samplesPlot(timing: Timing): Markup {
  const size = headline(timing);
  if (size === undefined) return html``;
  const top = 14;
  const bottom = 34;
  const height = 260;
  const scale = logScale([...size.ratios, ...size.control, timing.low, timing.high, 1], height - bottom, top);
  const launches = Math.max(size.ratios.length, size.control.length);
  const x = (at: number): number => LEFT + ((at + 0.5) * (WIDTH - LEFT - RIGHT)) / Math.max(1, launches);
  const label =
    `${count(size.ratios.length, "launch")} at ${count(size.elements, "element")}: ` +
    `${ratio(timing.speedup)}, interval ${interval(timing.low, timing.high)}. ` +
    `The original against itself: ${interval(timing.control_low, timing.control_high)}.`;
  return html`<svg viewBox="0 0 ${WIDTH} ${height}" role="img" aria-label="${label}">
    ${scale.ticks.map(
      (tick) =>
        html`<line
            class="grid"
            x1="${LEFT}"
            x2="${WIDTH - RIGHT}"
            y1="${scale.at(tick)}"
            y2="${scale.at(tick)}"
          />
          <text class="tick end" x="${LEFT - 8}" y="${scale.at(tick) + 4}">${tick}×</text>`,
    )}
    <rect
      class="interval"
      x="${LEFT}"
      width="${WIDTH - LEFT - RIGHT}"
      y="${scale.at(timing.high)}"
      height="${Math.max(1, scale.at(timing.low) - scale.at(timing.high))}"
    />
    <line
      class="mean"
      x1="${LEFT}"
      x2="${WIDTH - RIGHT}"
      y1="${scale.at(timing.speedup)}"
      y2="${scale.at(timing.speedup)}"
    />
    <line class="one" x1="${LEFT}" x2="${WIDTH - RIGHT}" y1="${scale.at(1)}" y2="${scale.at(1)}" />
    ${size.control.map((one, at) => html`<rect class="control" x="${x(at) - 3.5}" y="${scale.at(one) - 3.5}" width="7" height="7" />`)}
    ${size.ratios.map((one, at) => html`<circle class="sample" cx="${x(at)}" cy="${scale.at(one)}" r="4.5" />`)}
    ${columns(launches).map(
      (at) => html`<text class="tick middle" x="${x(at)}" y="${height - bottom + 20}">${at + 1}</text>`,
    )}
    <text class="tick end" x="${LEFT - 8}" y="${height - bottom + 20}">launch</text>
  </svg>`;
}

/** The speedup at each input size with its interval, on one scale. */
export function sizesPlot(timing: Timing): Markup {
  const row = 30;
  const height = timing.sizes.length * row + 34;
  const scale = logScale(
    [...timing.sizes.flatMap((size) => [size.low, size.high]), 1],
    LEFT + 50,
    WIDTH - RIGHT - 10,
  );
  const label = timing.sizes
    .map(
      (size) =>
        `${count(size.elements, "element")}: ${ratio(size.speedup)}, ${interval(size.low, size.high)}`,
    )
    .join("; ");
  return html`<svg viewBox="0 0 ${WIDTH} ${height}" role="img" aria-label="${label}">
    ${scale.ticks.map(
      (tick) =>
        html`<line class="grid" x1="${scale.at(tick)}" x2="${scale.at(tick)}" y1="4" y2="${height - 30}" />
          <text class="tick middle" x="${scale.at(tick)}" y="${height - 12}">${tick}×</text>`,
    )}
    <line class="one" x1="${scale.at(1)}" x2="${scale.at(1)}" y1="4" y2="${height - 30}" />
    ${timing.sizes.map((size, at) => {
      const y = at * row + row / 2 + 4;
      const kind = size.high < 1 ? "slower" : size.low > 1 ? "faster" : "even";
      return html`<text class="tick end" x="${LEFT + 28}" y="${y + 4}"
          >${size.elements.toLocaleString("en")}</text
        >
        <line
          class="range ${kind}"
          x1="${scale.at(size.low)}"
          x2="${scale.at(size.high)}"
          y1="${y}"
          y2="${y}"
        />
        <line
          class="range ${kind}"
          x1="${scale.at(size.low)}"
          x2="${scale.at(size.low)}"
          y1="${y - 5}"
          y2="${y + 5}"
        />
        <line
          class="range ${kind}"
          x1="${scale.at(size.high)}"
          x2="${scale.at(size.high)}"
          y1="${y - 5}"
          y2="${y + 5}"
        />
        <circle class="point ${kind}" cx="${scale.at(size.speedup)}" cy="${y}" r="4.5" />`;
    })}
  </svg>`;
}

/** The size the headline figure was measured at: the largest. */
export function headline(timing: Timing): SizeTiming | undefined {
  return [...timing.sizes].sort((one, other) => other.elements - one.elements)[0];
}

interface Scale {
  at(value: number): number;
  ticks: number[];
}

/** A logarithmic scale that holds the values, with round ticks: a ratio and its inverse are equally far from 1. */
export function logScale(values: readonly number[], from: number, to: number): Scale {
  const positive = values.filter((value) => value > 0 && Number.isFinite(value));
  let low = Math.log(Math.min(...positive, 1));
  let high = Math.log(Math.max(...positive, 1));
  const spare = Math.max(0.05, (high - low) * 0.06);
  low -= spare;
  high += spare;
  const at = (value: number): number => {
    const inside = Math.min(high, Math.max(low, Math.log(Math.max(value, Number.MIN_VALUE))));
    return Math.round((from + ((inside - low) / (high - low)) * (to - from)) * 10) / 10;
  };
  return { at, ticks: ticks(Math.exp(low), Math.exp(high)) };
}

function ticks(low: number, high: number): number[] {
  const found: number[] = [];
  for (let power = Math.floor(Math.log10(low)); power <= Math.ceil(Math.log10(high)); power++) {
    for (const step of [1, 2, 5]) {
      const tick = step * 10 ** power;
      if (tick >= low && tick <= high) found.push(Number(tick.toPrecision(1)));
    }
  }
  // On a wide scale only the powers of ten, so that the labels stay apart.
  const sparse = found.filter((tick) => Number.isInteger(Math.round(Math.log10(tick) * 1e6) / 1e6));
  return found.length > 8 && sparse.length >= 2 ? sparse : found;
}

function columns(launches: number): number[] {
  const step = Math.ceil(launches / 20);
  return Array.from({ length: launches }, (_, at) => at).filter((at) => at % step === 0);
}
