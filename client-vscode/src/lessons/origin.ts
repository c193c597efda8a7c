/** Where a lesson was learnt: its own file, else a file of that name, that defines a function of that name. */

import * as path from "node:path";
import * as vscode from "vscode";
import { inform } from "../messages";

import type { Lesson } from "../protocol";

const LOOKED_AT = 50;

/** Open the function a lesson came from, where the workspace still has it. */
export async function openOrigin(lesson: Lesson): Promise<void> {
  const found = await find(lesson);
  if (found === undefined) {
    const { target, file } = lesson.origin;
    void inform(
      `Paceline: this workspace has no ${target || "function"} in a file named ${file || "as the lesson says"} now.`,
    );
    return;
  }
  const selection = new vscode.Range(found.position, found.position);
  await vscode.window.showTextDocument(found.document, { selection });
}

async function find(
  lesson: Lesson,
): Promise<{ document: vscode.TextDocument; position: vscode.Position } | undefined> {
  const name = lesson.origin.target.split(".").at(-1) ?? "";
  if (!/^\w+$/u.test(name)) return undefined;
  const definition = new RegExp(`^[ \\t]*(async[ \\t]+)?def[ \\t]+${name}\\b`, "mu");
  for (const uri of await candidates(lesson)) {
    const document = await vscode.workspace.openTextDocument(uri);
    const match = definition.exec(document.getText());
    if (match !== null) {
      const at = match.index + match[0].length - name.length;
      return { document, position: document.positionAt(at) };
    }
  }
  return undefined;
}

/** The files it may be, the one that it was learnt on first: of one name there may be several. */
async function candidates({ root, origin, place }: Lesson): Promise<vscode.Uri[]> {
  const folder = vscode.Uri.file(root);
  // A lesson may come from anywhere: what it says is a name here, never a path or a pattern.
  const isName = /^[\w.-]+$/u.test(origin.file);
  const pattern = new vscode.RelativePattern(folder, `**/${path.basename(origin.file)}`);
  const named = isName ? await vscode.workspace.findFiles(pattern, undefined, LOOKED_AT) : [];
  const own = place ? vscode.Uri.joinPath(folder, place) : undefined;
  // It may have been moved meanwhile, and nothing outside of the workspace is opened.
  if (own === undefined || !own.path.startsWith(`${folder.path}/`) || !(await isThere(own))) return named;
  return [own, ...named];
}

async function isThere(uri: vscode.Uri): Promise<boolean> {
  try {
    return (await vscode.workspace.fs.stat(uri)).type === vscode.FileType.File;
  } catch {
    return false;
  }
}
