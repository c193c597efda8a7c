/** Where a lesson was learnt: the file of that name that defines a function of that name. */

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
  const { file, target } = lesson.origin;
  const name = target.split(".").at(-1) ?? "";
  // A lesson may come from anywhere: what it says is a name here, never a path or a pattern.
  if (!/^[\w.-]+$/u.test(file) || !/^\w+$/u.test(name)) return undefined;
  const pattern = new vscode.RelativePattern(vscode.Uri.file(lesson.root), `**/${path.basename(file)}`);
  const definition = new RegExp(`^[ \\t]*(async[ \\t]+)?def[ \\t]+${name}\\b`, "mu");
  for (const uri of await vscode.workspace.findFiles(pattern, undefined, LOOKED_AT)) {
    const document = await vscode.workspace.openTextDocument(uri);
    const match = definition.exec(document.getText());
    if (match !== null) {
      const at = match.index + match[0].length - name.length;
      return { document, position: document.positionAt(at) };
    }
  }
  return undefined;
}
