/** Running the team from the editor: with progress, to be stopped, and what becomes of the results. */

import * as vscode from "vscode";
import { inform, warn } from "../messages";
import type { WorkspaceEdit } from "vscode-languageclient/node";

import { isCancelled, isLost, sayError, text } from "../failures";
import type { Previews } from "../previews";
import {
  COMBINE,
  FUNCTIONS,
  type FunctionRecord,
  OPTIMIZE,
  type OptimizeAnswer,
  type ProvenFunction,
  SUGGESTIONS,
} from "../protocol";
import type { Session } from "../session";
import { count, unlinked } from "../words";
import { type Offer, type Offers, type Picking, pickMany, pickOne } from "./picker";

/** Functions of one document to be made faster. */
export interface Work {
  document: vscode.TextDocument;
  functions: readonly FunctionRecord[];
}

interface Place {
  uri: vscode.Uri;
  position: vscode.Position;
  name: string;
}

/** The runs of this window. Guards what can be stopped. */
export class Runs {
  private readonly stoppers = new Set<vscode.CancellationTokenSource>();
  private readonly atWork = new Map<string, Place>();
  private readonly ended = new vscode.EventEmitter<void>();
  private tokens = 0;
  /** What was applied in this window, the latest last: its evidence can still be looked at. */
  readonly applied: Offer[] = [];
  /** A run has ended, however it did: there may be lessons. */
  readonly onDidEnd = this.ended.event;

  constructor(
    private readonly session: Session,
    private readonly previews: Previews,
    private readonly showEvidence: (uri: vscode.Uri, id: string) => Promise<void>,
  ) {
    session.onCrash(({ restarts }) => this.sayCrash(restarts));
  }

  /** Make the function at a position faster, and let the person choose among what is proven. */
  async one(uri: vscode.Uri, position: vscode.Position): Promise<void> {
    if (!(await mayRun())) return;
    const document = await vscode.workspace.openTextDocument(uri);
    const place = await this.placeAt(document, position);
    const before = document.version;
    const answer = await this.withProgress(`Making ${place.name} faster`, (progress, token) =>
      this.optimize(place, (message) => progress.report({ message }), token),
    );
    if (answer === undefined) {
      await this.offerWhatStands(document, position, `Stopped. `);
    } else if (answer.suggestions.length > 0) {
      const isUndisturbed =
        document.version === before && vscode.window.activeTextEditor?.document === document;
      await this.offer(document, answer, isUndisturbed);
    } else {
      sayNothingProven(answer);
    }
  }

  /** Make functions faster, one after the other, and let the person choose among the best of each. */
  async many(works: readonly Work[], what: string): Promise<void> {
    if (!(await mayRun())) return;
    const all = works.flatMap(({ document, functions }) => functions.map((one) => ({ document, one })));
    if (all.length === 0) {
      void inform(`Paceline: there is no function to look at in ${what}.`);
      return;
    }
    await this.withProgress(`Making ${what} faster`, async (progress, token) => {
      for (const [number, { document, one }] of all.entries()) {
        if (token.isCancellationRequested) return;
        const counted = `${number + 1} of ${all.length}, ${one.name}`;
        const place = { uri: document.uri, position: asPosition(one.position), name: one.name };
        const say = (message: string): void => progress.report({ message: `${counted}: ${message}` });
        progress.report({ message: counted, increment: number === 0 ? 0 : 100 / all.length });
        try {
          await this.optimize(place, say, token);
        } catch (error) {
          if (isCancelled(error) || isLost(error)) throw error;
          this.session.log.warn(`${one.name}: ${text(error)}`);
        }
      }
    });
    const found: Offers[] = [];
    for (const { document, functions } of works) {
      const asked = new Set(functions.map((one) => one.name));
      found.push(...(await this.proven(document)).filter((one) => asked.has(one.function)));
    }
    if (found.length === 0) {
      const looked = count(all.length, "function");
      void inform(`Paceline: nothing faster is proven among ${looked} of ${what}.`);
      return;
    }
    await pickMany(this.picking(found));
  }

  /** The functions of a document, as the server knows them. */
  async functions(document: vscode.TextDocument): Promise<FunctionRecord[]> {
    const answer = await this.session.request<{ functions: FunctionRecord[] }>(FUNCTIONS, {
      textDocument: { uri: document.uri.toString() },
    });
    return answer.functions;
  }

  /** What is proven and stands: of the whole document, or of the function at a position. */
  async proven(document: vscode.TextDocument, position?: vscode.Position): Promise<Offers[]> {
    const answer = await this.session.request<{ functions: ProvenFunction[] }>(SUGGESTIONS, {
      textDocument: { uri: document.uri.toString() },
      ...(position && { position: { line: position.line, character: position.character } }),
    });
    return answer.functions.map((one) => offers(document, one));
  }

  /** Let the person choose among what is proven for the function at the cursor, else for the file. */
  async showSuggestions(document: vscode.TextDocument, position: vscode.Position): Promise<void> {
    const here = await this.proven(document, position).catch(() => []);
    if (here.length > 0) return pickOne(this.picking(here));
    const anywhere = await this.proven(document);
    if (anywhere.length > 0) return pickMany(this.picking(anywhere));
    void inform("Paceline: nothing is proven for this file as it stands.");
  }

  /** Stop every run of this window. */
  stop(): void {
    for (const stopper of this.stoppers) stopper.cancel();
  }

  /** Run something long under a notification that can be cancelled. Undefined when it was. */
  async withProgress<Result>(
    title: string,
    work: (
      progress: vscode.Progress<{ message?: string; increment?: number }>,
      token: vscode.CancellationToken,
    ) => Promise<Result>,
  ): Promise<Result | undefined> {
    const stopper = new vscode.CancellationTokenSource();
    this.stoppers.add(stopper);
    try {
      return await vscode.window.withProgress(
        { location: vscode.ProgressLocation.Notification, title: unlinked(title), cancellable: true },
        (progress, pressed) => {
          pressed.onCancellationRequested(() => stopper.cancel());
          return work(progress, stopper.token);
        },
      );
    } catch (error) {
      if (isCancelled(error)) return undefined;
      throw error;
    } finally {
      this.stoppers.delete(stopper);
      stopper.dispose();
      this.ended.fire();
    }
  }

  /** Ask with a token of our own, and hand on what is said of the work. */
  async followed<Answer>(
    method: string,
    params: object,
    say: (message: string) => void,
    token: vscode.CancellationToken,
  ): Promise<Answer> {
    const workDoneToken = `paceline-vscode-${++this.tokens}`;
    const { WorkDoneProgress } = await import("vscode-languageclient/node");
    const listening = this.session.client?.onProgress(WorkDoneProgress.type, workDoneToken, (value) => {
      if (value.kind === "report" && value.message) say(unlinked(value.message));
    });
    try {
      return await this.session.request<Answer>(method, { ...params, workDoneToken }, token);
    } finally {
      listening?.dispose();
    }
  }

  private async optimize(
    place: Place,
    say: (message: string) => void,
    token: vscode.CancellationToken,
  ): Promise<OptimizeAnswer> {
    const key = `${place.uri.toString()}#${place.name}`;
    this.atWork.set(key, place);
    try {
      const params = {
        textDocument: { uri: place.uri.toString() },
        position: { line: place.position.line, character: place.position.character },
      };
      return await this.followed<OptimizeAnswer>(OPTIMIZE, params, say, token);
    } finally {
      this.atWork.delete(key);
    }
  }

  private async placeAt(document: vscode.TextDocument, position: vscode.Position): Promise<Place> {
    const around = (await this.functions(document)).filter(({ range }) =>
      new vscode.Range(asPosition(range.start), asPosition(range.end)).contains(position),
    );
    return { uri: document.uri, position, name: around[0]?.name ?? "the function here" };
  }

  private async offer(document: vscode.TextDocument, answer: OptimizeAnswer, atOnce: boolean): Promise<void> {
    const found = [offers(document, answer)];
    if (!atOnce) {
      // Somebody who types meanwhile must not have a list opened under the fingers.
      const choose = "Choose…";
      const best = answer.suggestions[0]?.title ?? "";
      const pressed = await inform(`${answer.function}: ${best}`, choose);
      if (pressed !== choose) return;
    }
    await pickOne(this.picking(found));
  }

  private async offerWhatStands(
    document: vscode.TextDocument,
    position: vscode.Position,
    before: string,
  ): Promise<void> {
    const [found] = await this.proven(document, position).catch(() => []);
    if (found === undefined) return;
    const choose = "Choose…";
    const many = count(found.offers.length, "suggestion");
    const words = `Paceline: ${before}${many} for ${found.function} had been proven.`;
    if ((await inform(words, choose)) === choose) {
      await pickOne(this.picking([found]));
    }
  }

  private picking(functions: readonly Offers[]): Picking {
    return {
      functions,
      previews: this.previews,
      apply: (chosen) => this.apply(chosen),
      showEvidence: ({ document, suggestion }) => this.showEvidence(document.uri, suggestion.id),
    };
  }

  /** Apply suggestions, all those of a document in one edit for the document as it is now. */
  private async apply(chosen: readonly Offer[]): Promise<void> {
    for (const document of new Set(chosen.map((one) => one.document))) {
      const here = chosen.filter((one) => one.document === document);
      const ids = here.map((one) => one.suggestion.id);
      const answer = await this.session.request<{ edit: WorkspaceEdit; applied: string[] }>(COMBINE, {
        textDocument: { uri: document.uri.toString() },
        ids,
      });
      const edit = await this.session.client?.protocol2CodeConverter.asWorkspaceEdit(answer.edit);
      const isApplied =
        answer.applied.length > 0 && edit !== undefined && (await vscode.workspace.applyEdit(edit));
      for (const one of here) {
        if (isApplied && answer.applied.includes(one.suggestion.id)) {
          this.applied.push(one);
          continue;
        }
        void warn(
          `Paceline: the function has changed since “${one.suggestion.title}” was proven. Make it faster again.`,
        );
      }
    }
    const document = chosen[0]?.document;
    if (document !== undefined) await vscode.window.showTextDocument(document, { preview: false });
  }

  private sayCrash(restarts: boolean): void {
    const [run] = this.atWork.values();
    const lost = run ? ` The run on ${run.name} was lost; your code is as it was.` : "";
    const again = "Run Again";
    const log = "Show Log";
    const restart = "Restart Server";
    const words = restarts
      ? `Paceline's server ended unexpectedly and was started again.${lost}`
      : `Paceline's server keeps ending and is not started again.${lost}`;
    const buttons = [...(restarts ? (run ? [again] : []) : [restart]), log];
    void warn(words, ...buttons).then(async (pressed) => {
      if (pressed === log) this.session.log.show();
      if (pressed === restart) await this.session.restart();
      if (pressed === again && run) await this.one(run.uri, run.position).catch(sayError);
    });
  }
}

function asPosition(at: { line: number; character: number }): vscode.Position {
  return new vscode.Position(at.line, at.character);
}

function offers(
  document: vscode.TextDocument,
  found: Pick<ProvenFunction, "function" | "suggestions">,
): Offers {
  return {
    function: found.function,
    offers: found.suggestions.map((suggestion) => ({ document, suggestion })),
  };
}

function sayNothingProven(answer: OptimizeAnswer): void {
  if (answer.status === "cannot-judge") {
    void warn(`Paceline: ${answer.function} cannot be judged: ${answer.reason}`);
    return;
  }
  void inform(`Paceline: no faster version of ${answer.function} could be proven: ${answer.reason}`);
}

/** Whether the workspace's code may run; says what to do where it may not. */
async function mayRun(): Promise<boolean> {
  if (vscode.workspace.isTrusted) return true;
  const manage = "Manage Workspace Trust";
  const words =
    "Paceline has to call a function to prove that a faster version does the same, and this workspace is not trusted.";
  if ((await warn(words, manage)) === manage) {
    await vscode.commands.executeCommand("workbench.trust.manage");
  }
  return false;
}
