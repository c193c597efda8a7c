/** The status bar item: what the team is doing, and the way to everything it can do. */

import * as vscode from "vscode";

import type { Status } from "./protocol";
import type { Condition, Session } from "./session";

interface Look {
  icon: string;
  words: string;
  more: string;
  isWarning?: boolean;
}

const LOOKS: Readonly<Record<Condition, Look>> = {
  starting: { icon: "loading~spin", words: "starting", more: "The server is being started." },
  running: { icon: "rocket", words: "", more: "Nothing is running." },
  missing: {
    icon: "warning",
    words: "no server",
    more: "No Paceline was found. Install it, or name its Python in the settings.",
    isWarning: true,
  },
  stopped: { icon: "circle-slash", words: "stopped", more: "The server is not running." },
  failed: { icon: "error", words: "failed", more: "The server could not be kept running.", isWarning: true },
};

export function showStatus(session: Session): vscode.Disposable {
  const item = vscode.window.createStatusBarItem("paceline.status", vscode.StatusBarAlignment.Right, 90);
  item.name = "Paceline";
  item.command = "paceline.showMenu";
  let status: Status | undefined;

  function draw(): void {
    const look = session.condition === "running" ? atWork(status) : LOOKS[session.condition];
    item.text = `$(${look.icon}) Paceline${look.words ? `: ${look.words}` : ""}`;
    item.tooltip = tooltip(session, look);
    item.accessibilityInformation = { label: `Paceline ${look.words}. ${look.more}`, role: "button" };
    item.backgroundColor = look.isWarning
      ? new vscode.ThemeColor("statusBarItem.warningBackground")
      : undefined;
    void vscode.commands.executeCommand("setContext", "paceline.running", status?.busy ?? false);
  }

  draw();
  item.show();
  return vscode.Disposable.from(
    item,
    session.onDidChangeCondition(() => {
      status = undefined;
      draw();
    }),
    session.onStatus((next) => {
      // A member that lost its turn is a word beside the state, which stays what it was.
      status = next.kind === "member" && !status?.busy ? status : next;
      draw();
    }),
    vscode.workspace.onDidGrantWorkspaceTrust(draw),
  );
}

function atWork(status: Status | undefined): Look {
  if (!vscode.workspace.isTrusted) {
    const more = "The workspace is not trusted: hints only, nothing of it is run.";
    return { icon: "shield", words: "hints only", more };
  }
  if (!status?.busy) return LOOKS.running;
  return { icon: "sync~spin", words: status.message, more: "The team is at work." };
}

function tooltip(session: Session, look: Look): vscode.MarkdownString {
  const text = new vscode.MarkdownString();
  text.appendText(look.more);
  if (session.condition === "running" && session.launch !== undefined) {
    text.appendMarkdown("\n\n");
    text.appendText(`Paceline ${session.version ?? ""} from ${session.launch.origin}`);
  }
  return text;
}
