/** What git says of the workspace's files, by the extension that comes with VS Code. */

import * as vscode from "vscode";

interface Change {
  uri: vscode.Uri;
}

interface Repository {
  show(ref: string, path: string): Promise<string>;
  state: { workingTreeChanges: Change[]; indexChanges: Change[]; untrackedChanges?: Change[] };
}

interface GitApi {
  repositories: Repository[];
  getRepository(uri: vscode.Uri): Repository | null;
}

/** The Python files that differ from what was committed last, new ones among them. */
export async function changedFiles(): Promise<vscode.Uri[]> {
  const found = new Map<string, vscode.Uri>();
  for (const { state } of (await api())?.repositories ?? []) {
    for (const { uri } of [
      ...state.indexChanges,
      ...state.workingTreeChanges,
      ...(state.untrackedChanges ?? []),
    ]) {
      if (/\.pyi?$/.test(uri.path)) found.set(uri.toString(), uri);
    }
  }
  return [...found.values()].sort((one, other) => one.path.localeCompare(other.path));
}

/** A file as it was committed last; undefined where git has no such file. */
export async function committed(uri: vscode.Uri): Promise<string | undefined> {
  try {
    return await (await api())?.getRepository(uri)?.show("HEAD", uri.fsPath);
  } catch {
    return undefined;
  }
}

/** Whether a piece of code stands in a text as it is, line ends apart. */
export function isIn(code: string, text: string): boolean {
  return text.replaceAll("\r\n", "\n").includes(code.replaceAll("\r\n", "\n"));
}

async function api(): Promise<GitApi | undefined> {
  const extension = vscode.extensions.getExtension<{ getAPI(version: 1): GitApi }>("vscode.git");
  if (extension === undefined) return undefined;
  try {
    return (extension.isActive ? extension.exports : await extension.activate()).getAPI(1);
  } catch {
    return undefined;
  }
}
