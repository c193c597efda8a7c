/** Figures and outcomes as people read them: the same words as the command line's. */

const UNITS: readonly [number, string][] = [
  [1, "s"],
  [1e-3, "ms"],
  [1e-6, "µs"],
  [1e-9, "ns"],
];

/** The judge's names of where inputs come from, the worthiest first. */
const SOURCES: Readonly<Record<string, string>> = {
  recorded: "recorded",
  "call-site": "from call sites",
  doctest: "from doctests",
  "type-hints": "from type hints",
  probed: "probed",
  edge: "edge cases",
  fresh: "fresh to confirm",
};

/** A duration with three figures and its unit: `112 µs`, `1.25 ms`. */
export function seconds(value: number): string {
  if (value >= 100) return `${value.toFixed(0)} s`;
  for (const [size, unit] of UNITS) {
    // What would be rounded up to the next unit is said in it.
    if (value >= size * 0.9995) return `${threeFigures(value / size)} ${unit}`;
  }
  return `${threeFigures(value / 1e-9)} ns`;
}

/** A speedup: `173×`, `3.1×`, `1.12×`. Two decimals only where they decide something. */
export function ratio(value: number): string {
  return `${bare(value)}×`;
}

/** The bounds of an interval: `2.8–3.4`. */
export function interval(low: number, high: number): string {
  return `${bare(low)}–${bare(high)}`;
}

export function bytes(size: number): string {
  if (size < 2 ** 20) return `${Math.floor(size / 1024)} KiB`;
  return size < 2 ** 30 ? `${(size / 2 ** 20).toFixed(1)} MiB` : `${(size / 2 ** 30).toFixed(1)} GiB`;
}

export function count(number: number, thing: string): string {
  const ending = number === 1 ? "" : thing.endsWith("ch") ? "es" : "s";
  return `${number.toLocaleString("en")} ${thing}${ending}`;
}

/** Inputs by where they came from, in order of worth, with the words for each. */
export function sources(counts: Readonly<Record<string, number>>): [string, number][] {
  const worth = Object.keys(SOURCES);
  const place = (name: string): number => (worth.includes(name) ? worth.indexOf(name) : worth.length);
  return Object.entries(counts)
    .filter(([, many]) => many > 0)
    .sort(([one], [other]) => place(one) - place(other))
    .map(([name, many]) => [SOURCES[name] ?? name, many]);
}

/** What was compared, in short: `117 inputs, 3 tests`. */
export function checks(found: { inputs: number; tests: number }): string {
  return `${count(found.inputs, "input")}${found.tests ? `, ${count(found.tests, "test")}` : ""}`;
}

/** `not-proven-faster` as `not proven faster`. */
export function plain(name: string): string {
  return name.replaceAll("-", " ");
}

/** The text with nothing in it that VS Code would make a link of: `[words](command:...)`. */
export function unlinked(text: string): string {
  return text.replaceAll("](", "] (");
}

export function capitalised(text: string): string {
  return text.slice(0, 1).toUpperCase() + text.slice(1);
}

function bare(value: number): string {
  if (value >= 99.5) return Math.round(value).toLocaleString("en");
  return value >= 1.95 ? value.toFixed(1) : value.toFixed(2);
}

function threeFigures(value: number): string {
  return value.toFixed(value >= 99.5 ? 0 : value >= 9.95 ? 1 : 2);
}
