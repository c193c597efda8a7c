/** The lessons of the workspace in the side bar: by category, each with its text, evidence and counters. */

import * as path from "node:path";
import * as vscode from "vscode";

import { LESSONS, type Lesson } from "../protocol";
import type { Session } from "../session";
import { capitalised, count, interval, plain, ratio } from "../words";

type Node = RootNode | CategoryNode | LessonNode | FactNode;

interface RootNode {
  kind: "root";
  root: string;
  lessons: readonly Lesson[];
}

interface CategoryNode {
  kind: "category";
  root: string;
  category: string;
  lessons: readonly Lesson[];
}

export interface LessonNode {
  kind: "lesson";
  lesson: Lesson;
}

interface FactNode {
  kind: "fact";
  of: Lesson;
  icon: string;
  words: string;
}

export class LessonsTree implements vscode.TreeDataProvider<Node> {
  private readonly changed = new vscode.EventEmitter<void>();
  readonly onDidChangeTreeData = this.changed.event;

  constructor(private readonly session: Session) {}

  refresh(): void {
    this.changed.fire();
  }

  async getChildren(node?: Node): Promise<Node[]> {
    switch (node?.kind) {
      case undefined:
        return this.top();
      case "root":
        return categories(node.root, node.lessons);
      case "category":
        return node.lessons.map((lesson) => ({ kind: "lesson", lesson }));
      case "lesson":
        return facts(node.lesson);
      case "fact":
        return [];
    }
  }

  getTreeItem(node: Node): vscode.TreeItem {
    switch (node.kind) {
      case "root":
        return rootItem(node);
      case "category":
        return categoryItem(node);
      case "lesson":
        return lessonItem(node.lesson);
      case "fact":
        return factItem(node);
    }
  }

  private async top(): Promise<Node[]> {
    if (this.session.client === undefined) return [];
    const { lessons } = await this.session.request<{ lessons: Lesson[] }>(LESSONS, {});
    const roots = [...new Set(lessons.map((lesson) => lesson.root))];
    if (roots.length === 1 && roots[0] !== undefined) return categories(roots[0], lessons);
    return roots.map((root) => ({ kind: "root", root, lessons: lessons.filter((one) => one.root === root) }));
  }
}

function categories(root: string, lessons: readonly Lesson[]): Node[] {
  const names = [...new Set(lessons.map((lesson) => lesson.category))].sort();
  return names.map((category) => ({
    kind: "category",
    root,
    category,
    lessons: lessons.filter((lesson) => lesson.category === category).sort(byPinAndEvidence),
  }));
}

function byPinAndEvidence(one: Lesson, other: Lesson): number {
  const pinned = Number(other.credit?.pinned ?? false) - Number(one.credit?.pinned ?? false);
  return pinned || (other.evidence.low ?? 0) - (one.evidence.low ?? 0);
}

function rootItem({ root, lessons }: RootNode): vscode.TreeItem {
  const item = new vscode.TreeItem(path.basename(root), vscode.TreeItemCollapsibleState.Expanded);
  item.description = count(lessons.length, "lesson");
  item.iconPath = new vscode.ThemeIcon("root-folder");
  item.id = root;
  return item;
}

function categoryItem({ root, category, lessons }: CategoryNode): vscode.TreeItem {
  const item = new vscode.TreeItem(capitalised(plain(category)), vscode.TreeItemCollapsibleState.Expanded);
  item.description = String(lessons.length);
  item.id = `${root}#${category}`;
  item.accessibilityInformation = { label: `${plain(category)}, ${count(lessons.length, "lesson")}` };
  return item;
}

function lessonItem(lesson: Lesson): vscode.TreeItem {
  const { evidence, credit } = lesson;
  const item = new vscode.TreeItem(
    capitalised(lesson.transformation || plain(lesson.category)),
    vscode.TreeItemCollapsibleState.Collapsed,
  );
  item.id = `${lesson.root}#${lesson.id}`;
  item.description =
    evidence.low !== null && evidence.speedup !== null ? ratio(evidence.speedup) : plain(evidence.outcome);
  item.iconPath = credit?.pinned ? new vscode.ThemeIcon("pinned") : icon(evidence.outcome);
  item.contextValue = credit?.pinned ? "lessonPinned" : "lesson";
  const told = new vscode.MarkdownString();
  told.appendText(lesson.text);
  item.tooltip = told;
  item.accessibilityInformation = {
    label: `${lesson.transformation}, ${item.description}${credit?.pinned ? ", pinned" : ""}`,
  };
  return item;
}

function icon(outcome: string): vscode.ThemeIcon {
  if (outcome === "faster") return new vscode.ThemeIcon("pass", new vscode.ThemeColor("charts.green"));
  if (outcome === "not-proven-faster" || outcome === "slower") {
    return new vscode.ThemeIcon("dash", new vscode.ThemeColor("charts.yellow"));
  }
  return new vscode.ThemeIcon("error", new vscode.ThemeColor("charts.red"));
}

function facts(lesson: Lesson): FactNode[] {
  const { evidence, credit, origin } = lesson;
  const { speedup, low, high } = evidence;
  const figures =
    speedup !== null && low !== null && high !== null
      ? `${ratio(speedup)} (${interval(low, high)}), ${count(evidence.inputs, "input")} compared`
      : evidence.counterexample
        ? `${plain(evidence.outcome)}: ${evidence.counterexample}`
        : `${plain(evidence.outcome)}, ${count(evidence.inputs, "input")} compared`;
  const used = credit
    ? `shown ${count(credit.shown, "time")}, helped ${credit.helped}, hurt ${credit.hurt}, factor ${credit.factor.toFixed(2)}`
    : "not shown to a member yet";
  const by = origin.member || plain(origin.source);
  const from = [origin.target, lesson.place ?? origin.file].filter(Boolean).join(" in ");
  return (
    [
      ["quote", lesson.text],
      ["graph", figures],
      ["pulse", used],
      ["symbol-method", `${from ? `from ${from}, ` : ""}by ${by}`],
      ...(lesson.recipes.length > 0 ? [["beaker", `recipe ${lesson.recipes.join(" + ")}`] as const] : []),
    ] as const
  ).map(([name, words]) => ({ kind: "fact", of: lesson, icon: name, words }));
}

function factItem(node: FactNode): vscode.TreeItem {
  const item = new vscode.TreeItem(node.words);
  const told = new vscode.MarkdownString();
  told.appendText(node.words);
  item.tooltip = told;
  item.iconPath = new vscode.ThemeIcon(node.icon);
  return item;
}
