/** What went wrong, told apart and told to the person. */

import * as vscode from "vscode";
import { ErrorCodes, LSPErrorCodes, ResponseError } from "vscode-languageclient/node";

/** Say what failed. What was stopped, or lost with the server, was spoken of when it happened. */
export function sayError(error: unknown): void {
  if (isCancelled(error) || isLost(error)) return;
  const log = "Show Log";
  void vscode.window.showErrorMessage(`Paceline: ${text(error)}`, log).then((pressed) => {
    if (pressed === log) void vscode.commands.executeCommand("paceline.showLog");
  });
}

export function isCancelled(error: unknown): boolean {
  return error instanceof ResponseError && error.code === LSPErrorCodes.RequestCancelled;
}

/** Whether the server ended while it was asked; that was said when it happened. */
export function isLost(error: unknown): boolean {
  return (
    error instanceof ResponseError &&
    (error.code === ErrorCodes.PendingResponseRejected || error.code === ErrorCodes.ConnectionInactive)
  );
}

export function text(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
