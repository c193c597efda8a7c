/** An environment of the extension's own: made in its storage, with the server that came in the package. */

import { readdir, rm } from "node:fs/promises";
import * as path from "node:path";
import * as vscode from "vscode";

import { onPath, output } from "./probe";

const OLDEST = [3, 11] as const;
const PIP_MS = 10 * 60_000;

/** Where the Python of the environment is, whether or not it was made yet. */
export function ownPython(storage: string): string {
  return process.platform === "win32"
    ? path.join(storage, "server", "Scripts", "python.exe")
    : path.join(storage, "server", "bin", "python");
}

/** Make the environment and install the server into it. Raises Error saying what to do. */
export async function install(
  context: vscode.ExtensionContext,
  log: vscode.LogOutputChannel,
  selected: string | undefined,
  report: (message: string) => void,
  signal: AbortSignal,
): Promise<void> {
  const storage = context.globalStorageUri.fsPath;
  const wheel = await bundledServer(context.extensionPath);
  const python = await newEnough(selected, storage);
  const home = path.join(storage, "server");
  const run = async (command: string, ...args: string[]): Promise<void> => {
    log.info([command, ...args].join(" "));
    const done = await output(command, args, { cwd: storage, timeout: PIP_MS, signal });
    if (done.stdout) log.info(done.stdout.trimEnd());
    if (done.status !== 0) {
      log.error(done.stderr.trimEnd());
      throw new Error(`${path.basename(command)} ${args.join(" ")} failed; the log has the rest`);
    }
  };
  try {
    report("making a virtual environment");
    await rm(home, { recursive: true, force: true });
    await run(python, "-m", "venv", home);
    report("installing the server and what it needs");
    // -I: neither the folder nor the environment variables of whoever started the editor have a say.
    await run(ownPython(storage), "-I", "-m", "pip", "install", "--disable-pip-version-check", wheel);
  } catch (error) {
    await rm(home, { recursive: true, force: true });
    throw error;
  }
}

async function bundledServer(extension: string): Promise<string> {
  const folder = path.join(extension, "server");
  const wheels = (await readdir(folder).catch(() => [])).filter((name) => name.endsWith(".whl"));
  if (wheels[0] === undefined) {
    throw new Error("this build of the extension brings no server; name one in paceline.server.path");
  }
  return path.join(folder, wheels[0]);
}

async function newEnough(selected: string | undefined, cwd: string): Promise<string> {
  const names = ["python3.14", "python3.13", "python3.12", "python3.11", "python3", "python"];
  const trusted = vscode.workspace.isTrusted && selected !== undefined ? [selected] : [];
  for (const candidate of [...trusted, ...(await Promise.all(names.map(onPath)))]) {
    if (candidate === undefined) continue;
    const check = `import sys, venv; sys.exit(sys.version_info < ${`(${OLDEST.join(", ")})`})`;
    if ((await output(candidate, ["-I", "-c", check], { cwd })).status === 0) return candidate;
  }
  throw new Error(`Paceline needs Python ${OLDEST.join(".")} or newer, with venv; none is on the PATH`);
}
