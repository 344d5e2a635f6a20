// Files that the user's modules open, in the forms in which libraries are given their places.
import { expect, test } from 'vitest';
import { answerOf, artifactIn } from '../../../test/support/artifacts.ts';
import { folderOf } from '../../../test/support/project.ts';

test('files of a path with places for names come along, and those of a URL made a path', async () => {
  const folder = await folderOf({
    'project.yml':
      'name: s\ndefaults: {architecture: x86_64, runtime: nodejs20.x}\nfunctions:\n  a: {handler: src/a.handler}\n',
    'src/a.mjs':
      "import { readFileSync } from 'node:fs'; import { dirname, join } from 'node:path'; import { fileURLToPath } from 'node:url';\n" +
      'const here = dirname(fileURLToPath(import.meta.url));\n' +
      "const pattern = join(here, '../locales/{{lng}}/{{ns}}.json'); const views = join(new URL('.', import.meta.url).pathname, 'views');\n" +
      "export const handler = async () => [readFileSync(pattern.replace('{{lng}}', 'de').replace('{{ns}}', 'all'), 'utf8'), readFileSync(join(views, 'a.eta'), 'utf8')];",
    'locales/de/all.json': 'hallo',
    'src/views/a.eta': 'view',
  });
  expect(answerOf(await artifactIn(folder))).toEqual(['hallo', 'view']);
});
