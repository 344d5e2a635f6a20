// Every command block of README.md and docs/ does what the page says. Comments in the pages say where each runs (docs/contributing.md).
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, describe, expect, test } from 'vitest';
import { packageFolder } from '../src/base/packaged.ts';
import { blocksOf, stepsOf } from './support/page.ts';
import { type PageResult, runPage } from './support/page-run.ts';
import { difference } from './support/shape.ts';
import { reasonMissing } from './support/toolchain.ts';

// docs/reference/ is generated, from what other tests run
const pages = [
  'README.md',
  ...readdirSync(join(packageFolder(), 'docs'), { recursive: true, encoding: 'utf8' })
    .filter((path) => path.endsWith('.md') && !path.startsWith('reference'))
    .map((path) => join('docs', path)),
]
  .map((name) => ({ name, text: readFileSync(join(packageFolder(), name), 'utf8') }))
  .filter(({ text }) => blocksOf(text).some(({ isCommands }) => isCommands));

/** Two pages at once: a page waits for its local AWS half of the time. */
const lanes = [Promise.resolve(), Promise.resolve()];
let begun = 0;
function inTurn(run: () => Promise<PageResult>): Promise<PageResult> {
  const lane = begun++ % lanes.length;
  const running = (lanes[lane] ?? Promise.resolve()).then(run);
  lanes[lane] = running.then(
    () => {},
    () => {},
  );
  return running;
}

const notRun: string[] = [];
afterAll(() => {
  if (notRun.length === 0) return;
  const lines = notRun.map((one) => `  ${one}\n`).join('');
  process.stderr.write(`\n${notRun.length} blocks of the documentation do not run, as they say:\n${lines}`);
});

for (const { name, text } of pages) {
  test.concurrent(name, { timeout: 300_000 }, async () => {
    const done = await inTurn(() => runPage(name, text));
    notRun.push(...done.notRun);
    for (const one of done.lacking) reasonMissing(undefined, one);
    expect(done.problems.join('\n\n')).toBe('');
  });
}

test('nearly all blocks run', () => {
  const blocks = pages.flatMap(({ text }) => blocksOf(text)).filter(({ isCommands }) => isCommands);
  expect(blocks.length).toBeGreaterThan(60);
  expect(blocks.filter(({ marks }) => marks['not run'] !== undefined).length).toBeLessThan(5);
  expect(blocks.flatMap(stepsOf).length).toBeGreaterThan(150);
});

describe('a page', () => {
  const indented = (...lines: string[]) => lines.map((line) => `    ${line}\n`).join('');
  const problems = async (text: string) => (await runPage('page.md', text)).problems;

  test('must say where its commands run, or why not', async () => {
    const missing = 'no mark says where these commands run, or why they do not: docs/contributing.md';
    expect(await problems(`Text\n\n${indented('fx deploy')}`)).toEqual([`page.md:3 ${missing}`]);
    expect(await problems('```sh\nls\n```\n')).toEqual([`page.md:2 ${missing}`]);
    expect(await problems(indented('name: shop'))).toEqual([]);
    const said = await runPage('page.md', `<!-- not run: needs a printer -->\n${indented('fx deploy')}`);
    expect(said).toEqual({ ran: 0, notRun: ['page.md:2 needs a printer'], lacking: [], problems: [] });
  });

  test('has only marks that there are, each above a block', () => {
    expect(() => blocksOf('<!-- frist: ls -->\n')).toThrow('line 1: unknown mark <!-- frist: ls -->');
    expect(() => blocksOf('<!-- first: ls -->\nText\n')).toThrow('line 2: <!-- first: … --> has no block below it');
  });

  test('is wrong if a command fails, or does not print what is shown', async () => {
    const text = `<!-- in: an empty folder -->
# Page

<!-- file: a/b.txt -->
\`\`\`text
18 apples
\`\`\`

<!-- first: cd a -->
\`\`\`sh
$ cat b.txt   # all
17 apples
$ cat b.txt
17 pears
$ fx deploy --env
$ cat \\
  b.txt
\`\`\`

<!-- alternatives -->
${indented('cat b.txt && rm b.txt', 'cat b.txt && rm b.txt')}`;
    const { ran, problems: found } = await runPage('page.md', text);
    expect(ran).toBe(6);
    expect(found).toEqual([
      'page.md:13 cat b.txt\nthe page shows\n17 pears\nbut it prints\n18 apples',
      expect.stringMatching(/^page\.md:15 fx deploy --env\nexits with 4:\nerror /),
    ]);
  });
});

test('outputs are compared without what differs from run to run', () => {
  const printed =
    'shop at http://127.0.0.1:4600\n  built hello, 803 B\nHelloVersion7b81ca4b345c  █▆ 12 ms\n\nDone: a, b.\n';
  expect(
    difference(['shop at http://127.0.0.1:1', '…', 'HelloVersionecc55796e876 █ 1.5 ms', '', 'Done: …'], printed),
  ).toBe(undefined);
  expect(difference(['…', 'Done: a, c.'], printed)).toContain('but it prints\nshop at');
  expect(difference(['shop at http://127.0.0.1:1', 'Done: a, b.'], printed)).toContain('the page shows');
});
