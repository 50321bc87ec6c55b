/** The chat in the side bar: a page that shows the conversation and sends what the user does. */

import { randomBytes } from 'node:crypto';
import * as vscode from 'vscode';

import { Conversation, type Attachment } from './conversation';
import type { Server, ShownChat } from './server';
import { modelName, type StatusWatch } from './status';

/** What the page sends. */
type Sent =
  | { type: 'ready' | 'cancel' | 'clear' | 'attach' }
  | { type: 'ask' | 'insert' | 'copy'; text: string }
  | { type: 'detach'; index: number }
  | { type: 'run'; command: string };

/** Commands that the page may run. */
const RUN = new Set(['foretype.chooseModel', 'foretype.openMenu']);

export class ChatView implements vscode.WebviewViewProvider, vscode.Disposable {
  static readonly id = 'foretype.chat';
  private readonly conversation: Conversation;
  private attachments: Attachment[] = [];
  private view: vscode.WebviewView | undefined;
  private lastEditor = vscode.window.activeTextEditor;
  private readonly subscriptions: vscode.Disposable[];

  constructor(
    private readonly folder: vscode.Uri,
    server: Server,
    private readonly status: StatusWatch,
  ) {
    this.conversation = new Conversation(server);
    this.subscriptions = [
      status.onDidChange(() => this.showModel()),
      vscode.window.onDidChangeActiveTextEditor((editor) => (this.lastEditor = editor ?? this.lastEditor)),
      vscode.window.registerWebviewViewProvider(ChatView.id, this, { webviewOptions: { retainContextWhenHidden: true } }),
    ];
  }

  dispose(): void {
    this.conversation.cancel();
    vscode.Disposable.from(...this.subscriptions).dispose();
  }

  resolveWebviewView(view: vscode.WebviewView): void {
    this.view = view;
    view.webview.options = { enableScripts: true, localResourceRoots: [vscode.Uri.joinPath(this.folder, 'dist')] };
    view.webview.onDidReceiveMessage((sent: Sent) => this.take(sent));
    view.onDidDispose(() => (this.view = undefined));
    view.webview.html = this.page(view.webview);
  }

  async open(): Promise<void> {
    await vscode.commands.executeCommand(`${ChatView.id}.focus`);
    this.post({ type: 'focus' });
  }

  /** Put the selection, or the whole document when nothing is selected, beside the next question. */
  async attach(): Promise<void> {
    const editor = vscode.window.activeTextEditor ?? this.lastEditor;
    if (editor === undefined) {
      void vscode.window.showInformationMessage('Open a file first: it, or what is selected in it, is attached.');
      return;
    }
    this.add(attachmentOf(editor));
    await this.open();
  }

  /** Ask about the selection right away. */
  async askAbout(editor: vscode.TextEditor, question: string): Promise<void> {
    this.add(attachmentOf(editor));
    await this.open();
    await this.ask(question);
  }

  /** Ask what a code action asks. */
  async askShown({ messages, context }: ShownChat): Promise<void> {
    for (const { uri, range } of context ?? []) {
      const name = vscode.workspace.asRelativePath(vscode.Uri.parse(uri));
      this.add({ uri, range, label: labelOf(name, range) });
    }
    await this.open();
    await this.ask(messages.at(-1)?.content ?? '');
  }

  clear(): void {
    this.conversation.clear();
    this.attachments = [];
    this.show();
  }

  cancel(): void {
    this.conversation.cancel();
  }

  private async take(sent: Sent): Promise<void> {
    switch (sent.type) {
      case 'ready':
        this.show();
        this.showModel();
        break;
      case 'ask':
        await this.ask(sent.text);
        break;
      case 'detach':
        this.attachments.splice(sent.index, 1);
        this.show();
        break;
      case 'insert':
        await this.insert(sent.text);
        break;
      case 'copy':
        await vscode.env.clipboard.writeText(sent.text);
        break;
      case 'run':
        if (RUN.has(sent.command)) {
          await vscode.commands.executeCommand(sent.command);
        }
        break;
      default:
        await this[sent.type]();
    }
  }

  private add(attachment: Attachment): void {
    this.attachments = [...this.attachments.filter((item) => item.label !== attachment.label), attachment];
    this.show();
  }

  private async ask(text: string): Promise<void> {
    if (text.trim() === '') {
      return;
    }
    const attached = this.attachments;
    this.attachments = [];
    const asked = this.conversation.ask(text, attached, (delta) => this.post(delta));
    this.show();
    await asked;
    this.show();
  }

  private async insert(text: string): Promise<void> {
    const editor = vscode.window.visibleTextEditors.find((shown) => shown.document === this.lastEditor?.document);
    if (editor === undefined) {
      void vscode.window.showInformationMessage('Put the cursor into a file first: the text is inserted there.');
      return;
    }
    await editor.edit((edit) => editor.selections.forEach((selection) => edit.replace(selection, text)));
    await vscode.window.showTextDocument(editor.document, editor.viewColumn);
  }

  private show(): void {
    this.post({
      type: 'state',
      turns: this.conversation.turns,
      isRunning: this.conversation.isRunning,
      attachments: this.attachments.map((item) => item.label),
    });
  }

  private showModel(): void {
    this.post({ type: 'model', name: modelName(this.status.now?.defaultModels.chat) });
  }

  private post(message: object): void {
    void this.view?.webview.postMessage(message);
  }

  private page(webview: vscode.Webview): string {
    const nonce = randomBytes(18).toString('base64url');
    const [script, style] = ['chat.js', 'chat.css'].map((name) =>
      webview.asWebviewUri(vscode.Uri.joinPath(this.folder, 'dist', name)).toString());
    const policy = `default-src 'none'; script-src 'nonce-${nonce}'; style-src ${webview.cspSource};`;
    return `<!DOCTYPE html>
<html lang="en">
<head>
  <meta charset="utf-8">
  <meta http-equiv="Content-Security-Policy" content="${policy}">
  <link rel="stylesheet" href="${style}">
  <title>Foretype</title>
</head>
<body>
  <main id="turns" aria-live="polite"></main>
  <form id="form">
    <div id="attachments"></div>
    <textarea id="question" rows="3" placeholder="Ask about your code" aria-label="Question"></textarea>
    <div id="buttons">
      <button type="button" id="attach" title="Attach the selection, or the file">Attach</button>
      <button type="button" id="model" title="Select another model"></button>
      <button type="submit" id="send">Send</button>
      <button type="button" id="stop" hidden>Stop</button>
    </div>
  </form>
  <script nonce="${nonce}" src="${script}"></script>
</body>
</html>`;
  }
}

function attachmentOf(editor: vscode.TextEditor): Attachment {
  const { document, selection } = editor;
  const name = vscode.workspace.asRelativePath(document.uri);
  if (selection.isEmpty) {
    return { uri: document.uri.toString(), label: name };
  }
  const range = { start: selection.start, end: selection.end };
  return { uri: document.uri.toString(), range, label: labelOf(name, range) };
}

/** The name of a file, with the lines that are meant. */
function labelOf(name: string, range: Attachment['range']): string {
  if (range === undefined) {
    return name;
  }
  const last = range.end.character === 0 ? range.end.line : range.end.line + 1;
  return `${name}:${range.start.line + 1}-${Math.max(last, range.start.line + 1)}`;
}
