/** Ghost text on and off, everywhere or for one language. */

import * as vscode from 'vscode';

const EVERYWHERE = 'foretype.inlineCompletion.enabled';
const LANGUAGES = 'foretype.inlineCompletion.languages';

export function isOn(): boolean {
  return vscode.workspace.getConfiguration().get(EVERYWHERE, true);
}

/** Whether ghost text is offered in documents of a language. */
export function isOnFor(languageId: string): boolean {
  const languages = vscode.workspace.getConfiguration().get<Record<string, boolean>>(LANGUAGES, {});
  return isOn() && (languages[languageId] ?? languages['*'] ?? true);
}

export async function toggle(): Promise<void> {
  await vscode.workspace.getConfiguration().update(EVERYWHERE, !isOn(), vscode.ConfigurationTarget.Global);
}

/** Turn the language of the active editor on or off in the user's settings. */
export async function toggleLanguage(): Promise<void> {
  const languageId = vscode.window.activeTextEditor?.document.languageId;
  if (languageId === undefined) {
    void vscode.window.showInformationMessage('Open a file first: its language is turned on or off.');
    return;
  }
  const configuration = vscode.workspace.getConfiguration();
  const own = configuration.inspect<Record<string, boolean>>(LANGUAGES)?.globalValue;
  const changed = { ...own, [languageId]: !isOnFor(languageId) };
  await configuration.update(LANGUAGES, changed, vscode.ConfigurationTarget.Global);
}
