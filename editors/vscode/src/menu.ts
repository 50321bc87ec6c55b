/** What a click on the status bar item offers, and the choice of a model. */

import * as vscode from 'vscode';

import { isOn, isOnFor } from './languages';
import { message, type Server } from './server';
import { modelName, type Feature, type StatusWatch } from './status';

interface Action extends vscode.QuickPickItem {
  readonly command?: string;
}

interface Choice extends vscode.QuickPickItem {
  readonly feature?: Feature;
  readonly modelRef?: string;
}

/** The part of `foretype.models` that is shown. */
interface Models {
  readonly models: { modelRef: string; displayName?: string; capabilities?: string[] }[];
}

const FEATURES: [Feature, string][] = [
  ['codeCompletion', 'Ghost text'],
  ['chat', 'Chat'],
  ['fastChat', 'Quick edits'],
];

export async function openMenu(server: Server, status: StatusWatch): Promise<void> {
  const languageId = vscode.window.activeTextEditor?.document.languageId;
  const { codeCompletion, chat } = status.now?.defaultModels ?? {};
  const actions: Action[] = [
    action('Open Chat', 'comment-discussion', 'foretype.openChat', modelName(chat)),
    action(isOn() ? 'Turn Ghost Text Off' : 'Turn Ghost Text On', 'sparkle', 'foretype.toggle'),
    ...(languageId === undefined || !isOn() ? [] : [
      action(`Turn Ghost Text ${isOnFor(languageId) ? 'Off' : 'On'} for ${languageId}`, 'code', 'foretype.toggleLanguage'),
    ]),
    action('Select Model', 'server-environment', 'foretype.chooseModel', modelName(codeCompletion)),
    action('Check the Model Servers', 'pulse', 'foretype.runDoctor'),
    action('Set the Address of the Model Server', 'link', 'foretype.setEndpoint'),
    action('Open Settings', 'gear', 'foretype.openSettings'),
    action('Show Log', 'output', 'foretype.showLog'),
    action('Restart the Server', 'refresh', 'foretype.restartServer'),
  ];
  const placeHolder = server.trouble || 'Foretype';
  const chosen = await vscode.window.showQuickPick(actions, { placeHolder });
  if (chosen?.command) {
    await vscode.commands.executeCommand(chosen.command);
  }
}

/** Let the user choose the model of a feature; it holds until the server ends. */
export async function chooseModel(server: Server, status: StatusWatch): Promise<void> {
  try {
    const { models } = await server.execute<Models>('foretype.models');
    await status.refresh();
    const choices = FEATURES.flatMap(([feature, label]) => choicesFor(feature, label, models, status));
    const chosen = await vscode.window.showQuickPick(choices, { placeHolder: 'The model to use', matchOnDetail: true });
    if (chosen?.feature) {
      await server.execute('foretype.selectModel', { feature: chosen.feature, modelRef: chosen.modelRef });
      await status.refresh();
    }
  } catch (error) {
    void vscode.window.showErrorMessage(message(error));
  }
}

function choicesFor(feature: Feature, label: string, models: Models['models'], status: StatusWatch): Choice[] {
  const current = status.now?.defaultModels[feature];
  const rows = models.map(({ modelRef, displayName }): Choice => ({
    label: `${modelRef === current ? '$(check) ' : ''}${displayName ?? modelName(modelRef)}`,
    description: label,
    detail: modelRef,
    feature,
    modelRef,
  }));
  return [{ label, kind: vscode.QuickPickItemKind.Separator }, ...rows];
}

function action(label: string, icon: string, command: string, description = ''): Action {
  return { label: `$(${icon}) ${label}`, command, description };
}
