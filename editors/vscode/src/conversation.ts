/** A conversation with the model: its turns, and the answer that is being written. */

import * as vscode from 'vscode';
import { ProgressType, type LanguageClient } from 'vscode-languageclient/node';

import { message, type Place, type Server } from './server';

/** A piece of an open document that goes with a question. */
export interface Attachment extends Place {
  readonly label: string;
}

export interface Turn {
  readonly role: 'user' | 'assistant';
  content: string;
  reasoning: string;
  error: string;
  readonly attachments: readonly Attachment[];
}

export interface Delta {
  readonly type: 'delta' | 'reasoning';
  readonly content: string;
}

interface Answer {
  readonly content: string;
  readonly edit?: unknown;
}

/** Send a request whose answer is streamed: each piece is passed on as it comes. */
export async function streamed<T>(
  client: LanguageClient, method: string, params: object,
  take: (delta: Delta) => void, cancel: vscode.CancellationToken,
): Promise<T> {
  const token = `foretype-${crypto.randomUUID()}`;
  const pieces = client.onProgress(new ProgressType<Delta>(), token, take);
  try {
    return await client.sendRequest<T>(method, { ...params, token }, cancel);
  } finally {
    pieces.dispose();
  }
}

export class Conversation {
  turns: Turn[] = [];
  private running: vscode.CancellationTokenSource | undefined;

  constructor(private readonly server: Server) {}

  get isRunning(): boolean {
    return this.running !== undefined;
  }

  /** Ask; the answer grows in the last turn, and `take` sees each piece. A running answer is stopped. */
  async ask(text: string, attachments: readonly Attachment[], take: (delta: Delta) => void): Promise<void> {
    this.cancel();
    const messages = [...this.answered(), turnOf('user', text)];
    const answer = turnOf('assistant', '');
    this.turns.push(turnOf('user', text, attachments), answer);
    const cancel = (this.running = new vscode.CancellationTokenSource());
    const params = {
      messages: messages.map(({ role, content }) => ({ role, content })),
      context: this.context(attachments),
    };
    const taken = (delta: Delta): void => {
      if (cancel.token.isCancellationRequested) {
        return;
      }
      answer[delta.type === 'delta' ? 'content' : 'reasoning'] += delta.content;
      take(delta);
    };
    try {
      const result = await streamed<Answer>(this.server.connected(), 'foretype/chat', params, taken, cancel.token);
      answer.content = result.content;
    } catch (error) {
      answer.error = cancel.token.isCancellationRequested ? 'Stopped.' : message(error);
    } finally {
      if (this.running === cancel) {
        this.running = undefined;
      }
      cancel.dispose();
    }
  }

  cancel(): void {
    this.running?.cancel();
    this.running = undefined;
  }

  clear(): void {
    this.cancel();
    this.turns = [];
  }

  /** Questions that got no answer are left out: many models insist on taking turns. */
  private answered(): Turn[] {
    return this.turns.filter(({ role, content }, index) =>
      content && (role === 'assistant' || this.turns[index + 1]?.content));
  }

  /** What earlier questions were about is shown to the model again. */
  private context(attachments: readonly Attachment[]): object[] {
    const open = new Set(vscode.workspace.textDocuments.map((document) => document.uri.toString()));
    const earlier = this.turns.flatMap((turn) => turn.attachments).filter((item) => open.has(item.uri));
    const all = new Map([...earlier, ...attachments].map((item) => [`${item.uri} ${item.label}`, item]));
    return [...all.values()].map(({ uri, range }) => ({ uri, range }));
  }
}

function turnOf(role: Turn['role'], content: string, attachments: readonly Attachment[] = []): Turn {
  return { role, content, reasoning: '', error: '', attachments };
}
