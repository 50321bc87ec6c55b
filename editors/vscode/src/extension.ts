/** Puts the parts together when VS Code has started. */

import * as vscode from 'vscode';

import { ChatView } from './chat_view';
import { EditPreview } from './edit_preview';
import { toggle, toggleLanguage } from './languages';
import { chooseModel, openMenu } from './menu';
import { Server, type Place } from './server';
import { Report, runDoctor, setEndpoint, tellMissing } from './setup';
import { StatusWatch } from './status';
import { StatusBar } from './status_bar';

let server: Server | undefined;

export async function activate(context: vscode.ExtensionContext): Promise<void> {
  const log = vscode.window.createOutputChannel('Foretype', { log: true });
  const report = new Report();
  const running = (server = new Server(context.extension, log));
  const status = new StatusWatch(running);
  const chat = new ChatView(context.extensionUri, running, status);
  const edits = new EditPreview(running);
  const bar = new StatusBar(running, status);
  running.showsChat = (asked) => chat.askShown(asked);
  const commands: Record<string, (...args: never[]) => unknown> = {
    'foretype.openChat': () => chat.open(),
    'foretype.newChat': () => chat.clear(),
    'foretype.stopChat': () => chat.cancel(),
    'foretype.attachSelection': () => chat.attach(),
    'foretype.explainSelection': () => explain(chat),
    'foretype.editSelection': (place?: Place) => edits.editSelection(place),
    'foretype.applyEdit': () => edits.apply(),
    'foretype.discardEdit': () => edits.discard(),
    'foretype.chooseModel': () => chooseModel(running, status),
    'foretype.toggle': toggle,
    'foretype.toggleLanguage': toggleLanguage,
    'foretype.openMenu': () => openMenu(running, status),
    'foretype.setEndpoint': setEndpoint,
    'foretype.openSettings': () => vscode.commands.executeCommand('workbench.action.openSettings', '@ext:foretype.foretype'),
    'foretype.runDoctor': () => runDoctor(report),
    'foretype.showLog': () => log.show(),
    'foretype.restartServer': () => running.restart(),
  };
  context.subscriptions.push(
    log, status, chat, edits, bar,
    vscode.workspace.registerTextDocumentContentProvider(Report.scheme, report),
    ...Object.entries(commands).map(([id, run]) => vscode.commands.registerCommand(id, run)),
    vscode.workspace.onDidChangeConfiguration((event) => follow(running, event)),
    vscode.workspace.onDidGrantWorkspaceTrust(() => void running.settingsChanged()),
    vscode.window.onDidChangeWindowState(({ focused }) => void lookAgain(running, focused)),
  );
  await running.start();
  if (running.state === 'missing') {
    void tellMissing(running);
  }
}

export async function deactivate(): Promise<void> {
  await server?.dispose();
}

function follow(running: Server, event: vscode.ConfigurationChangeEvent): void {
  if (event.affectsConfiguration('foretype.server')) {
    void running.restart();
  } else if (event.affectsConfiguration('foretype')) {
    void running.settingsChanged();
  }
}

/** It may have been installed meanwhile, in a terminal. */
async function lookAgain(running: Server, isFocused: boolean): Promise<void> {
  if (isFocused && running.state === 'missing') {
    await running.start();
  }
}

async function explain(chat: ChatView): Promise<void> {
  const editor = vscode.window.activeTextEditor;
  if (editor === undefined) {
    void vscode.window.showInformationMessage('Select the code to explain first.');
    return;
  }
  await chat.askAbout(editor, 'Explain this code.');
}
