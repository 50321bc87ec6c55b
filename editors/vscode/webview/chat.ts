/** The page of the chat: draws the conversation, and sends what the user does. */

import MarkdownIt from 'markdown-it';

interface Turn {
  readonly role: 'user' | 'assistant';
  content: string;
  reasoning: string;
  error: string;
  readonly attachments: readonly { label: string }[];
}

type Received =
  | { type: 'state'; turns: Turn[]; isRunning: boolean; attachments: string[] }
  | { type: 'delta' | 'reasoning'; content: string }
  | { type: 'model'; name: string }
  | { type: 'focus' };

declare function acquireVsCodeApi(): { postMessage(message: object): void };

const host = acquireVsCodeApi();
// Pictures would be fetched from anywhere, which the page's policy forbids.
const markdown = new MarkdownIt({ html: false, linkify: false }).disable('image');
const element = <T extends HTMLElement>(id: string): T => document.getElementById(id) as T;
const [list, form, pills] = [element('turns'), element<HTMLFormElement>('form'), element('attachments')];
const question = element<HTMLTextAreaElement>('question');
const [send, stop, model] = [element('send'), element('stop'), element('model')];

let turns: Turn[] = [];
let isRunning = false;
let isDrawing = false;

window.addEventListener('message', ({ data }: MessageEvent<Received>) => {
  switch (data.type) {
    case 'state':
      turns = data.turns;
      isRunning = data.isRunning;
      drawAll(data.attachments);
      break;
    case 'model':
      model.textContent = data.name || 'No model';
      break;
    case 'focus':
      question.focus();
      break;
    default:
      append(data.type, data.content);
  }
});

form.addEventListener('submit', (event) => {
  event.preventDefault();
  if (!isRunning && question.value.trim()) {
    host.postMessage({ type: 'ask', text: question.value });
    question.value = '';
  }
});
document.addEventListener('keydown', (event) => {
  if (event.key === 'Escape' && isRunning) {
    host.postMessage({ type: 'cancel' });
  } else if (event.key === 'Enter' && !event.shiftKey && !event.isComposing && event.target === question) {
    event.preventDefault();
    form.requestSubmit();
  }
});
stop.addEventListener('click', () => host.postMessage({ type: 'cancel' }));
element('attach').addEventListener('click', () => host.postMessage({ type: 'attach' }));
model.addEventListener('click', () => host.postMessage({ type: 'run', command: 'foretype.chooseModel' }));
host.postMessage({ type: 'ready' });

function append(kind: 'delta' | 'reasoning', content: string): void {
  const last = turns.at(-1);
  if (last === undefined) {
    return;
  }
  last[kind === 'delta' ? 'content' : 'reasoning'] += content;
  if (!isDrawing) {
    isDrawing = true;
    requestAnimationFrame(() => {
      isDrawing = false;
      const shown = list.lastElementChild;
      const latest = turns.at(-1);
      if (shown !== null && latest !== undefined) {
        keepingTheEnd(() => shown.replaceWith(drawn(latest, isRunning)));
      }
    });
  }
}

function drawAll(attachments: string[]): void {
  keepingTheEnd(() => {
    const last = turns.length - 1;
    list.replaceChildren(...turns.map((turn, index) => drawn(turn, isRunning && index === last)));
  });
  pills.replaceChildren(...attachments.map((label, index) =>
    button(`${label} ✕`, 'Do not attach this', () => host.postMessage({ type: 'detach', index }))));
  send.hidden = isRunning;
  stop.hidden = !isRunning;
}

/** Who has scrolled up to read is left there. */
function keepingTheEnd(change: () => void): void {
  const isAtEnd = list.scrollHeight - list.scrollTop - list.clientHeight < 40;
  change();
  if (isAtEnd) {
    list.scrollTop = list.scrollHeight;
  }
}

function drawn(turn: Turn, isGrowing: boolean): HTMLElement {
  const section = made('section', turn.role);
  section.append(...turn.attachments.map(({ label }) => made('span', 'attached', label)));
  if (turn.reasoning) {
    const details = made('details', 'reasoning');
    details.append(made('summary', '', 'Thinking'), made('div', '', turn.reasoning));
    section.append(details);
  }
  section.append(turn.role === 'user' ? made('p', 'said', turn.content) : rendered(turn.content));
  if (turn.error) {
    section.append(made('p', 'error', turn.error));
  } else if (isGrowing && !turn.content) {
    section.append(made('p', 'waiting', '…'));
  }
  return section;
}

/** Markdown is turned into text and tags of its own only: HTML in it is shown as it stands. */
function rendered(text: string): HTMLElement {
  const body = made('div', 'markdown');
  body.innerHTML = markdown.render(text);
  for (const block of body.querySelectorAll('pre')) {
    const code = block.textContent ?? '';
    const tools = made('div', 'tools');
    tools.append(
      button('Insert at Cursor', 'Insert this into the file', () => host.postMessage({ type: 'insert', text: code })),
      button('Copy', 'Copy this', () => host.postMessage({ type: 'copy', text: code })),
    );
    block.after(tools);
  }
  return body;
}

function made(tag: string, className: string, text = ''): HTMLElement {
  const created = document.createElement(tag);
  created.className = className;
  created.textContent = text;
  return created;
}

function button(label: string, title: string, run: () => void): HTMLElement {
  const created = made('button', 'small', label) as HTMLButtonElement;
  created.type = 'button';
  created.title = title;
  created.addEventListener('click', run);
  return created;
}
