/** Messages to the person. VS Code makes links, even to commands, of what looks like one: data must not. */

import * as vscode from "vscode";

import { unlinked } from "./words";

export function inform(text: string, ...buttons: string[]): Thenable<string | undefined> {
  return vscode.window.showInformationMessage(unlinked(text), ...buttons);
}

export function warn(text: string, ...buttons: string[]): Thenable<string | undefined> {
  return vscode.window.showWarningMessage(unlinked(text), ...buttons);
}

export function complain(text: string, ...buttons: string[]): Thenable<string | undefined> {
  return vscode.window.showErrorMessage(unlinked(text), ...buttons);
}
