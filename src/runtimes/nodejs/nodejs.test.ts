import { execFileSync } from 'node:child_process';
import { symlinkSync } from 'node:fs';
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { answerOf, artifactIn, buildIn, contentOf, pathsOf, problemsIn } from '../../../test/support/artifacts.ts';
import { folderOf, writeFiles } from '../../../test/support/project.ts';

const x86 = 'defaults: {architecture: x86_64, runtime: nodejs20.x}\n';
const one = (settings: string) => `name: s\n${x86}functions:\n  a: {handler: a.handler, ${settings}}\n`;
const plain = one('memory: 128');

const npm = (folder: string, ...words: string[]) =>
  execFileSync('npm', [...words, '--no-audit', '--no-fund', '--loglevel=error'], { cwd: folder, stdio: 'pipe' });

describe('a bundled function', () => {
  test('follows the paths of tsconfig.json, and of those it extends', async () => {
    const folder = await folderOf({
      'project.yml': plain,
      'tsconfig.json': '{"extends": "./base.json"}',
      'base.json': '{"compilerOptions": {"paths": {"@lib/*": ["./lib/*"]}}}',
      'lib/x.ts': 'export const x = 7;',
      'a.ts': "import { x } from '@lib/x'; export const handler = async () => x;",
    });
    expect(answerOf(await artifactIn(folder))).toBe(7);
    await writeFiles(folder, {
      'other/x.ts': 'export const x = 8;',
      'base.json': '{"compilerOptions": {"paths": {"@lib/*": ["./other/*"]}}}',
    });
    expect(answerOf(await artifactIn(folder))).toBe(8);
  });

  test('bundles JSX, JSON, text, WebAssembly and top-level await', async () => {
    // (module (func (export "f") (result i32) i32.const 42))
    const wasm = Buffer.from(
      '0061736d010000000105016000017f0302010007050101660000 0a06010400412a0b'.replace(' ', ''),
      'hex',
    );
    const folder = await folderOf({
      'project.yml': plain,
      'view.tsx':
        'const h = (tag: string, _: unknown, ...rest: string[]) => `<${tag}>${rest.join("")}</${tag}>`;\n/** @jsx h */\nexport const view = <b>hi</b>;',
      'd.json': '{"n": 1}',
      't.sql': 'select 1',
      'm.wasm': wasm,
      'a.mts':
        "import { view } from './view.tsx'; import d from './d.json'; import sql from './t.sql'; import bytes from './m.wasm';\n" +
        'const { instance } = await WebAssembly.instantiate(bytes);\nexport const handler = async () => [view, d.n, sql, instance.exports.f()];',
    });
    expect(answerOf(await artifactIn(folder))).toEqual(['<b>hi</b>', 1, 'select 1', 42]);
  });

  test('imports the sources of workspace packages by customConditions, and text and bytes by attributes', async () => {
    const folder = await folderOf({
      'project.yml': plain,
      'package.json': '{"workspaces": ["shared"], "dependencies": {"shared": "*"}}',
      'tsconfig.json': '{"compilerOptions": {"customConditions": ["development"]}}',
      'shared/package.json':
        '{"name": "shared", "exports": {".": {"development": "./src/index.ts", "default": "./dist/index.js"}}}',
      'shared/src/index.ts': 'export const shared: number = 1;',
      'x.odd': 'odd',
      'a.ts':
        "import { shared } from 'shared'; import text from './x.odd' with { type: 'text' }; import bytes from './x.odd' with { type: 'bytes' };\nexport const handler = async () => [shared, text, bytes.length];",
    });
    npm(folder, 'install');
    expect(answerOf(await artifactIn(folder))).toEqual([1, 'odd', 3]);
    await writeFiles(folder, { 'tsconfig.json': '{}' });
    expect(await problemsIn(folder)).toEqual([
      'a.ts:1 Could not resolve "shared" | The module "./dist/index.js" was not found on the file system',
    ]);
  });

  test('can import a package that is not installed, in a `try`', async () => {
    const folder = await folderOf({
      'project.yml': plain,
      'node_modules/driver/package.json': '{"name": "driver", "version": "1.0.0"}',
      'node_modules/driver/index.js':
        "exports.how = 'slow'; try { exports.how = require('driver-native').how; } catch {}",
      'a.ts': "import { how } from 'driver'; export const handler = async () => how;",
    });
    expect(answerOf(await artifactIn(folder))).toBe('slow');
  });

  test('never bundles a native package, even if its install scripts import missing modules', async () => {
    const folder = await folderOf({
      'project.yml': plain,
      'node_modules/hash/package.json':
        '{"name": "hash", "version": "1.0.0", "binary": {"module_name": "x"}, "dependencies": {"installer": "1"}}',
      'node_modules/hash/index.js': "if (0) require('installer'); exports.how = 'native';",
      'node_modules/installer/package.json': '{"name": "installer", "version": "1.0.0"}',
      'node_modules/installer/index.js': "const mock = () => require('mock-of-installer');",
      'a.ts': "import { how } from 'hash'; export const handler = async () => how;",
    });
    const artifact = await artifactIn(folder);
    expect(answerOf(artifact)).toBe('native');
    expect(pathsOf(artifact)).toContain('node_modules/hash/index.js');
  });

  test('reports an error in a module once, however many passes reach it', async () => {
    const folder = await folderOf({
      'project.yml': 'name: s\nfunctions:\n  a: {handler: a.handler}\n  b: {handler: a.handler, minify: true}\n',
      'a.ts': "import 'nowhere'; export const handler = 1;",
    });
    expect(await problemsIn(folder)).toEqual([expect.stringContaining('a.ts:1 Could not resolve "nowhere"')]);
  });

  test('is minified and without a source map, if so set', async () => {
    const folder = await folderOf({
      'project.yml': one('minify: true, sourceMap: false'),
      'a.ts': 'export const handler = async (): Promise<string> => { const long = "x"; return long + handler.name; };',
    });
    const artifact = await artifactIn(folder);
    expect(pathsOf(artifact)).toEqual(['a.mjs']);
    expect(artifact.code.variables).toEqual({});
    expect(answerOf(artifact)).toBe('xhandler');
  });

  test('in a separate folder has a handler relative to it, plus the files of `include`', async () => {
    const folder = await folderOf({
      'project.yml':
        'name: s\nfunctions:\n  a: {source: services/a, handler: main.handler, include: [text/**, .env], exclude: ["*.md"]}\n',
      'services/a/main.mjs':
        "import { readFileSync } from 'node:fs'; export const handler = async () => readFileSync(new URL('text/x.txt', import.meta.url), 'utf8');",
      'services/a/text/x.txt': 'read',
      'services/a/text/y.md': '',
      'services/a/text/.env.local': 'SECRET=1',
      'services/a/text/id_rsa': 'key',
      'services/a/.env': 'NAMED=1',
    });
    const artifact = await artifactIn(folder);
    expect([artifact.code.handler, pathsOf(artifact)]).toEqual([
      'main.handler',
      ['.env', 'main.mjs', 'main.mjs.map', 'text/x.txt'],
    ]);
    expect(answerOf(artifact)).toBe('read');
    await writeFiles(folder, { 'services/a/text/z.txt': 'new', 'services/a/.fxignore': 'x.*\n' });
    expect(pathsOf(await artifactIn(folder))).toEqual(['.env', 'main.mjs', 'main.mjs.map', 'text/z.txt']);
  });

  test("leaves out what the project's .fxignore names, relative to its folder, unless the function's .fxignore takes it back", async () => {
    const folder = await folderOf({
      'project.yml': 'name: s\nfunctions:\n  a: {source: services/a, handler: main.handler, include: [text/**]}\n',
      '.fxignore': '/services/a/text/draft/\n/text/\n*.bak\n',
      'services/a/.fxignore': '!kept.bak\n',
      'services/a/main.mjs': 'export const handler = async () => 1;',
      'services/a/text/x.txt': '',
      'services/a/text/x.bak': '',
      'services/a/text/kept.bak': '',
      'services/a/text/draft/y.txt': '',
    });
    expect(pathsOf(await artifactIn(folder)).filter((path) => path.startsWith('text'))).toEqual([
      'text/kept.bak',
      'text/x.txt',
    ]);
  });

  test('without handler and runtime is inferred from its folder, with the export named as in Apex', async () => {
    const folder = await folderOf({
      'project.yml': 'name: s\nfunctions: {a: {}}\n',
      'functions/a/index.js': 'exports.handle = async () => "apex";',
    });
    const artifact = await artifactIn(folder);
    expect([artifact.code.handler, answerOf(artifact)]).toEqual(['index.handle', 'apex']);
    await writeFiles(folder, { 'functions/a/main.py': '' });
    expect(await problemsIn(folder)).toEqual([
      expect.stringMatching(
        /^project.yml:2 the function "a" could be nodejs \(index.js\) or python \(main.py\) \| set `runtime`/,
      ),
    ]);
    await writeFiles(folder, { 'project.yml': 'name: s\nfunctions: {a: {runtime: nodejs22.x}}\n' });
    expect((await artifactIn(folder)).code.handler).toBe('index.handle');
  });
});

test('tracks all files of an unbundled workspace package, including a new one', async () => {
  const top = await folderOf({
    'lib/package.json': '{"name": "lib", "version": "1.0.0"}',
    'lib/index.js': "exports.count = require('node:fs').readdirSync(__dirname + '/texts').length;",
    'lib/texts/en.txt': '',
    'app/project.yml': 'name: s\nfunctions:\n  a: {handler: a.handler, external: [lib]}\n',
    'app/a.ts': "import { count } from 'lib'; export const handler = async () => count;",
    'app/node_modules/.keep': '',
  });
  symlinkSync('../../lib', join(top, 'app/node_modules/lib'));
  expect(answerOf(await artifactIn(join(top, 'app')))).toBe(1);
  expect((await buildIn(join(top, 'app'))).fresh).toEqual([]);
  await writeFiles(top, { 'lib/texts/fr.txt': '' });
  expect(answerOf(await artifactIn(join(top, 'app')))).toBe(2);
});

describe('links', () => {
  const project = (more = '') => `name: s\nfunctions:\n  a: {handler: a.handler, include: [in/**]${more}}\n`;
  test('are followed inside the project, rejected outside it, and followed there if allowed', async () => {
    const folder = await folderOf({
      'p/project.yml': project(),
      'p/a.mjs': 'export const handler = async () => 1;',
      'p/real/x.txt': 'x',
      'p/in/y.txt': 'y',
      'outside/z.txt': 'z',
    });
    symlinkSync('../real', join(folder, 'p/in/linked'));
    symlinkSync('..', join(folder, 'p/in/loop'));
    expect(pathsOf(await artifactIn(join(folder, 'p'))).filter((path) => path.startsWith('in/l'))).toEqual([
      'in/linked/x.txt',
    ]);
    symlinkSync('../../outside', join(folder, 'p/in/out'));
    expect(await problemsIn(join(folder, 'p'))).toEqual([
      expect.stringContaining('the function "a" would include in/out, a link that leads out of the project'),
    ]);
    await writeFiles(folder, { 'p/project.yml': project(', outsideLinks: true') });
    expect(pathsOf(await artifactIn(join(folder, 'p')))).toContain('in/out/z.txt');
  });

  test('and names: a file that no zip can hold is rejected', async () => {
    const folder = await folderOf({
      'project.yml': project(),
      'a.mjs': 'export const handler = () => 1;',
      'in/a\\b': '',
      'in/c\td': '',
    });
    expect(await problemsIn(folder)).toEqual([
      expect.stringContaining('"in/a\\\\b" has a backslash'),
      expect.stringContaining('"in/c\\td" has a control character'),
    ]);
  });
});

describe('bundle: false', () => {
  test('packs the reached modules unchanged, and the packages that they import', async () => {
    const folder = await folderOf({
      'project.yml': one('bundle: false'),
      'package.json': '{"type": "module"}',
      'a.js':
        "import { b } from './lib/b.js';\nimport ms from 'ms';\nexport const handler = async () => [b, ms('1s')];\n",
      'lib/b.js': '// kept as it is\nexport const b = 1;\n',
      'unused.js': '',
    });
    npm(folder, 'install', 'ms@2.1.3');
    const artifact = await artifactIn(folder);
    expect(pathsOf(artifact).filter((path) => !path.startsWith('node_modules'))).toEqual([
      'a.js',
      'lib/b.js',
      'package.json',
    ]);
    expect(contentOf(artifact, 'lib/b.js')).toContain('// kept as it is');
    expect(answerOf(artifact)).toEqual([1, 1000]);
  });

  test('of TypeScript is an error', async () => {
    const folder = await folderOf({ 'project.yml': one('bundle: false'), 'a.ts': 'export const handler = () => 1;' });
    expect(await problemsIn(folder)).toEqual([expect.stringContaining('is not bundled, so a.ts must be JavaScript')]);
  });
});

describe('the AWS SDK', () => {
  test('is bundled in the locked version or left to the runtime; the function loads either way', async () => {
    const folder = await folderOf({
      'project.yml': `name: s\n${x86}functions:\n  a: {handler: a.handler}\n  b: {handler: a.handler, sdk: runtime}\n`,
      'a.mjs':
        "import { STSClient } from '@aws-sdk/client-sts'; export const handler = async () => new STSClient({}).config !== undefined;",
    });
    npm(folder, 'install', '@aws-sdk/client-sts');
    const { artifacts } = await buildIn(folder);
    expect(artifacts.get('a')?.unzippedSize).toBeGreaterThan(200_000);
    expect(artifacts.get('b')?.unzippedSize).toBeLessThan(3_000);
  });
});

test('with many files are neither all in memory nor all open at once', async () => {
  const files: Record<string, string> = {
    'project.yml': `name: s\n${x86}functions:\n${Array.from({ length: 5 }, (_, index) => `  f${index}: {handler: f${index}.handler, external: [big]}\n`).join('')}`,
    'node_modules/big/package.json': '{"name": "big"}',
    'node_modules/big/index.js': 'module.exports = 1;',
  };
  for (let index = 0; index < 5; index++) files[`f${index}.js`] = "exports.handler = async () => require('big');";
  const folder = await folderOf(files);
  await mkdir(join(folder, 'node_modules/big/data'), { recursive: true });
  const make =
    'import os,sys\nfor i in range(2000): open(os.path.join(sys.argv[1], str(i)), "w").write("x" * 200 + str(i))';
  execFileSync('python3', ['-c', make, join(folder, 'node_modules/big/data')]);
  const bin = join(import.meta.dirname, '../../../dist/bin.js');
  const limited = 'ulimit -n 256; exec "$@"';
  const output = execFileSync(
    'sh',
    ['-c', limited, 'sh', process.execPath, '--max-old-space-size=256', bin, 'build', '--size'],
    { cwd: folder, encoding: 'utf8', stdio: 'pipe' },
  );
  expect(output.match(/in 2004 files/g)).toHaveLength(5);
});

test('a handler that streams loads as in Lambda, whose runtime has a global for it', async () => {
  const streaming =
    'declare const awslambda: any;\nexport const handler = awslambda.streamifyResponse(async (_: unknown, out: any) => out.end());\n';
  const folder = await folderOf({ 'project.yml': plain, 'a.ts': streaming });
  expect(await pathsOf(await artifactIn(folder))).toContain('a.mjs');
});
