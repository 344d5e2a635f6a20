// docs/reference/project.md matches the schema: `npm run reference` generates it, and it covers every key.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { parse } from 'yaml';
import { commandReference, errorReference } from '../scripts/command-reference.ts';
import { projectReference } from '../scripts/reference.ts';
import { packageFolder } from '../src/base/packaged.ts';
import { eventSources } from '../src/events/index.ts';
import { lookupForms } from '../src/project/lookups/index.ts';
import { projectSchema } from '../src/project/schema.ts';
import { settingKeys } from '../src/settings/index.ts';

const text = readFileSync(join(packageFolder(), 'docs/reference/project.md'), 'utf8');
const headings = [...text.matchAll(/^#+ (.*)$/gm)].map(([, heading = '']) => heading);

test('the file matches the schema; if this fails, run `npm run reference`', () => {
  expect(text).toBe(projectReference());
});

test('so do those of commands and errors', async () => {
  const written = (name: string) => readFileSync(join(packageFolder(), 'docs/reference', name), 'utf8');
  expect(written('commands.md')).toBe(await commandReference());
  expect(written('errors.md')).toBe(errorReference());
});

test('each section, setting and event source has a heading', () => {
  const sections = Object.keys(projectSchema.json['properties'] as object);
  const expected = [
    ...sections,
    'environments',
    ...settingKeys.map((key) => `functions.<name>.${key}`),
    ...Object.keys(eventSources).map((kind) => `functions.<name>.events.${kind}`),
  ];
  expect(headings).toEqual(expect.arrayContaining(expected.map((path) => `\`${path}\``)));
});

test('each lookup is in the table', () => {
  for (const { form } of lookupForms) expect(text).toContain(`| \`\${${form.replaceAll('|', '\\|')}}\` |`);
});

test('each link leads to a heading, and headings are unique', () => {
  const anchors = headings.map((heading) =>
    heading
      .toLowerCase()
      .replace(/[^a-z0-9 -]/g, '')
      .replaceAll(' ', '-'),
  );
  expect(new Set(anchors).size).toBe(anchors.length);
  const links = [...text.matchAll(/\]\(#([^)]*)\)/g)].map(([, anchor]) => anchor);
  expect(links.length).toBeGreaterThan(100);
  expect(links.filter((anchor) => !anchors.includes(anchor ?? ''))).toEqual([]);
});

test('each example is YAML', () => {
  const blocks = [...text.matchAll(/```yaml\n(.*?)```/gs)].map(([, block = '']) => parse(block) as unknown);
  expect(blocks.length).toBeGreaterThan(50);
  for (const block of blocks) expect(block).toBeTypeOf('object');
});

test('no text is rendered as markup', () => {
  const plain = text
    .replace(/```.*?```/gs, '')
    .replace(/`[^`\n]*`/g, '')
    .replace(/<!--.*?-->/gs, '');
  expect([...plain.matchAll(/(?<!\\)[<*]|undefined|\[object/g)].map(([markup]) => markup)).toEqual([]);
});
