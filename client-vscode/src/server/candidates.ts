/** Where a server may be started from, in the order they are tried. Nothing is run here. */

import * as path from "node:path";

export interface Launch {
  command: string;
  args: readonly string[];
  /** Where it comes from, as a person is told. */
  origin: string;
}

export interface Places {
  /** The setting `paceline.server.path`. */
  serverPath: string;
  /** The setting `paceline.server.interpreter`. */
  interpreter: string;
  /** The Python that is selected in the Python extension. */
  selected: string | undefined;
  /** The Python of the environment that the extension keeps for itself. */
  own: string;
  /** `paceline` on the PATH. */
  onPath: string | undefined;
  isTrusted: boolean;
  folders: readonly string[];
}

/**
 * The ways to start the server that are worth a try. What stands inside a workspace folder is the workspace's
 * code, and is left out until the workspace is trusted.
 */
export function launches(places: Places): Launch[] {
  if (places.serverPath) {
    return usable(places, places.serverPath)
      ? [{ command: places.serverPath, args: [], origin: "the setting paceline.server.path" }]
      : [];
  }
  if (places.interpreter) {
    return usable(places, places.interpreter)
      ? [module(places.interpreter, "the setting paceline.server.interpreter")]
      : [];
  }
  const found: Launch[] = [];
  if (places.selected && usable(places, places.selected)) {
    found.push(module(places.selected, "the selected Python environment"));
  }
  found.push(module(places.own, "the extension's own environment"));
  if (places.onPath && usable(places, places.onPath)) {
    found.push({ command: places.onPath, args: [], origin: "the PATH" });
  }
  return found;
}

/** The same command with further words: `serve --stdio`, `doctor`. */
export function withArguments(launch: Launch, ...more: string[]): { command: string; args: string[] } {
  return { command: launch.command, args: [...launch.args, ...more] };
}

export function isInside(file: string, folder: string): boolean {
  const relative = path.relative(folder, file);
  return relative === "" || (!relative.startsWith("..") && !path.isAbsolute(relative));
}

function module(python: string, origin: string): Launch {
  // -P: what lies in the folder the server is started from must not be taken for its modules.
  return { command: python, args: ["-P", "-m", "paceline"], origin };
}

function usable(places: Places, file: string): boolean {
  // A bare name is looked up on the PATH; a relative path would depend on the folder we happen to be in.
  const isName = !file.includes("/") && !file.includes("\\");
  if (!isName && !path.isAbsolute(file)) return false;
  return places.isTrusted || !places.folders.some((folder) => isInside(file, folder));
}
