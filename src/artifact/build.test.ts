import { execFileSync } from 'node:child_process';
import { mkdirSync, readFileSync, symlinkSync, utimesSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { buildIn, problemsIn } from '../../test/support/artifacts.ts';
import { type Files, folderOf, load, projectOf, writeFiles } from '../../test/support/project.ts';
import { FxError } from '../base/error.ts';
import type { Artifact } from './artifact.ts';
import { buildArtifacts } from './build.ts';

function contentOf(artifact: Artifact, path: string): string {
  const read = 'import sys,zipfile; sys.stdout.write(zipfile.ZipFile(sys.argv[1]).read(sys.argv[2]).decode())';
  return execFileSync('python3', ['-c', read, artifact.zip?.file ?? '', path], { encoding: 'utf8' });
}

async function built(handler: string, files: Files) {
  const project = await projectOf(`name: s\nfunctions:\n  a: {handler: ${handler}}\n`, { files });
  const [artifact] = await buildArtifacts(project);
  if (artifact === undefined) throw new Error('nothing was built');
  return { artifact, paths: artifact.manifest.map(({ path }) => path) };
}

async function problemsOf(handler: string, files: Files): Promise<{ code: string; problems: string[] }> {
  const error = await built(handler, files).catch((thrown: unknown) => thrown);
  if (!(error instanceof FxError)) throw new Error(`expected an FxError, got ${String(error)}`);
  return {
    code: error.code,
    problems: error.problems.map(
      ({ at, message, hint }) => `${at.file}:${at.line}:${at.column} ${message}${hint ? ` | ${hint}` : ''}`,
    ),
  };
}

const esm = JSON.stringify({ type: 'module' });
const commonjs = JSON.stringify({ type: 'commonjs' });

describe('a Node.js function', () => {
  test.each([
    [
      'TypeScript without a package.json',
      'src/a.handler',
      { 'src/a.ts': 'export const handler = async (): Promise<number> => 1;' },
      'src/a.mjs',
    ],
    [
      'TypeScript in a module package',
      'a.handler',
      { 'package.json': esm, 'a.ts': 'export const handler = async () => 1;' },
      'a.mjs',
    ],
    [
      'TypeScript in a CommonJS package',
      'a.handler',
      { 'package.json': commonjs, 'a.ts': 'export const handler = async () => 1;' },
      'a.js',
    ],
    ['.mts', 'a.handler', { 'a.mts': 'export const handler = () => 1;' }, 'a.mjs'],
    ['.cts', 'a.handler', { 'a.cts': 'exports.handler = () => 1;' }, 'a.js'],
    ['JavaScript modules', 'a.handler', { 'package.json': esm, 'a.js': 'export const handler = () => 1;' }, 'a.mjs'],
    ['JavaScript CommonJS', 'a.handler', { 'a.js': 'module.exports.handler = () => 1;' }, 'a.js'],
    [
      '.cjs in a module package',
      'a.handler',
      { 'package.json': esm, 'a.cjs': 'module.exports = { handler() {} };' },
      'a.js',
    ],
    [
      'top-level await',
      'a.handler',
      { 'a.mjs': 'const x = await Promise.resolve(1); export const handler = () => x;' },
      'a.mjs',
    ],
    [
      'a CommonJS dependency that requires Node modules, from a module',
      'a.handler',
      {
        'a.ts': "import path from 'legacy'; export const handler = () => path;",
        'node_modules/legacy/package.json': '{"name":"legacy","main":"index.js"}',
        'node_modules/legacy/index.js': "module.exports = require('node:path').join('a', __dirname ? 'b' : '');",
      },
      'a.mjs',
    ],
    ['a nested export', 'a.api.handler', { 'a.ts': 'export const api = { handler: () => 1 };' }, 'a.mjs'],
  ])('of %s is built, loaded, and exports its handler', async (_what, handler, files, main) => {
    const { artifact, paths } = await built(handler, files as Files);
    expect(paths).toEqual([main, `${main}.map`]);
    expect(artifact.code.handler).toBe(handler);
  });

  test('has source maps with project paths and without the sources', async () => {
    const { artifact } = await built('src/a.handler', {
      'src/a.ts': "import { x } from '../lib/x.ts'; export const handler = () => x;",
      'lib/x.ts': 'export const x = 1;',
    });
    const map = JSON.parse(contentOf(artifact, 'src/a.mjs.map'));
    expect(map.sources).toEqual(['../lib/x.ts', 'a.ts']);
    expect(map.sourcesContent).toBeUndefined();
    expect(artifact.code.variables).toEqual({ NODE_OPTIONS: '--enable-source-maps' });
  });

  test('has the same key from another folder, after touch, and through links', async () => {
    const files = {
      'src/a.ts': "import { x } from './x.ts'; export const handler = () => x;",
      'src/x.ts': 'export const x = 1;',
    };
    const first = await built('src/a.handler', files);
    const folder = await folderOf({ 'project.yml': 'name: s\nfunctions:\n  a: {handler: src/a.handler}\n', ...files });
    utimesSync(join(folder, 'src/a.ts'), new Date(0), new Date(0));
    const [second] = await buildArtifacts(await load(folder));
    expect(second?.code.key).toBe(first.artifact.code.key);
  });

  test('bundles a linked package, by its real path', async () => {
    const folder = await folderOf({
      'app/project.yml': 'name: s\nfunctions:\n  a: {handler: a.handler}\n',
      'app/a.ts': "import { y } from '@me/lib'; export const handler = () => y;",
      'lib/package.json': '{"name":"@me/lib","main":"index.js"}',
      'lib/index.js': "exports.y = require('inner');",
      'lib/node_modules/inner/index.js': 'module.exports = 42;',
    });
    mkdirSync(join(folder, 'app/node_modules/@me'), { recursive: true });
    symlinkSync(join(folder, 'lib'), join(folder, 'app/node_modules/@me/lib'), 'dir');
    const [artifact] = await buildArtifacts(await load(join(folder, 'app')));
    expect(artifact?.manifest[0]?.from).toEqual(expect.arrayContaining(['../lib/node_modules/inner/index.js', 'a.ts']));
  });
});

describe('a function that cannot be built', () => {
  test('for a missing file lists the files that exist', async () => {
    expect(await problemsOf('src/oders.handler', { 'src/orders.ts': '', 'src/users.ts': '' })).toEqual({
      code: 'BUILD_FAILED',
      problems: [
        'project.yml:3:16 the function "a" has no file src/oders.ts, .mts, .cts, .js, .mjs or .cjs | did you mean src/orders?',
      ],
    });
  });

  test('for a syntax error names its line in the source', async () => {
    const { code, problems } = await problemsOf('a.handler', {
      'a.ts': 'export const handler = () => {\n  retrun 1 1;\n};\n',
    });
    expect([code, problems]).toEqual(['BUILD_FAILED', [expect.stringMatching(/^a\.ts:2:\d+ Expected ";"/)]]);
  });

  test('for a package that is not installed shows how to install it', async () => {
    expect(
      await problemsOf('a.handler', { 'a.ts': "import '@scope/absent/deep'; export const handler = () => 1;" }),
    ).toEqual({
      code: 'BUILD_FAILED',
      problems: [
        expect.stringMatching(
          /^a\.ts:1:8 Could not resolve "@scope\/absent\/deep" \| install it in the project: npm install @scope\/absent$/,
        ),
      ],
    });
  });
});

describe('a function that was built but cannot run', () => {
  test('for a missing export lists those that exist', async () => {
    expect(await problemsOf('a.handler', { 'a.ts': 'export const main = () => 1; export const other = 2;' })).toEqual({
      code: 'HANDLER_INVALID',
      problems: ['project.yml:3:16 the function "a" exports no "handler" | it exports main, other'],
    });
  });

  test('because the export is not a function', async () => {
    const { problems } = await problemsOf('a.handler', { 'a.ts': 'export const handler = 5;' });
    expect(problems).toEqual([expect.stringContaining('exports "handler", which is a number, not a function')]);
  });

  test('because it throws while loading names the error and its line in the source', async () => {
    const { code, problems } = await problemsOf('src/a.handler', {
      'src/a.ts': "\n\nthrow new TypeError('no luck');\nexport const handler = () => 1;",
    });
    expect([code, problems]).toEqual([
      'HANDLER_INVALID',
      ['project.yml:3:16 the function "a" throws while loading: TypeError: no luck | at src/a.ts:3:7'],
    ]);
  });

  test.skipIf(Number(process.versions.node.split('.')[0]) >= 24)(
    'is not said of one for a newer Node.js, which may have what this one has not',
    async () => {
      const project = (runtime: string) => `name: s\nfunctions:\n  a: {handler: a.handler, runtime: ${runtime}}\n`;
      const folder = await folderOf({
        'project.yml': project('nodejs24.x'),
        'a.ts': "import { x } from 'node:newer'; export const handler = () => x;",
      });
      expect((await buildIn(folder)).notes).toEqual([
        expect.stringMatching(
          /^a was not loaded here: this machine has Node.js [\d.]+, where it does not load \(Error: No such built-in module: node:newer\)$/,
        ),
      ]);
      await writeFiles(folder, { 'project.yml': project('nodejs20.x') });
      expect(await problemsIn(folder)).toEqual([expect.stringContaining('"a" throws while loading')]);
      // a method that only the newer one has
      await writeFiles(folder, {
        'project.yml': project('nodejs24.x'),
        'a.ts': "const plain = (RegExp as any).escape('a'); export const handler = () => plain;",
      });
      expect((await buildIn(folder)).notes).toEqual([expect.stringContaining('RegExp.escape is not a function')]);
    },
  );

  test('because it ends its process', async () => {
    const { problems } = await problemsOf('a.handler', {
      'a.ts': "console.error('giving up'); process.exit(3); export const handler = () => 1;",
    });
    expect(problems).toEqual([
      'project.yml:3:16 the function "a" ended its process while loading (exit code 3) | giving up',
    ]);
  });

  test('is found among others that load; each gets its variables, even in shared code', async () => {
    const names = Array.from({ length: 24 }, (_, index) => `f${index}`);
    const shared =
      "if (process.env.TABLE === undefined) throw new Error('no table');\nexport const table = process.env.TABLE;\n";
    const rows = names.map((name) => {
      const handler = name === 'f5' ? 'src/f5.absent' : `src/${name}.handler`;
      return `  ${name}: {handler: ${handler}${name === 'f17' ? '' : ', variables: {TABLE: t}'}}\n`;
    });
    const code = (name: string) => {
      const first = name === 'f11' ? 'process.exit(3);' : name === 'f20' ? "JSON.parse('{');" : '';
      return `import { table } from './table.ts';\n${first}\nexport const handler = () => table;\n`;
    };
    const folder = await folderOf({
      'project.yml': `name: s\nfunctions:\n${rows.join('')}`,
      'src/table.ts': shared,
      ...Object.fromEntries(names.map((name) => [`src/${name}.ts`, code(name)])),
    });
    expect(await problemsIn(folder)).toEqual([
      expect.stringContaining('"f5" exports no "absent"'),
      expect.stringContaining('"f11" ended its process while loading (exit code 3)'),
      expect.stringContaining('"f17" throws while loading: Error: no table'),
      expect.stringContaining('"f20" throws while loading: SyntaxError'),
    ]);
  });

  test('gets no secrets of the developer while it is loaded', async () => {
    process.env['SECRET_OF_MINE'] = 'x';
    const { problems } = await problemsOf('a.handler', {
      'a.ts':
        'throw new Error(Object.keys(process.env).includes("SECRET_OF_MINE") ? "leaked" : "clean"); export const handler = 1;',
    });
    expect(problems).toEqual([expect.stringContaining('throws while loading: Error: clean')]);
  });
});

describe('a function that has loaded once', () => {
  const marker =
    "import { appendFileSync } from 'node:fs'; appendFileSync(process.env.MARK ?? '', 'x'); export const handler = () => 1;";
  const projectText = (mark: string) => `name: s\nfunctions:\n  a: {handler: a.handler, variables: {MARK: ${mark}}}\n`;

  test('is not loaded again until its code, its variables or its handler change', async () => {
    const folder = await folderOf({ 'a.ts': marker });
    const mark = join(folder, 'loads');
    const loads = async (text: string) => {
      await writeFiles(folder, { 'project.yml': text, loads: '' });
      await buildArtifacts(await load(folder));
      return readFileSync(mark, 'utf8').length;
    };
    expect(await loads(projectText(mark))).toBe(1);
    expect(await loads(projectText(mark))).toBe(0);
    expect(await loads(projectText(mark).replace('}}', ', OTHER: x}}'))).toBe(1);
    await writeFiles(folder, { 'a.ts': `${marker}\nexport const more = 1;` });
    expect(await loads(projectText(mark).replace('}}', ', OTHER: x}}'))).toBe(1);
  });

  test('is loaded again after a failure', async () => {
    const folder = await folderOf({
      'project.yml': 'name: s\nfunctions:\n  a: {handler: a.handler}\n',
      'a.ts': 'export const other = 1;',
    });
    for (const _ of [1, 2]) {
      await expect(buildArtifacts(await load(folder))).rejects.toMatchObject({ code: 'HANDLER_INVALID' });
    }
  });
});
