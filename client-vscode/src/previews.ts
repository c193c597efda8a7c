/** What a file would be with a suggestion applied, shown beside what it is. */

import * as path from "node:path";
import * as vscode from "vscode";
import type { TextEdit, WorkspaceEdit } from "vscode-languageclient/node";

const SCHEME = "paceline-preview";
const KEPT = 20;

/** Virtual documents, the newest ones. Guards what is in them. */
export class Previews implements vscode.TextDocumentContentProvider {
  private readonly texts = new Map<string, string>();

  register(): vscode.Disposable {
    return vscode.workspace.registerTextDocumentContentProvider(SCHEME, this);
  }

  provideTextDocumentContent(uri: vscode.Uri): string {
    return this.texts.get(uri.toString()) ?? "";
  }

  /** Show the difference a suggestion makes, without taking the focus. */
  async show(
    document: vscode.TextDocument,
    suggestion: { id: string; edit: WorkspaceEdit },
    title: string,
  ): Promise<void> {
    const name = path.basename(document.uri.fsPath);
    const uri = vscode.Uri.from({
      scheme: SCHEME,
      path: `/${name}`,
      query: `${suggestion.id}-${document.version}`,
    });
    this.texts.set(uri.toString(), patched(document, textEdits(suggestion.edit, document.uri)));
    for (const old of [...this.texts.keys()].slice(0, -KEPT)) this.texts.delete(old);
    const options = { preview: true, preserveFocus: true };
    await vscode.commands.executeCommand("vscode.diff", document.uri, uri, `${name}: ${title}`, options);
  }

  /** Close the previews that are on screen. */
  async close(): Promise<void> {
    const tabs = vscode.window.tabGroups.all
      .flatMap((group) => group.tabs)
      .filter((tab) => tab.input instanceof vscode.TabInputTextDiff && tab.input.modified.scheme === SCHEME);
    if (tabs.length > 0) await vscode.window.tabGroups.close(tabs, true);
  }
}

/** The edits of one document in a workspace edit. */
function textEdits(edit: WorkspaceEdit, uri: vscode.Uri): TextEdit[] {
  const isOurs = (other: string): boolean => vscode.Uri.parse(other).toString() === uri.toString();
  const changes = Object.entries(edit.changes ?? {})
    .filter(([other]) => isOurs(other))
    .flatMap(([, edits]) => edits);
  for (const change of edit.documentChanges ?? []) {
    if ("edits" in change && isOurs(change.textDocument.uri)) {
      changes.push(...change.edits.filter((one): one is TextEdit => "newText" in one));
    }
  }
  return changes;
}

function patched(document: vscode.TextDocument, edits: readonly TextEdit[]): string {
  const offset = (at: { line: number; character: number }): number =>
    document.offsetAt(new vscode.Position(at.line, at.character));
  let text = document.getText();
  // From the end, so that the offsets of those in front stay right.
  const fromEnd = [...edits].sort((one, other) => offset(other.range.start) - offset(one.range.start));
  for (const one of fromEnd) {
    text = text.slice(0, offset(one.range.start)) + one.newText + text.slice(offset(one.range.end));
  }
  return text;
}
