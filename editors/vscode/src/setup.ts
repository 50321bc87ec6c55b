/** The first steps: a server to start, a model to ask, and a look at both. */

import { execFile } from 'node:child_process';
import * as fs from 'node:fs/promises';
import * as os from 'node:os';
import * as path from 'node:path';
import * as vscode from 'vscode';

import { environment, locate, message, type Server } from './server';
import { userSetting } from './settings';

const WALKTHROUGH = 'foretype.foretype#foretype.start';
const DOCTOR_WITHIN_MS = 120_000;

/** What the doctor said last, as a document that can be read and searched. */
export class Report implements vscode.TextDocumentContentProvider {
  static readonly scheme = 'foretype-report';
  private readonly uri = vscode.Uri.from({ scheme: Report.scheme, path: '/Foretype Doctor' });
  private readonly changed = new vscode.EventEmitter<vscode.Uri>();
  readonly onDidChange = this.changed.event;
  private text = '';

  provideTextDocumentContent(): string {
    return this.text;
  }

  async show(text: string): Promise<void> {
    this.text = text;
    this.changed.fire(this.uri);
    await vscode.window.showTextDocument(await vscode.workspace.openTextDocument(this.uri), { preview: true });
  }
}

/** Say once that there is no server, and how to get one. */
export async function tellMissing(server: Server): Promise<void> {
  const [install, choose] = ['How to Install', 'Choose a Path'];
  const chosen = await vscode.window.showWarningMessage(
    `${server.trouble} Install it with "uv tool install" or "pipx install", or set its path.`, install, choose,
  );
  if (chosen === install) {
    await vscode.commands.executeCommand('workbench.action.openWalkthrough', WALKTHROUGH, false);
  } else if (chosen === choose) {
    await vscode.commands.executeCommand('workbench.action.openSettings', 'foretype.server.path');
  }
}

/** Ask for the address of a model server and keep it in the user's settings. */
export async function setEndpoint(): Promise<void> {
  const endpoint = await vscode.window.showInputBox({
    title: 'The address of a model server with the OpenAI API',
    placeHolder: 'http://127.0.0.1:8080/v1',
    value: userSetting('foretype.endpoint', ''),
    validateInput: (text) => (text === '' || /^https?:\/\/\S+$/.test(text.trim()) ? undefined : 'This must begin with http:// or https://.'),
  });
  if (endpoint !== undefined) {
    const target = vscode.ConfigurationTarget.Global;
    await vscode.workspace.getConfiguration().update('foretype.endpoint', endpoint.trim() || undefined, target);
  }
}

/** Run `foretype doctor` with the settings in force and show what it says. */
export async function runDoctor(report: Report): Promise<void> {
  const found = locate();
  if ('trouble' in found) {
    void vscode.window.showErrorMessage(found.trouble);
    return;
  }
  const location = { location: vscode.ProgressLocation.Notification, cancellable: true };
  const title = 'Foretype asks the model servers';
  const text = await vscode.window.withProgress({ ...location, title }, (_, token) =>
    withSource((source) => doctor(found.path, source, token)));
  await report.show(text);
}

function doctor(command: string, source: string[], token: vscode.CancellationToken): Promise<string> {
  const options = { cwd: os.homedir(), env: { ...environment(), COLUMNS: '100', NO_COLOR: '1' }, timeout: DOCTOR_WITHIN_MS };
  return new Promise((resolve) => {
    const child = execFile(command, ['doctor', ...source], options, (error, output, errors) => {
      resolve(output + errors || (error ? message(error) : ''));
    });
    token.onCancellationRequested(() => child.kill());
  });
}

/** Run with the options that stand for the settings; the first that is present counts, as in the server. */
async function withSource<T>(run: (source: string[]) => Promise<T>): Promise<T> {
  const document = userSetting<object | null>('foretype.modelConfiguration', null);
  if (document === null) {
    return run(namedSource());
  }
  const folder = await fs.mkdtemp(path.join(os.tmpdir(), 'foretype-'));
  try {
    const file = path.join(folder, 'foretype.jsonc');
    await fs.writeFile(file, JSON.stringify(document), { mode: 0o600 });
    return await run(['--config', file]);
  } finally {
    await fs.rm(folder, { recursive: true });
  }
}

function namedSource(): string[] {
  const model = userSetting('foretype.model', '');
  const endpoint = userSetting('foretype.endpoint', '');
  const [file, gateway] = [userSetting('foretype.configFile', ''), userSetting('foretype.gateway', '')];
  if (file) {
    return ['--config', file];
  }
  if (gateway) {
    return ['--gateway', gateway];
  }
  return endpoint ? ['--endpoint', endpoint, ...(model ? ['--model', model] : [])] : [];
}
