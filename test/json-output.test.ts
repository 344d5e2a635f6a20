// What --json prints: every command has a schema, no field is lost, and the suite checks the lines of every command.
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { fieldPaths, fieldTree, jsonReference, pathsIn, summaries } from '../scripts/json-reference.ts';
import { packagedFile, packageFolder } from '../src/base/packaged.ts';
import { type CommandTable, commandRows } from '../src/cli/command.ts';
import { commands } from '../src/cli/commands/index.ts';
import type { JsonSchemas } from '../src/cli/json-schema.ts';
import { checkJsonOutput } from './support/json-output.ts';

const schemas = JSON.parse(readFileSync(packagedFile('json-schemas.json'), 'utf8')) as JsonSchemas;
const rows = commandRows(commands);

describe('every command', () => {
  test('has a schema', () => {
    expect(Object.keys(schemas.commands).sort()).toEqual(rows.map(([name]) => name).sort());
  });

  test('is typed by the row of its own name, with a result of several regions or projects if it runs in them', async () => {
    for (const [name, { load }] of rows) {
      const { output, inEachRegion, inEachProject } = await load();
      const value = JSON.stringify(schemas.commands[name]?.lines['result'] ?? {});
      expect([name, value.includes('"regions"'), value.includes('"projects"')]).toEqual([
        output,
        inEachRegion !== undefined,
        inEachProject !== undefined,
      ]);
    }
  });

  const unchecked = {
    tune: 'test/cli/tune.test.ts runs it by a function of its own',
    mcp: 'speaks another protocol',
    'local serve': 'serves until it is ended, and prints nothing',
  };

  test('is run with --json by a test, whose lines are checked, or is listed here', () => {
    const folders = ['test', 'src'].map((name) => join(packageFolder(), name));
    const texts = folders.flatMap((folder) =>
      readdirSync(folder, { recursive: true, encoding: 'utf8' })
        .filter((file) => file.endsWith('.test.ts'))
        .map((file) => readFileSync(join(folder, file), 'utf8')),
    );
    const isRun = (name: string) => {
      const words = name
        .split(' ')
        .map((word) => `'${word}'`)
        .join(', ');
      const alone = Object.entries(commands as CommandTable).find(
        ([group, row]) => 'commands' in row && name === `${group} ${row.alone}`,
      )?.[0];
      const called = `(${words}${alone === undefined ? '' : `|'${alone}'`})`;
      // in a list of words, or as arguments of a helper
      const pattern = new RegExp(`(\\[|\\(|, )${called}[^\\]\\n]*'--json'`);
      return texts.some((text) => pattern.test(text));
    };
    expect(rows.map(([name]) => name).filter((name) => !isRun(name))).toEqual(Object.keys(unchecked));
  });
});

test('a line that its schema does not have fails the test that printed it', () => {
  const print = (line: object) => () => checkJsonOutput(['local', 'stop', '--json'], `${JSON.stringify(line)}\n`);
  expect(print({ type: 'result', value: { stopped: true } })).not.toThrow();
  expect(print({ type: 'result', value: { stopped: 'yes' } })).toThrow('does not match its schema');
  expect(print({ type: 'result', value: { stopped: true, more: 1 } })).toThrow('does not match its schema');
  expect(print({ type: 'log', functionName: 'a' })).toThrow('without a schema');
});

describe('the fields', () => {
  const tree = readFileSync(join(packageFolder(), 'test/golden/json-fields.txt'), 'utf8');
  const [listed, now] = [pathsIn(tree), pathsIn(fieldTree(fieldPaths(schemas)))];

  test('are all still there: within a major version, none is renamed or removed', () => {
    expect([...listed].filter((path) => !now.has(path))).toEqual([]);
  });

  test('are a tree that says each once', () => {
    expect(fieldTree([...listed, ...listed])).toBe(tree);
  });

  test('are all listed; if this fails, run `npm run reference`', () => {
    expect([...now].filter((path) => !listed.has(path))).toEqual([]);
  });
});

test('docs/reference/json.md matches the schemas; if this fails, run `npm run reference`', () => {
  const text = readFileSync(join(packageFolder(), 'docs/reference/json.md'), 'utf8');
  expect(text).toBe(jsonReference(schemas, summaries));
  const headings = [...text.matchAll(/^#+ (.*)$/gm)].map(([, heading = '']) =>
    heading.toLowerCase().replaceAll(' ', '-'),
  );
  const links = [...text.matchAll(/\]\(#([^)]*)\)/g)].map(([, anchor = '']) => anchor);
  expect(links.filter((anchor) => !headings.includes(anchor))).toEqual([]);
  expect(headings.filter((heading, index) => headings.indexOf(heading) !== index)).toEqual([]);
});
