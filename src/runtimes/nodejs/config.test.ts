import { describe, expect, test } from 'vitest';
import { answerOf, artifactIn, buildIn, problemsIn } from '../../../test/support/artifacts.ts';
import { one } from '../../../test/support/packages.ts';
import { folderOf, writeFiles } from '../../../test/support/project.ts';

describe('the plugins of bundle.config', () => {
  const files = {
    'project.yml': one('bundle: {config: build/esbuild.mjs}'),
    'a.mjs': "import text from './x.shout'; export const handler = async () => [text, NAME];",
    'x.shout': 'hey',
    'build/loud.mjs': 'export const loud = (text) => text.toUpperCase();',
  };
  const config = (options: string) =>
    `import { readFileSync } from 'node:fs'; import { loud } from './loud.mjs';
const shout = { name: 'shout', setup: ({ onLoad }) => onLoad({ filter: /[.]shout$/ }, ({ path }) => ({ contents: loud(readFileSync(path, 'utf8')), loader: 'text' })) };
export default ${options};`;

  test('run, with the options beside them; a change of the module is a change of the function', async () => {
    const folder = await folderOf({
      ...files,
      'build/esbuild.mjs': config('() => ({ plugins: [shout], define: { NAME: \'"x"\' } })'),
    });
    expect(answerOf(await artifactIn(folder))).toEqual(['HEY', 'x']);
    expect((await buildIn(folder)).fresh).toEqual([]);
    await writeFiles(folder, { 'build/esbuild.mjs': config('({ plugins: [shout], define: { NAME: \'"y"\' } })') });
    expect(answerOf(await artifactIn(folder))).toEqual(['HEY', 'y']);
  });

  test('are checked', async () => {
    const problem = async (text: string | undefined) =>
      problemsIn(await folderOf({ ...files, ...(text === undefined ? {} : { 'build/esbuild.mjs': text }) }));
    expect(await problem(undefined)).toEqual([
      'project.yml:4 there is no file build/esbuild.mjs, which bundle.config names',
    ]);
    expect(await problem('export default 1;')).toEqual([
      expect.stringContaining('the default export of build/esbuild.mjs is a number | export a list of esbuild plugins'),
    ]);
    expect(await problem("import './absent.mjs'; export default [];")).toEqual([
      expect.stringContaining('build/esbuild.mjs cannot be loaded: Build failed with 1 error'),
    ]);
    expect(await problem("throw new Error('no');")).toEqual([
      expect.stringContaining('build/esbuild.mjs cannot be loaded: no'),
    ]);
    expect(await problem("export default { outfile: 'x', external: ['y'] };")).toEqual([
      expect.stringContaining('sets the esbuild option "outfile", which fx sets itself'),
    ]);
  });
});
