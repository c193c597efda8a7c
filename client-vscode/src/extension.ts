/** What VS Code calls: the parts are made and tied together; the server is started beside. */

import * as vscode from "vscode";
import { inform } from "./messages";

import { registerCommands, showEvidence } from "./commands";
import { EvidencePanel } from "./evidence/panel";
import { sayError } from "./failures";
import { LessonsTree } from "./lessons/tree";
import { Previews } from "./previews";
import { Runs } from "./runs/runs";
import { install, ownPython } from "./server/install";
import { onSelectionChanged, selectedPython } from "./server/pythonExtension";
import { Session } from "./session";
import { showStatus } from "./status";

let session: Session | undefined;

export function activate(context: vscode.ExtensionContext): void {
  const log = vscode.window.createOutputChannel("Paceline", { log: true });
  const current = new Session(context, log, ownPython(context.globalStorageUri.fsPath));
  session = current;
  const previews = new Previews();
  const evidence = new EvidencePanel(vscode.Uri.joinPath(context.extensionUri, "media", "icon.png"));
  const lessons = new LessonsTree(current);
  const runs = new Runs(current, previews, (uri, id) => showEvidence(current, evidence, uri, id));
  current.onOptimize = (uri, position) => runs.one(uri, position).catch(sayError);

  context.subscriptions.push(
    log,
    evidence,
    previews.register(),
    showStatus(current),
    vscode.window.createTreeView("paceline.lessons", { treeDataProvider: lessons, showCollapseAll: true }),
    registerCommands({
      session: current,
      runs,
      lessons,
      evidence,
      install: () => installServer(context, current),
    }),
    runs.onDidEnd(() => lessons.refresh()),
    current.onDidChangeCondition((condition) => {
      if (condition === "running") lessons.refresh();
      if (condition === "missing") void offerInstall(context, current);
    }),
    vscode.workspace.onDidGrantWorkspaceTrust(async () => {
      await current.tellTrust();
      await current.restartIfOther();
    }),
    vscode.workspace.onDidChangeConfiguration((event) => {
      if (event.affectsConfiguration("paceline.server")) void current.restart();
    }),
  );
  void current.start();
  void onSelectionChanged(() => void current.restartIfOther()).then((listening) => {
    if (listening) context.subscriptions.push(listening);
  });
}

export async function deactivate(): Promise<void> {
  await session?.dispose();
}

async function offerInstall(context: vscode.ExtensionContext, current: Session): Promise<void> {
  const yes = "Install";
  const settings = "Open Settings";
  const pressed = await inform(
    "Paceline's server is not installed in the selected Python environment. Install it into an environment " +
      "of the extension's own?",
    yes,
    settings,
  );
  if (pressed === yes) await installServer(context, current).catch(sayError);
  if (pressed === settings) {
    await vscode.commands.executeCommand("workbench.action.openSettings", "paceline.server");
  }
}

async function installServer(context: vscode.ExtensionContext, current: Session): Promise<void> {
  await vscode.window.withProgress(
    { location: vscode.ProgressLocation.Notification, title: "Installing Paceline", cancellable: true },
    async (progress, token) => {
      const stop = new AbortController();
      token.onCancellationRequested(() => stop.abort());
      const report = (message: string): void => progress.report({ message });
      await install(context, current.log, await selectedPython(), report, stop.signal);
    },
  );
  await current.restart();
}
