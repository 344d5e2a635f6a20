// Every fx command line in the documentation is one that fx takes.
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { packageFolder } from '../src/base/packaged.ts';
import { commandIn } from './support/command-line.ts';

const root = packageFolder();
const files = [
  'README.md',
  ...['docs', 'examples', 'templates'].flatMap((folder) =>
    readdirSync(join(root, folder), { recursive: true, encoding: 'utf8' })
      .filter((path) => path.endsWith('.md') && !path.includes('node_modules'))
      .map((path) => join(folder, path)),
  ),
];

/** The lines of its code blocks that begin with fx, after a prompt or variables, with `\` continuations joined. */
function commandLines(markdown: string): readonly (readonly [line: string, number: number])[] {
  const found: (readonly [string, number])[] = [];
  let fence: string | undefined;
  let continued = '';
  for (const [index, line] of markdown.split('\n').entries()) {
    const [, opening] = /^\s*```(\w*)/.exec(line) ?? [];
    if (opening !== undefined) {
      fence = fence === undefined ? opening : undefined;
      continue;
    }
    const isCommand = fence === undefined ? line.startsWith('    ') : fence === 'sh' || fence === 'bash';
    if (!isCommand) continue;
    const whole = `${continued}${line.trim()}`;
    continued = whole.endsWith('\\') ? whole.slice(0, -1) : '';
    if (continued !== '') continue;
    for (const part of whole.split(/\s(?:&&|\|)\s/)) {
      const [, command] = /^(?:\$ )?(?:[A-Z_]+=\S+ )*(?:npx )?(fx (?!\.\.\.).*)$/.exec(part.trim()) ?? [];
      if (command !== undefined) found.push([command.replace(/ {2,}#? ?.*$/, ''), index + 1]);
    }
  }
  return found;
}

test('the scan sees lines of all kinds', () => {
  const text =
    '```sh\n$ fx deploy  # now\nFX_ENV=prod npx fx logs \\\n  -f\ncd x && fx info | cat\n```\n\n    fx plan     what changes\n\n```yaml\nfx build\n```\n';
  expect(commandLines(text)).toEqual([
    ['fx deploy', 2],
    ['fx logs -f', 4],
    ['fx info', 5],
    ['fx plan', 8],
  ]);
});

test('each is a command with arguments and options that it has', async () => {
  const wrong: string[] = [];
  let count = 0;
  for (const file of files) {
    for (const [line, number] of commandLines(readFileSync(join(root, file), 'utf8'))) {
      count++;
      try {
        await commandIn(line);
      } catch (error) {
        wrong.push(`${file}:${number} ${line}: ${(error as Error).message}`);
      }
    }
  }
  expect(wrong).toEqual([]);
  expect(count).toBeGreaterThan(150);
});
