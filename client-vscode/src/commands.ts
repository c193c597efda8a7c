/** The commands of the palette, each a few lines over the parts that do the work. */

import * as vscode from "vscode";
import { inform, warn } from "./messages";

import type { EvidencePanel } from "./evidence/panel";
import { sayError } from "./failures";
import { changedFiles, committed, isIn } from "./git";
import { openOrigin } from "./lessons/origin";
import type { LessonNode, LessonsTree } from "./lessons/tree";
import { EVIDENCE, type Evidence, FORGET_LESSON, PIN_LESSON, TEACH, type TeachAnswer } from "./protocol";
import type { Runs, Work } from "./runs/runs";
import { withArguments } from "./server/candidates";
import { output } from "./server/probe";
import type { Session } from "./session";

const DOCTOR_MS = 60_000;

export interface Parts {
  session: Session;
  runs: Runs;
  lessons: LessonsTree;
  evidence: EvidencePanel;
  install(): Promise<void>;
}

export function registerCommands(parts: Parts): vscode.Disposable {
  const { session, runs, lessons } = parts;
  const commands: Record<string, (...args: never[]) => Promise<unknown> | unknown> = {
    optimizeFunction: () => here((editor) => runs.one(editor.document.uri, editor.selection.active)),
    optimizeFile: () => here(({ document }) => optimizeFile(runs, document)),
    optimizeChanged: () => optimizeChanged(runs),
    stop: () => runs.stop(),
    showSuggestions: (uri?: string, at?: { line: number; character: number }) =>
      uri !== undefined && at !== undefined
        ? showSuggestionsAt(runs, vscode.Uri.parse(uri), new vscode.Position(at.line, at.character))
        : here((editor) => runs.showSuggestions(editor.document, editor.selection.active)),
    showEvidence: () => here((editor) => chooseEvidence(parts, editor)),
    showLessons: () => vscode.commands.executeCommand("paceline.lessons.focus"),
    teachChange: () => here((editor) => teach(parts, editor)),
    doctor: () => doctor(session),
    showLog: () => session.log.show(),
    restart: () => session.restart(),
    installServer: () => parts.install(),
    showMenu: () => showMenu(session),
    refreshLessons: () => lessons.refresh(),
    pinLesson: (node: LessonNode) => pin(parts, node, true),
    unpinLesson: (node: LessonNode) => pin(parts, node, false),
    forgetLesson: (node: LessonNode) => forget(parts, node),
    openLessonOrigin: (node: LessonNode) => openOrigin(node.lesson),
  };
  return vscode.Disposable.from(
    ...Object.entries(commands).map(([name, run]) =>
      vscode.commands.registerCommand(`paceline.${name}`, async (...args: never[]) => {
        try {
          return await run(...args);
        } catch (error) {
          sayError(error);
          return undefined;
        }
      }),
    ),
  );
}

/** Show the evidence of a suggestion. */
export async function showEvidence(
  session: Session,
  panel: EvidencePanel,
  uri: vscode.Uri,
  id: string,
): Promise<void> {
  panel.show(await session.request<Evidence>(EVIDENCE, { textDocument: { uri: uri.toString() }, id }));
}

async function here(work: (editor: vscode.TextEditor) => Promise<unknown>): Promise<void> {
  const editor = vscode.window.activeTextEditor;
  if (editor?.document.languageId !== "python") {
    void inform("Paceline: open a Python file and put the cursor in a function.");
    return;
  }
  await work(editor);
}

async function showSuggestionsAt(runs: Runs, uri: vscode.Uri, position: vscode.Position): Promise<void> {
  await runs.showSuggestions(await vscode.workspace.openTextDocument(uri), position);
}

async function optimizeFile(runs: Runs, document: vscode.TextDocument): Promise<void> {
  const functions = (await runs.functions(document)).filter((one) => !one.ignored);
  await runs.many([{ document, functions }], vscode.workspace.asRelativePath(document.uri));
}

async function optimizeChanged(runs: Runs): Promise<void> {
  const works: Work[] = [];
  for (const uri of await changedFiles()) {
    const document = await vscode.workspace.openTextDocument(uri).then(
      (opened) => opened,
      () => undefined,
    );
    if (document === undefined) continue; // Deleted since.
    const before = (await committed(uri)) ?? "";
    const functions = (await runs.functions(document)).filter(({ range, ignored }) => {
      if (ignored) return false;
      const { start, end } = range;
      const code = document.getText(new vscode.Range(start.line, start.character, end.line, end.character));
      return !isIn(code, before);
    });
    if (functions.length > 0) works.push({ document, functions });
  }
  await runs.many(works, "the changed code");
}

async function chooseEvidence({ session, runs, evidence }: Parts, editor: vscode.TextEditor): Promise<void> {
  const { document, selection } = editor;
  const here = await runs.proven(document, selection.active).catch(() => []);
  const standing = (here.length > 0 ? here : await runs.proven(document)).flatMap((one) => one.offers);
  const applied = runs.applied.filter((one) => one.document === document).reverse();
  const items = [
    ...standing.map(({ suggestion }) => ({ label: suggestion.title, suggestion })),
    ...applied.map(({ suggestion }) => ({ label: suggestion.title, description: "applied", suggestion })),
  ];
  if (items.length === 0) {
    void inform("Paceline: nothing is proven for this file as it stands; make a function faster first.");
    return;
  }
  const title = "Show the evidence of";
  const chosen = items.length === 1 ? items[0] : await vscode.window.showQuickPick(items, { title });
  if (chosen) await showEvidence(session, evidence, document.uri, chosen.suggestion.id);
}

/** Have a change judged that a person made to the function at the cursor, and learn from the verdict. */
async function teach({ runs, lessons }: Parts, editor: vscode.TextEditor): Promise<void> {
  const { document, selection } = editor;
  const before = await committed(document.uri);
  if (before === undefined) {
    void inform("Paceline: to teach a change, the file as it was before has to be committed to git.");
    return;
  }
  const words = await vscode.window.showInputBox({
    title: "Teach this change",
    prompt: "What makes it faster? In a few words; Enter alone leaves it to the verdict.",
    placeHolder: "use a set for membership",
  });
  if (words === undefined) return;
  const params = {
    textDocument: { uri: document.uri.toString() },
    position: { line: selection.active.line, character: selection.active.character },
    before,
    words,
  };
  const answer = await runs.withProgress("Judging your change", (progress, token) =>
    runs.followed<TeachAnswer>(TEACH, params, (message) => progress.report({ message }), token),
  );
  if (answer === undefined) return;
  lessons.refresh();
  const learnt = answer.lesson === null ? "Nothing was learnt." : "The lesson is banked.";
  void inform(`Paceline: ${answer.function} is ${answer.words} ${learnt}`);
}

async function doctor(session: Session): Promise<void> {
  if (session.launch === undefined) {
    void warn("Paceline: there is no server to ask; install one first.");
    return;
  }
  const folder = vscode.workspace.workspaceFolders?.[0]?.uri.fsPath ?? session.folder;
  const { command, args } = withArguments(session.launch, "doctor", folder, "--json");
  const { status, stdout, stderr } = await output(command, args, { cwd: session.folder, timeout: DOCTOR_MS });
  if (status !== 0) throw new Error(`the doctor failed: ${stderr.trim()}`);
  const { checks } = JSON.parse(stdout) as {
    checks: { state: string; name: string; message: string; advice: string }[];
  };
  const lines = checks.flatMap(({ state, name, message, advice }) => [
    `${state.padEnd(8)}  ${name.padEnd(14)}  ${message}`,
    ...(advice ? [`${" ".repeat(26)}${advice}`] : []),
  ]);
  const origin = `Paceline ${session.version ?? ""} from ${session.launch.origin}: ${session.launch.command}`;
  const content = [origin, "", ...lines, ""].join("\n");
  await vscode.window.showTextDocument(await vscode.workspace.openTextDocument({ content }));
}

async function showMenu(session: Session): Promise<void> {
  const entries: [string, string, string][] = [
    ["rocket", "Make This Function Faster", "optimizeFunction"],
    ["files", "Make This File Faster", "optimizeFile"],
    ["git-compare", "Make Changed Functions Faster", "optimizeChanged"],
    ["debug-stop", "Stop", "stop"],
    ["list-ordered", "Show Proven Suggestions", "showSuggestions"],
    ["graph", "Show Evidence", "showEvidence"],
    ["mortar-board", "Show Lessons", "showLessons"],
    ["edit", "Teach This Change", "teachChange"],
    ["pulse", "Doctor", "doctor"],
    ["output", "Show Log", "showLog"],
    ["refresh", "Restart Server", "restart"],
  ];
  if (session.condition === "missing") {
    entries.unshift(["cloud-download", "Install Server Into an Environment of Its Own", "installServer"]);
  }
  const items = entries.map(([icon, label, command]) => ({ label: `$(${icon}) ${label}`, command }));
  const chosen = await vscode.window.showQuickPick(items, { title: "Paceline" });
  if (chosen) await vscode.commands.executeCommand(`paceline.${chosen.command}`);
}

async function pin({ session, lessons }: Parts, node: LessonNode, pinned: boolean): Promise<void> {
  await session.request(PIN_LESSON, { root: node.lesson.root, id: node.lesson.id, pinned });
  lessons.refresh();
}

async function forget({ session, lessons }: Parts, node: LessonNode): Promise<void> {
  const yes = "Forget";
  const detail = node.lesson.text;
  const question = "Forget this lesson? Members will not be shown it again.";
  const pressed = await vscode.window.showWarningMessage(question, { modal: true, detail }, yes);
  if (pressed !== yes) return;
  await session.request(FORGET_LESSON, { root: node.lesson.root, id: node.lesson.id });
  lessons.refresh();
}
