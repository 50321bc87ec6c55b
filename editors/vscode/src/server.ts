/** The language server's process and the connection to it; one that dies is started again. */

import * as os from 'node:os';
import * as vscode from 'vscode';
import {
  CloseAction, ErrorAction, ExecuteCommandRequest, InlineCompletionRequest, RevealOutputChannelOn,
  type ClientCapabilities, type FeatureState, type LanguageClientOptions, type StaticFeature,
} from 'vscode-languageclient';
import { LanguageClient, TransportKind } from 'vscode-languageclient/node';

import { findServer, type Found } from './server_command';
import { serverSettings, userSetting } from './settings';

export type ServerState = 'missing' | 'starting' | 'running' | 'restarting' | 'stopped';

/** A place in a document as the server names it. */
export interface Place {
  readonly uri: string;
  readonly range?: { readonly start: vscode.Position; readonly end: vscode.Position };
}

/** A question whose answer the server would show in a document of its own. */
export interface ShownChat {
  readonly messages: readonly { readonly content: string }[];
  readonly context?: readonly Place[];
  readonly show?: boolean;
}

/** Pauses before another start; after the last one it goes on at that pace. */
const RESTART_AFTER_MS = [0, 1000, 2000, 5000, 10_000, 30_000];
/** A server that has run this long was well. */
const STEADY_MS = 60_000;
/** Troubles in starting are told from this one on. */
const TOLD_AT_FAILURE = 3;
const END_WITHIN_MS = 3000;

export class Server implements vscode.Disposable {
  state: ServerState = 'stopped';
  /** Why there is no server, in one sentence. */
  trouble = '';
  /** Who shows the answers to questions of code actions. */
  showsChat: ((asked: ShownChat) => Promise<void>) | undefined;
  private client: LanguageClient | undefined;
  /** Counts starts, so that what a former one has to say is not taken for news. */
  private turn = 0;
  private failures = 0;
  private runningSince = 0;
  private timer: NodeJS.Timeout | undefined;
  private running = 0;
  private readonly changed = new vscode.EventEmitter<void>();
  readonly onDidChange = this.changed.event;

  constructor(
    private readonly extension: vscode.Extension<unknown>,
    private readonly log: vscode.LogOutputChannel,
  ) {}

  /** Whether ghost text is being waited for. */
  get isBusy(): boolean {
    return this.running > 0;
  }

  /** Start the server, or end it and start it anew. */
  async start(): Promise<void> {
    const turn = ++this.turn;
    await this.end();
    if (turn !== this.turn) {
      return;
    }
    const found = locate();
    if ('trouble' in found) {
      this.become('missing', found.trouble);
      return;
    }
    this.become('starting');
    this.client = this.newClient(found.path, turn);
    try {
      await this.client.start();
    } catch (error) {
      this.lost(turn, message(error));
      return;
    }
    if (turn === this.turn) {
      this.runningSince = Date.now();
      this.become('running');
    }
  }

  /** Start it as if nothing had gone wrong before. */
  async restart(): Promise<void> {
    this.failures = 0;
    await this.start();
  }

  /** Run one of the server's own commands. */
  async execute<T>(command: string, argument?: object, token?: vscode.CancellationToken): Promise<T> {
    const params = { command, arguments: argument === undefined ? [] : [argument] };
    return (await this.connected().sendRequest(ExecuteCommandRequest.type, params, token)) as T;
  }

  /** Send a request of our own. */
  async request<T>(method: string, params: object, token: vscode.CancellationToken): Promise<T> {
    return this.connected().sendRequest<T>(method, params, token);
  }

  /** Give the connection; throws one sentence when there is none. */
  connected(): LanguageClient {
    if (this.client === undefined || this.state !== 'running') {
      throw new Error(this.trouble || 'The Foretype server is not running.');
    }
    return this.client;
  }

  /** Let the server ask for the settings again. */
  async settingsChanged(): Promise<void> {
    if (this.state === 'running') {
      await this.connected().sendNotification('workspace/didChangeConfiguration', { settings: null });
    }
  }

  async end(): Promise<void> {
    clearTimeout(this.timer);
    const client = this.client;
    this.client = undefined;
    // One that has died already complains.
    await client?.dispose(END_WITHIN_MS).catch((error) => this.log.debug(message(error)));
  }

  async dispose(): Promise<void> {
    this.turn++;
    await this.end();
    this.changed.dispose();
  }

  private newClient(command: string, turn: number): LanguageClient {
    const server = {
      command,
      args: ['serve', ...userSetting<string[]>('foretype.server.arguments', [])],
      transport: TransportKind.stdio,
      options: { cwd: os.homedir(), env: environment() },
    };
    this.log.info(`starting ${command}`);
    const client = new LanguageClient('foretype', 'Foretype', server, this.options(turn));
    client.registerFeature(new PromptCommand());
    return client;
  }

  private options(turn: number): LanguageClientOptions {
    return {
      documentSelector: ['file', 'untitled', 'vscode-notebook-cell'].map((scheme) => ({ scheme })),
      outputChannel: this.log,
      revealOutputChannelOn: RevealOutputChannelOn.Never,
      initializationFailedHandler: () => false,
      errorHandler: {
        error: () => ({ action: ErrorAction.Continue, handled: true }),
        closed: () => {
          this.lost(turn, 'The Foretype server ended.');
          return { action: CloseAction.DoNotRestart, handled: true };
        },
      },
      middleware: {
        workspace: {
          configuration: (params) =>
            params.items.map((item) => (item.section === 'foretype' ? serverSettings(this.extension) : null)),
        },
        executeCommand: async (command, args, next) => {
          const shown = command === 'foretype.chat' && args[0]?.show && this.showsChat;
          return shown ? shown(args[0]) : next(command, args);
        },
        provideInlineCompletionItems: (document, position, context, token) =>
          this.inlineCompletion(document, position, context, token),
      },
    };
  }

  /** Any error shown while somebody types would be in the way; the status tells of troubles. */
  private async inlineCompletion(
    document: vscode.TextDocument,
    position: vscode.Position,
    context: vscode.InlineCompletionContext,
    token: vscode.CancellationToken,
  ): Promise<vscode.InlineCompletionItem[] | vscode.InlineCompletionList | null> {
    this.count(1);
    try {
      const client = this.connected();
      const params = client.code2ProtocolConverter.asInlineCompletionParams(document, position, context);
      const answer = await client.sendRequest(InlineCompletionRequest.type, params, token);
      const items = await client.protocol2CodeConverter.asInlineCompletionResult(answer, token);
      return token.isCancellationRequested ? null : (items ?? null);
    } catch (error) {
      this.log.debug(message(error));
      return null;
    } finally {
      this.count(-1);
    }
  }

  private count(change: number): void {
    this.running += change;
    this.changed.fire();
  }

  private lost(turn: number, why: string): void {
    if (turn !== this.turn) {
      return;
    }
    this.turn++;
    if (this.state === 'running' && Date.now() - this.runningSince > STEADY_MS) {
      this.failures = 0;
    }
    const pause = RESTART_AFTER_MS[Math.min(this.failures, RESTART_AFTER_MS.length - 1)];
    this.failures++;
    this.log.warn(`${why} Starting it again in ${pause / 1000} s.`);
    this.become('restarting', why);
    this.timer = setTimeout(() => void this.start(), pause);
    if (this.failures === TOLD_AT_FAILURE) {
      void this.tell();
    }
  }

  private async tell(): Promise<void> {
    const [show, again] = ['Show Log', 'Start Again'];
    const text = 'The Foretype server keeps ending; it is tried again now and then. Its log says why.';
    const chosen = await vscode.window.showErrorMessage(text, show, again);
    if (chosen === show) {
      this.log.show();
    } else if (chosen === again) {
      await this.restart();
    }
  }

  private become(state: ServerState, trouble = ''): void {
    this.state = state;
    this.trouble = trouble;
    this.changed.fire();
  }
}

/** Tells the server which command asks for an instruction, for its code action "edit". */
class PromptCommand implements StaticFeature {
  fillClientCapabilities(capabilities: ClientCapabilities): void {
    capabilities.experimental = { ...capabilities.experimental, foretype: { promptCommand: 'foretype.editSelection' } };
  }

  initialize(): void {}

  getState(): FeatureState {
    return { kind: 'static' };
  }

  clear(): void {}
}

/** Find the command with the settings and folders of this window. */
export function locate(): Found {
  return findServer({
    setting: userSetting('foretype.server.path', ''),
    home: os.homedir(),
    pathVariable: process.env.PATH ?? '',
    isWindows: process.platform === 'win32',
    workspaceFolders: (vscode.workspace.workspaceFolders ?? []).map((folder) => folder.uri.fsPath),
  });
}

/** The environment of the server: ours, and what the user adds to it. */
export function environment(): NodeJS.ProcessEnv {
  return { ...process.env, ...userSetting<Record<string, string>>('foretype.server.environment', {}) };
}

/** Say what went wrong in one line. */
export function message(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
