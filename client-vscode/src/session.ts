/** One session with one server: found, started, watched, and started again when it ends on its own. */

import * as vscode from "vscode";
import type { ErrorHandler, LanguageClient, LanguageClientOptions } from "vscode-languageclient/node";

import { DID_CHANGE_TRUST, OPTIMIZE_COMMAND, STATUS, type Status } from "./protocol";
import { type Launch, launches, withArguments } from "./server/candidates";
import { onPath, versionOf } from "./server/probe";
import { selectedPython } from "./server/pythonExtension";
import { saidSettings } from "./settings";

const RESTARTS = 4;
const RESTARTS_WITHIN_MS = 3 * 60_000;

type Protocol = typeof import("vscode-languageclient/node");

export type Condition = "starting" | "running" | "missing" | "stopped" | "failed";

/** A lens above what is proven shows it, instead of having it proven again. */
function asList(lens: vscode.CodeLens & { data?: { proven?: boolean } }): vscode.CodeLens {
  if (lens.data?.proven && lens.command) {
    const { title, arguments: args } = lens.command;
    lens.command = { title, command: "paceline.showSuggestions", ...(args && { arguments: args }) };
  }
  return lens;
}

/** The server is not there; the message says what to do. */
export class NotRunning extends Error {}

export interface Crash {
  /** Whether the server is being started again. */
  restarts: boolean;
}

/** Guards the one client: starting, stopping and restarting happen one after the other. */
export class Session implements vscode.Disposable {
  private readonly conditions = new vscode.EventEmitter<Condition>();
  private readonly statuses = new vscode.EventEmitter<Status>();
  private readonly crashes = new vscode.EventEmitter<Crash>();
  private queue: Promise<void> = Promise.resolve();
  private running: LanguageClient | undefined;
  private python: string | undefined;
  private endings: number[] = [];

  readonly onDidChangeCondition = this.conditions.event;
  readonly onStatus = this.statuses.event;
  readonly onCrash = this.crashes.event;
  condition: Condition = "starting";
  launch: Launch | undefined;
  version: string | undefined;
  /** What the server's own code actions do when they are chosen. */
  onOptimize: (uri: vscode.Uri, position: vscode.Position) => Promise<void> = async () => undefined;

  constructor(
    private readonly context: vscode.ExtensionContext,
    readonly log: vscode.LogOutputChannel,
    private readonly ownPython: string,
  ) {}

  get client(): LanguageClient | undefined {
    return this.running?.isRunning() ? this.running : undefined;
  }

  /** Where programs are started: never in the workspace, whose files could pass for their modules. */
  get folder(): string {
    return this.context.globalStorageUri.fsPath;
  }

  start(): Promise<void> {
    return this.next(() => this.doStart());
  }

  restart(): Promise<void> {
    return this.next(async () => {
      await this.doStop();
      this.endings = [];
      await this.doStart();
    });
  }

  /** Start again if another server would be chosen now, or if another environment is selected. */
  restartIfOther(): Promise<void> {
    return this.next(async () => {
      const python = await selectedPython();
      const found = await this.find();
      const isSame =
        this.client !== undefined && JSON.stringify(found?.launch) === JSON.stringify(this.launch);
      if (isSame && python === this.python) return;
      await this.doStop();
      await this.doStart();
    });
  }

  async tellTrust(): Promise<void> {
    await this.client?.sendNotification(DID_CHANGE_TRUST, { isTrusted: vscode.workspace.isTrusted });
  }

  /** Ask the server. Raises NotRunning where there is none. */
  async request<Answer>(method: string, params: unknown, token?: vscode.CancellationToken): Promise<Answer> {
    await this.queue;
    const client = this.client;
    if (client === undefined) {
      throw new NotRunning("Paceline's server is not running; “Paceline: Show Log” has the reason.");
    }
    // A token that is undefined would be taken for a second parameter.
    return token === undefined
      ? client.sendRequest<Answer>(method, params)
      : client.sendRequest<Answer>(method, params, token);
  }

  dispose(): Promise<void> {
    return this.next(() => this.doStop());
  }

  private next(work: () => Promise<void>): Promise<void> {
    this.queue = this.queue.then(work, work).catch((error: unknown) => this.log.error(String(error)));
    return this.queue;
  }

  private async doStart(): Promise<void> {
    this.become("starting");
    await vscode.workspace.fs.createDirectory(this.context.globalStorageUri);
    this.python = await selectedPython();
    const found = await this.find();
    if (found === undefined) {
      this.become("missing");
      return;
    }
    ({ launch: this.launch, version: this.version } = found);
    this.log.info(`Paceline ${this.version} from ${this.launch.origin}: ${this.launch.command}`);
    // Loaded here, where nobody waits for it: the editor waits for the extension's own file.
    const protocol = await import("vscode-languageclient/node");
    const client = this.newClient(this.launch, protocol);
    this.running = client;
    client.onNotification(STATUS, (status: Status) => this.statuses.fire(status));
    client.onDidChangeState(({ newState }) => {
      if (newState === protocol.State.Running) this.become("running");
    });
    try {
      await client.start();
    } catch (error) {
      this.log.error(`the server could not be started: ${String(error)}`);
      this.become("failed");
    }
  }

  private async doStop(): Promise<void> {
    const client = this.running;
    this.running = undefined;
    if (client === undefined) return;
    try {
      await client.stop();
    } catch (error) {
      this.log.warn(`while the server was stopped: ${String(error)}`);
    }
    await client.dispose().catch(() => undefined);
    this.become("stopped");
  }

  private async find(): Promise<{ launch: Launch; version: string } | undefined> {
    const settings = vscode.workspace.getConfiguration("paceline.server");
    const worthTrying = launches({
      serverPath: settings.get("path", "").trim(),
      interpreter: settings.get("interpreter", "").trim(),
      selected: this.python ?? (await selectedPython()),
      own: this.ownPython,
      onPath: await onPath("paceline"),
      isTrusted: vscode.workspace.isTrusted,
      folders: (vscode.workspace.workspaceFolders ?? []).map((folder) => folder.uri.fsPath),
    });
    for (const launch of worthTrying) {
      const version = await versionOf(launch, this.folder);
      if (version !== undefined) return { launch, version };
      this.log.info(`no Paceline in ${launch.origin}: ${launch.command}`);
    }
    return undefined;
  }

  private newClient(launch: Launch, protocol: Protocol): LanguageClient {
    const options: LanguageClientOptions = {
      documentSelector: [
        { scheme: "file", language: "python" },
        { scheme: "untitled", language: "python" },
      ],
      outputChannel: this.log,
      // Asked anew at every start: trust may have been granted since the last one.
      initializationOptions: () => ({ isTrusted: vscode.workspace.isTrusted, status: true }),
      errorHandler: this.errorHandler(protocol),
      middleware: {
        executeCommand: async (command, args, next) => {
          const [uri, position] = args as [string, { line: number; character: number }];
          if (command !== OPTIMIZE_COMMAND) return next(command, args);
          const at = new vscode.Position(position.line, position.character);
          await this.onOptimize(vscode.Uri.parse(uri), at);
        },
        provideCodeLenses: async (document, token, next) =>
          (await next(document, token))?.map((lens) => asList(lens)),
        workspace: {
          configuration: (params) =>
            params.items.map((item) => (item.section === "paceline" ? this.settings() : null)),
        },
      },
    };
    const { command, args } = withArguments(launch, "serve", "--stdio");
    return new protocol.LanguageClient(
      "paceline",
      "Paceline",
      { command, args, options: { cwd: this.folder } },
      options,
    );
  }

  private settings(): Record<string, unknown> {
    const configuration = vscode.workspace.getConfiguration("paceline");
    const groups = this.context.extension.packageJSON.contributes.configuration as {
      properties: Record<string, unknown>;
    }[];
    const keys = groups.flatMap((group) => Object.keys(group.properties));
    const said = saidSettings(
      keys.map((key) => key.replace(/^paceline\./, "")),
      (key) => configuration.inspect(key),
      (key) => configuration.get(key),
    );
    if (this.python !== undefined && said["python"] === undefined) {
      said["python"] = { interpreter: this.python };
    }
    return said;
  }

  private errorHandler({ CloseAction, ErrorAction }: Protocol): ErrorHandler {
    return {
      error: () => ({ action: ErrorAction.Continue, handled: true }),
      closed: () => {
        const now = Date.now();
        this.endings = [...this.endings.filter((at) => now - at < RESTARTS_WITHIN_MS), now];
        const restarts = this.endings.length <= RESTARTS;
        this.log.error(`the server ended on its own${restarts ? "; it is started again" : " too often"}`);
        this.become(restarts ? "starting" : "failed");
        this.crashes.fire({ restarts });
        const action = restarts ? CloseAction.Restart : CloseAction.DoNotRestart;
        return { action, handled: true };
      },
    };
  }

  private become(condition: Condition): void {
    this.condition = condition;
    this.conditions.fire(condition);
  }
}
