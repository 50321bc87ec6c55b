/** The item in the status bar: which model, whether it is on here, busy or in trouble. */

import * as vscode from 'vscode';

import { isOn, isOnFor } from './languages';
import type { Server } from './server';
import { modelName, troublesOf, type ServerStatus, type StatusWatch } from './status';

interface Look {
  readonly icon: string;
  readonly text: string;
  readonly isWarning?: boolean;
}

export class StatusBar implements vscode.Disposable {
  private readonly item = vscode.window.createStatusBarItem('foretype.status', vscode.StatusBarAlignment.Right, 100);
  private readonly subscriptions: vscode.Disposable[];

  constructor(
    private readonly server: Server,
    private readonly status: StatusWatch,
  ) {
    const draw = (): void => this.draw();
    this.item.name = 'Foretype';
    this.item.command = 'foretype.openMenu';
    this.subscriptions = [
      server.onDidChange(draw),
      status.onDidChange(draw),
      vscode.window.onDidChangeActiveTextEditor(draw),
      vscode.workspace.onDidChangeConfiguration(draw),
    ];
    draw();
    this.item.show();
  }

  dispose(): void {
    vscode.Disposable.from(this.item, ...this.subscriptions).dispose();
  }

  private draw(): void {
    const look = this.look();
    this.item.text = `$(${look.icon}) ${look.text}`;
    this.item.tooltip = this.tooltip();
    this.item.accessibilityInformation = { label: `Foretype: ${look.text}`, role: 'button' };
    const colour = look.isWarning ? 'statusBarItem.warningBackground' : undefined;
    this.item.backgroundColor = colour ? new vscode.ThemeColor(colour) : undefined;
  }

  private look(): Look {
    switch (this.server.state) {
      case 'missing':
        return { icon: 'warning', text: 'Foretype: not installed', isWarning: true };
      case 'starting':
        return { icon: 'loading~spin', text: 'Foretype' };
      case 'restarting':
        return { icon: 'warning', text: 'Foretype: restarting', isWarning: true };
      case 'stopped':
        return { icon: 'circle-slash', text: 'Foretype' };
      case 'running':
        return this.whileRunning(this.status.now);
    }
  }

  private whileRunning(status: ServerStatus | undefined): Look {
    const languageId = vscode.window.activeTextEditor?.document.languageId;
    const model = modelName(status?.defaultModels.codeCompletion) || 'Foretype';
    if (status === undefined || status.isLoading) {
      return { icon: 'loading~spin', text: 'Foretype' };
    }
    if (status.defaultModels.codeCompletion === null) {
      return { icon: 'warning', text: 'Foretype: no model', isWarning: true };
    }
    if (Object.keys(status.troubles).length > 0) {
      return { icon: 'warning', text: model, isWarning: true };
    }
    if (!isOn() || (languageId !== undefined && !isOnFor(languageId))) {
      return { icon: 'circle-slash', text: isOn() ? `${model} (off for ${languageId})` : `${model} (off)` };
    }
    return { icon: this.server.isBusy ? 'loading~spin' : 'sparkle', text: model };
  }

  private tooltip(): vscode.MarkdownString {
    const text = new vscode.MarkdownString();
    const status = this.status.now;
    if (this.server.trouble) {
      text.appendText(`${this.server.trouble}\n\n`);
    }
    if (status === undefined) {
      return text;
    }
    const { codeCompletion, chat } = status.defaultModels;
    text.appendText(`Ghost text: ${codeCompletion ?? 'no model'}\nChat: ${chat ?? 'no model'}\n`);
    for (const endpoint of status.endpoints) {
      text.appendText(`${endpoint.url}: ${endpoint.state}\n`);
    }
    for (const trouble of troublesOf(status)) {
      text.appendText(`\n${trouble}\n`);
    }
    return text;
  }
}
