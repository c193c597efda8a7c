/** What the server is told of the editor's settings: only what somebody has said. */

/** What VS Code's `inspect` returns of one setting. */
export interface Inspected {
  globalValue?: unknown;
  workspaceValue?: unknown;
  workspaceFolderValue?: unknown;
}

/** Settings of the extension itself, which the server does not know. */
const OWN = ["server.path", "server.interpreter"];

/**
 * The settings as one object, dotted keys unfolded. The defaults of package.json stay out: an editor's word
 * counts for more than pyproject.toml's, and a default is nobody's word.
 */
export function saidSettings(
  keys: Iterable<string>,
  inspect: (key: string) => Inspected | undefined,
  valueOf: (key: string) => unknown,
): Record<string, unknown> {
  const said: Record<string, unknown> = {};
  for (const key of keys) {
    if (OWN.includes(key) || !isSaid(inspect(key))) continue;
    unfold(said, key.split("."), valueOf(key));
  }
  return said;
}

function isSaid(found: Inspected | undefined): boolean {
  return [found?.globalValue, found?.workspaceValue, found?.workspaceFolderValue].some(
    (value) => value !== undefined,
  );
}

function unfold(into: Record<string, unknown>, path: readonly string[], value: unknown): void {
  const [first, ...rest] = path;
  if (first === undefined) return;
  if (rest.length === 0) {
    into[first] = value;
    return;
  }
  const inner = (into[first] ??= {}) as Record<string, unknown>;
  unfold(inner, rest, value);
}
