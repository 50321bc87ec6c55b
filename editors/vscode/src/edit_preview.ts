/** Edits by instruction: what would change is shown beside what is there, and then taken or not. */

import * as vscode from 'vscode';

import { streamed } from './conversation';
import { message, type Place, type Server } from './server';

interface Proposed {
  readonly edit: Parameters<ReturnType<Server['connected']>['protocol2CodeConverter']['asWorkspaceEdit']>[0];
}

interface Preview {
  readonly document: vscode.TextDocument;
  readonly version: number;
  readonly text: string;
  readonly edit: vscode.WorkspaceEdit;
}

export class EditPreview implements vscode.TextDocumentContentProvider, vscode.Disposable {
  static readonly scheme = 'foretype-edit';
  private readonly previews = new Map<string, Preview>();
  private readonly subscriptions: vscode.Disposable[];
  private count = 0;

  constructor(private readonly server: Server) {
    this.subscriptions = [
      vscode.workspace.registerTextDocumentContentProvider(EditPreview.scheme, this),
      vscode.workspace.onDidCloseTextDocument((document) => this.previews.delete(document.uri.toString())),
    ];
  }

  dispose(): void {
    vscode.Disposable.from(...this.subscriptions).dispose();
  }

  provideTextDocumentContent(uri: vscode.Uri): string {
    return this.previews.get(uri.toString())?.text ?? '';
  }

  /** Ask what to do with the selection, and show what the model would make of it. */
  async editSelection(place?: Place): Promise<void> {
    const [document, selection] = await wanted(place);
    if (document === undefined) {
      void vscode.window.showInformationMessage('Select the code to edit first.');
      return;
    }
    const instruction = await vscode.window.showInputBox({
      title: 'Edit the selection', prompt: 'What is to be done with it?', ignoreFocusOut: true,
    });
    if (!instruction) {
      return;
    }
    const version = document.version;
    try {
      const edit = await this.propose(document, selection, instruction);
      if (edit !== undefined) {
        await this.show(document, version, edit);
      }
    } catch (error) {
      void vscode.window.showErrorMessage(message(error));
    }
  }

  /** Take an edit: the one that is shown, unless another is meant. */
  async apply(uri = this.shown()): Promise<void> {
    const preview = uri && this.previews.get(uri.toString());
    if (uri === undefined || preview === undefined) {
      return;
    }
    if (preview.document.version !== preview.version) {
      void vscode.window.showWarningMessage('The document has changed since; ask for the edit again.');
      return;
    }
    await this.close(uri);
    await vscode.workspace.applyEdit(preview.edit);
    await vscode.window.showTextDocument(preview.document);
  }

  /** Leave everything as it is. */
  async discard(uri = this.shown()): Promise<void> {
    if (uri !== undefined) {
      await this.close(uri);
    }
  }

  private async propose(
    document: vscode.TextDocument, selection: vscode.Range, instruction: string,
  ): Promise<vscode.WorkspaceEdit | undefined> {
    const client = this.server.connected();
    const params = {
      uri: client.code2ProtocolConverter.asUri(document.uri),
      range: client.code2ProtocolConverter.asRange(selection),
      instruction,
      apply: false,
    };
    const options = { location: vscode.ProgressLocation.Notification, title: 'Foretype edits', cancellable: true };
    return vscode.window.withProgress(options, async (progress, token) => {
      let length = 0;
      try {
        const proposed = await streamed<Proposed>(client, 'foretype/edit', params, (delta) => {
          length += delta.content.length;
          progress.report({ message: `${length} characters` });
        }, token);
        return await client.protocol2CodeConverter.asWorkspaceEdit(proposed.edit, token);
      } catch (error) {
        if (token.isCancellationRequested) {
          return undefined;
        }
        throw error;
      }
    });
  }

  private async show(document: vscode.TextDocument, version: number, edit: vscode.WorkspaceEdit): Promise<void> {
    const text = edited(document, edit.get(document.uri));
    if (document.version !== version || text === document.getText()) {
      const same = document.version === version;
      void vscode.window.showInformationMessage(
        same ? 'The model would change nothing.' : 'The document has changed since; ask for the edit again.');
      return;
    }
    const uri = vscode.Uri.from({ scheme: EditPreview.scheme, path: document.uri.path, query: String(++this.count) });
    this.previews.set(uri.toString(), { document, version, text, edit });
    const title = `Edit of ${vscode.workspace.asRelativePath(document.uri)}`;
    await vscode.commands.executeCommand('vscode.diff', document.uri, uri, title, { preview: false });
    void this.offer(uri);
  }

  private async offer(uri: vscode.Uri): Promise<void> {
    const chosen = await vscode.window.showInformationMessage('Take this edit?', 'Apply', 'Discard');
    if (this.previews.has(uri.toString()) && chosen !== undefined) {
      await (chosen === 'Apply' ? this.apply(uri) : this.discard(uri));
    }
  }

  /** The preview in the active tab. */
  private shown(): vscode.Uri | undefined {
    const input = vscode.window.tabGroups.activeTabGroup.activeTab?.input;
    const uri = input instanceof vscode.TabInputTextDiff ? input.modified : undefined;
    return uri && this.previews.has(uri.toString()) ? uri : undefined;
  }

  private async close(uri: vscode.Uri): Promise<void> {
    this.previews.delete(uri.toString());
    const tabs = vscode.window.tabGroups.all.flatMap((group) => group.tabs);
    const shown = tabs.filter(({ input }) =>
      input instanceof vscode.TabInputTextDiff && input.modified.toString() === uri.toString());
    await vscode.window.tabGroups.close(shown);
  }
}

/** The text after the edits, which do not overlap. */
function edited(document: vscode.TextDocument, edits: vscode.TextEdit[]): string {
  const fromTheEnd = [...edits].sort((a, b) => b.range.start.compareTo(a.range.start));
  return fromTheEnd.reduce((text, { range, newText }) =>
    text.slice(0, document.offsetAt(range.start)) + newText + text.slice(document.offsetAt(range.end)),
  document.getText());
}

/** What a code action names, else the selection. */
async function wanted(place: Place | undefined): Promise<[vscode.TextDocument, vscode.Range] | [undefined]> {
  if (place?.range !== undefined) {
    const { start, end } = place.range;
    const range = new vscode.Range(start.line, start.character, end.line, end.character);
    return [await vscode.workspace.openTextDocument(vscode.Uri.parse(place.uri)), range];
  }
  const editor = vscode.window.activeTextEditor;
  return editor === undefined ? [undefined] : [editor.document, selected(editor)];
}

/** The selected text, or the line of the cursor when nothing is selected. */
function selected(editor: vscode.TextEditor): vscode.Range {
  const { selection, document } = editor;
  return selection.isEmpty ? document.lineAt(selection.start).range : selection;
}
