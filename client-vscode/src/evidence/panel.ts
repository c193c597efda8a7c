/** The panel that shows evidence, one for the window: new evidence takes the place of the old. */

import { randomBytes } from "node:crypto";
import * as vscode from "vscode";

import type { Evidence } from "../protocol";
import { evidencePage } from "./page";

export class EvidencePanel implements vscode.Disposable {
  private panel: vscode.WebviewPanel | undefined;

  constructor(private readonly icon: vscode.Uri) {}

  show(evidence: Evidence): void {
    const panel = (this.panel ??= this.open());
    panel.title = `Evidence: ${evidence.function}`;
    panel.webview.html = evidencePage(evidence, randomBytes(16).toString("base64"));
    panel.reveal(undefined, false);
  }

  dispose(): void {
    this.panel?.dispose();
  }

  private open(): vscode.WebviewPanel {
    const panel = vscode.window.createWebviewPanel(
      "paceline.evidence",
      "Evidence",
      vscode.ViewColumn.Active,
      {
        enableScripts: false,
        enableFindWidget: true,
        localResourceRoots: [],
      },
    );
    panel.iconPath = this.icon;
    panel.onDidDispose(() => (this.panel = undefined));
    return panel;
  }
}
