/** The settings as the server gets them: those that package.json declares, and no other. */

import * as vscode from 'vscode';

interface Declared {
  readonly scope?: string;
}

const SECTION = 'foretype';
/** Settings of the extension itself. */
const OWN = 'foretype.server.';

/** Give the section `foretype`. What says where code goes is never taken from a workspace. */
export function serverSettings(extension: vscode.Extension<unknown>): Record<string, unknown> {
  const settings: Record<string, unknown> = {};
  for (const [name, declared] of Object.entries(declaredSettings(extension))) {
    if (!name.startsWith(OWN)) {
      put(settings, name.slice(SECTION.length + 1).split('.'), valueOf(name, declared));
    }
  }
  return settings;
}

/** Give a setting that only the user can make. */
export function userSetting<T>(name: string, otherwise: T): T {
  return vscode.workspace.getConfiguration().inspect<T>(name)?.globalValue ?? otherwise;
}

function declaredSettings(extension: vscode.Extension<unknown>): Record<string, Declared> {
  return extension.packageJSON.contributes.configuration.properties;
}

function valueOf(name: string, declared: Declared): unknown {
  return declared.scope === 'machine'
    ? userSetting<unknown>(name, null)
    : vscode.workspace.getConfiguration().get<unknown>(name, null);
}

function put(into: Record<string, unknown>, keys: string[], value: unknown): void {
  const [first, ...rest] = keys;
  if (rest.length === 0) {
    into[first] = value;
    return;
  }
  into[first] ??= {};
  put(into[first] as Record<string, unknown>, rest, value);
}
