/** Finds the `foretype` command: where the user says, on the PATH, or where it is usually installed. */

import * as fs from 'node:fs';
import * as path from 'node:path';

/** What finding depends on; nothing is read from anywhere else. */
export interface Surroundings {
  /** The setting `foretype.server.path`; empty when the user left it open. */
  readonly setting: string;
  readonly home: string;
  readonly pathVariable: string;
  readonly isWindows: boolean;
  /** Folders that are open; nothing in them is started unless the setting names it. */
  readonly workspaceFolders: readonly string[];
}

export type Found = { readonly path: string } | { readonly trouble: string };

/** Give the absolute path of the command, or one sentence on why there is none. */
export function findServer(around: Surroundings): Found {
  if (around.setting) {
    return fromSetting(around);
  }
  const candidates = [...onPath(around), ...usualPlaces(around)];
  const found = candidates.find((file) => isProgram(file) && !isInWorkspace(file, around));
  return found ? { path: found } : { trouble: 'The foretype command was not found on this machine.' };
}

function fromSetting(around: Surroundings): Found {
  const named = around.setting.replace(/^~(?=$|[\\/])/, () => around.home);
  if (!path.isAbsolute(named)) {
    return { trouble: `foretype.server.path must be an absolute path; it is "${around.setting}".` };
  }
  return isProgram(named)
    ? { path: named }
    : { trouble: `foretype.server.path names no program: ${named}` };
}

function onPath(around: Surroundings): string[] {
  const folders = around.pathVariable.split(path.delimiter).filter((folder) => path.isAbsolute(folder));
  return folders.map((folder) => path.join(folder, program(around)));
}

/** Programs started from a desktop often see a shorter PATH than a terminal does. */
function usualPlaces(around: Surroundings): string[] {
  const bin = around.isWindows ? 'Scripts' : 'bin';
  const folders = [
    path.join(around.home, '.local', 'bin'),
    path.join(around.home, 'bin'),
    path.join(around.home, '.local', 'share', 'uv', 'tools', 'foretype', bin),
    path.join(around.home, '.local', 'share', 'pipx', 'venvs', 'foretype', bin),
    path.join(around.home, 'pipx', 'venvs', 'foretype', bin),
    path.join(around.home, '.venvs', 'foretype', bin),
    path.join(around.home, '.virtualenvs', 'foretype', bin),
    ...(around.isWindows ? [] : ['/usr/local/bin', '/opt/homebrew/bin', '/usr/bin']),
  ];
  return folders.map((folder) => path.join(folder, program(around)));
}

function program(around: Surroundings): string {
  return around.isWindows ? 'foretype.exe' : 'foretype';
}

function isProgram(file: string): boolean {
  try {
    fs.accessSync(file, fs.constants.X_OK);
    return fs.statSync(file).isFile();
  } catch {
    return false;
  }
}

/** Whoever opens their home folder has not opened somebody else's files. */
function isInWorkspace(file: string, around: Surroundings): boolean {
  const home = real(around.home);
  return around.workspaceFolders
    .map(real)
    .filter((folder) => !isWithin(home, folder))
    .some((folder) => isWithin(file, folder) || isWithin(real(file), folder));
}

function isWithin(file: string, folder: string): boolean {
  const relative = path.relative(folder, file);
  return relative === '' || (!relative.startsWith('..') && !path.isAbsolute(relative));
}

function real(file: string): string {
  try {
    return fs.realpathSync(file);
  } catch {
    return path.resolve(file);
  }
}
