/** What went wrong, told apart and told to the person. */

import * as vscode from "vscode";
import { complain } from "./messages";

/** The protocol's codes of what was cancelled, and of what was lost with the connection. */
const CANCELLED = -32800;
const LOST = [-32097, -32096];

/** Say what failed. What was stopped, or lost with the server, was spoken of when it happened. */
export function sayError(error: unknown): void {
  if (isCancelled(error) || isLost(error)) return;
  const log = "Show Log";
  void complain(`Paceline: ${text(error)}`, log).then((pressed) => {
    if (pressed === log) void vscode.commands.executeCommand("paceline.showLog");
  });
}

export function isCancelled(error: unknown): boolean {
  return codeOf(error) === CANCELLED;
}

/** Whether the server ended while it was asked; that was said when it happened. */
export function isLost(error: unknown): boolean {
  return LOST.includes(codeOf(error) ?? 0);
}

export function text(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

function codeOf(error: unknown): number | undefined {
  return error instanceof Error && "code" in error && typeof error.code === "number" ? error.code : undefined;
}
