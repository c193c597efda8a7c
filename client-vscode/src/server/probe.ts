/** Asking a program for its answer, within a time. */

import { execFile } from "node:child_process";
import { access, constants } from "node:fs/promises";
import * as path from "node:path";

import { type Launch, withArguments } from "./candidates";

const PROBE_MS = 15_000;

export interface Output {
  /** Null where the program could not be started or was ended. */
  status: number | null;
  stdout: string;
  stderr: string;
}

/** Run a program to its end. Never rejects. */
export function output(
  command: string,
  args: readonly string[],
  options: { cwd: string; timeout?: number; signal?: AbortSignal },
): Promise<Output> {
  return new Promise((resolve) => {
    execFile(
      command,
      args,
      { timeout: PROBE_MS, maxBuffer: 8 * 1024 * 1024, windowsHide: true, ...options },
      (error, stdout, stderr) => {
        const status = error === null ? 0 : typeof error.code === "number" ? error.code : null;
        resolve({ status, stdout, stderr: stderr || (error?.message ?? "") });
      },
    );
  });
}

/** The version a launch would start, undefined where it would not. */
export async function versionOf(launch: Launch, cwd: string): Promise<string | undefined> {
  const { command, args } = withArguments(launch, "--version");
  const { status, stdout } = await output(command, args, { cwd });
  return status === 0 ? /\d+\.\d+\S*/.exec(stdout)?.[0] : undefined;
}

/** A program on the PATH, as an absolute path. */
export async function onPath(name: string): Promise<string | undefined> {
  const endings = process.platform === "win32" ? [".exe", ".cmd"] : [""];
  for (const folder of (process.env["PATH"] ?? "").split(path.delimiter)) {
    if (!path.isAbsolute(folder)) continue;
    for (const ending of endings) {
      const file = path.join(folder, name + ending);
      try {
        await access(file, constants.X_OK);
        return file;
      } catch {
        continue;
      }
    }
  }
  return undefined;
}
