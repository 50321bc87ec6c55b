/** Bundles the extension into `dist/`, with the schema of the configuration file from the server itself. */

import { execFileSync } from 'node:child_process';
import { copyFileSync, mkdirSync, writeFileSync } from 'node:fs';
import { build } from 'esbuild';

const command = process.env.FORETYPE ?? 'foretype';

mkdirSync('dist', { recursive: true });
const schema = JSON.parse(execFileSync(command, ['schema'], { encoding: 'utf8' }));
// Two words that VS Code knows beside the standard's.
writeFileSync('dist/foretype.schema.json', JSON.stringify({ ...schema, allowComments: true, allowTrailingCommas: true }));
copyFileSync('webview/chat.css', 'dist/chat.css');
copyFileSync('../../LICENSE', 'LICENSE');

const common = { bundle: true, minify: true, logLevel: 'warning', legalComments: 'eof' };
await build({
  ...common, entryPoints: ['src/extension.ts'], outfile: 'dist/extension.js',
  platform: 'node', format: 'cjs', target: 'node20', external: ['vscode'],
});
await build({
  ...common, entryPoints: ['webview/chat.ts'], outfile: 'dist/chat.js',
  platform: 'browser', format: 'iife', target: 'es2022',
});
