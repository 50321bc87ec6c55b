/** What the server says of itself, asked for when it may have changed. */

import * as vscode from 'vscode';

import type { Server } from './server';

export type Feature = 'chat' | 'fastChat' | 'codeCompletion';

/** The result of `foretype.status`, as far as it is shown. */
export interface ServerStatus {
  readonly isLoading?: boolean;
  readonly defaultModels: Record<Feature, string | null>;
  readonly features: Record<Feature, boolean>;
  readonly endpoints: { provider: string; url: string; state: string; lastError?: string | null }[];
  readonly problems: string[];
  readonly troubles: string[] | Record<string, string>;
}

const PAUSE_MS = 500;
const LOOK_AGAIN_MS = 5000;

/** Keeps the last status, and asks again a moment after something has happened. */
export class StatusWatch implements vscode.Disposable {
  now: ServerStatus | undefined;
  private soon: NodeJS.Timeout | undefined;
  private readonly regularly: NodeJS.Timeout;
  private readonly changed = new vscode.EventEmitter<void>();
  readonly onDidChange = this.changed.event;

  constructor(private readonly server: Server) {
    server.onDidChange(() => this.refreshSoon());
    this.regularly = setInterval(() => {
      if (vscode.window.state.focused) {
        this.refreshSoon();
      }
    }, LOOK_AGAIN_MS);
  }

  refreshSoon(): void {
    this.soon ??= setTimeout(() => {
      this.soon = undefined;
      void this.refresh();
    }, PAUSE_MS);
  }

  async refresh(): Promise<void> {
    try {
      this.now = await this.server.execute<ServerStatus>('foretype.status');
    } catch {
      this.now = undefined; // the state of the server says why
    }
    this.changed.fire();
  }

  dispose(): void {
    clearTimeout(this.soon);
    clearInterval(this.regularly);
    this.changed.dispose();
  }
}

/** The last part of a model reference, which is what people call the model. */
export function modelName(reference: string | null | undefined): string {
  return reference?.split('::').at(-1) ?? '';
}

/** All that is wrong at the moment, one sentence each. */
export function troublesOf(status: ServerStatus): string[] {
  return [...status.problems, ...Object.values(status.troubles)];
}
