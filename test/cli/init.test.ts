// fx init: projects from fx's templates and those of others, its questions, and functions added to a project.
import { spawnSync } from 'node:child_process';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { mkdir, symlink } from 'node:fs/promises';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { buffer } from 'node:stream/consumers';
import { gzipSync } from 'node:zlib';
import { ZipArchive } from 'archiver';
import { pack } from 'tar-stream';
import { describe, expect, onTestFinished, test } from 'vitest';
import { fx, resultOf } from '../support/fx.ts';
import { type Files, folderOf } from '../support/project.ts';
import { atTerminal, hasTerminals } from '../support/terminal.ts';

const read = (...path: readonly string[]) => readFileSync(join(...path), 'utf8');

describe('fx init', () => {
  test('lists the templates', async () => {
    const folder = await folderOf({});
    const { templates } = resultOf(await fx(folder, ['init', '--list', '--json'])) as {
      readonly templates: readonly { readonly name: string }[];
    };
    expect(templates[0]).toEqual({
      name: 'http-typescript',
      about: 'An HTTP API in TypeScript',
      trigger: 'http',
      language: 'typescript',
    });
    expect((await fx(folder, ['init', '--list'])).stdout).toMatch(
      /^Template +Trigger +What it is\nhttp-typescript +http /,
    );
    expect(readdirSync(folder)).toEqual([]);
  });

  test('chooses by trigger, language and package manager, for scripts', async () => {
    const folder = await folderOf({});
    const words = [
      'init',
      'shop',
      '--name',
      'my-shop',
      '--language',
      'javascript',
      '--package-manager',
      'pnpm',
      '--git',
    ];
    expect(resultOf(await fx(folder, [...words, '--json']))).toMatchObject({
      project: 'my-shop',
      folder: join(folder, 'shop'),
      installed: false,
      repository: true,
      files: expect.arrayContaining([
        '.github/workflows/deploy.yml',
        '.gitignore',
        'src/hello.js',
        'test/hello.test.js',
      ]),
    });
    expect(read(folder, 'shop/.github/workflows/deploy.yml')).toMatch(
      /\n {6}- run: npm install --global pnpm\n {6}- run: pnpm install\n {6}- run: pnpm test\n/,
    );
    expect(read(folder, 'shop/README.md')).toContain('\n    pnpm install\n    pnpm test\n');
    expect(JSON.parse(read(folder, 'shop/package.json'))).toMatchObject({ name: 'my-shop' });
    expect(existsSync(join(folder, 'shop/.git'))).toBe(true);
    expect(read(folder, 'shop/.gitignore')).toBe('.fx/\n.env\n.env.*\nnode_modules/\n');
  });

  test('installs its packages, fx among them', async () => {
    const folder = await folderOf({});
    // npm keeps what it has downloaded in the home folder
    const variables = { HOME: process.env['HOME'] ?? folder };
    const made = await fx(folder, ['init', 'shop', '--install', '--json'], { variables });
    expect(resultOf(made)).toMatchObject({ installed: true });
    const { status, stdout } = spawnSync('npm', ['test'], { cwd: join(folder, 'shop'), encoding: 'utf8' });
    expect([status, stdout]).toEqual([0, expect.stringContaining('3 passed')]);
  });

  test('says what is wrong with a choice, and writes nothing', async () => {
    const folder = await folderOf({});
    const said = async (...words: string[]) => (await fx(folder, ['init', 'shop', ...words])).stderr;
    expect(await said('--trigger', 'phone')).toContain('"phone" is no trigger of a template');
    expect(await said('--language', 'cobol')).toContain('"cobol" is no language of a template');
    expect(await said('--package-manager', 'pnmp')).toContain('did you mean "pnpm"?');
    expect(await said('--template', 'http-go', '--language', 'go')).toContain(
      '--template and --language exclude each other',
    );
    expect(await said('--language', 'go', '--install')).toContain(
      "--install is for fx's templates in JavaScript and TypeScript",
    );
    expect(await said('--template', 'monorepo', '--name', 'a'.repeat(35))).toContain('is not a valid project name');
    expect(await said('--template', './nothing')).toContain('there is no template at ');
    expect(readdirSync(folder)).toEqual([]);
  });

  test('leaves what is there as it is if one file is in the way', async () => {
    const folder = await folderOf({ 'shop/README.md': 'mine', 'shop/src/other.ts': '' });
    expect((await fx(folder, ['init', 'shop'])).stderr).toContain('README.md exists already');
    expect(readdirSync(join(folder, 'shop'), { recursive: true }).sort()).toEqual(['README.md', 'src', 'src/other.ts']);
  });

  test('adds to a folder with other files', async () => {
    const folder = await folderOf({ 'src/other.ts': '', 'notes.txt': 'mine' });
    expect((await fx(folder, ['init', '--yes'])).exitCode).toBe(0);
    expect(readdirSync(join(folder, 'src')).sort()).toEqual(['hello.ts', 'other.ts']);
    expect(readdirSync(folder).filter((name) => name.startsWith('.fx-init'))).toEqual([]);
  });
});

const theirs: Files = {
  'project.yml': '# theirs\nname: "their-api"  # a name\nfunctions:\n  a: {handler: a.handler}\n',
  'a.ts': "export const handler = async () => 'fx-project-name';\n",
  'logo.png': new Uint8Array([0x89, 0x50, 0, 1, 0xff]),
};
const ours = '# theirs\nname: shop  # a name\nfunctions:\n  a: {handler: a.handler}\n';

function checkTheirs(folder: string): void {
  expect(read(folder, 'project.yml')).toBe(`# yaml-language-server: $schema=./.fx/project.schema.json\n${ours}`);
  expect(read(folder, 'a.ts')).toBe("export const handler = async () => 'shop';\n");
  expect(readFileSync(join(folder, 'logo.png'))).toEqual(Buffer.from(theirs['logo.png'] ?? ''));
}

async function zipOf(files: Files): Promise<Buffer> {
  const zip = new ZipArchive();
  for (const [name, content] of Object.entries(files)) zip.append(Buffer.from(content), { name });
  await zip.finalize();
  return buffer(zip);
}

async function tarballOf(files: Files, links: Readonly<Record<string, string>> = {}): Promise<Buffer> {
  const tar = pack();
  for (const [name, content] of Object.entries(files)) tar.entry({ name }, Buffer.from(content));
  for (const [name, linkname] of Object.entries(links)) tar.entry({ name, type: 'symlink', linkname });
  tar.finalize();
  return gzipSync(await buffer(tar));
}

const prefixed = (prefix: string, files: Files): Files =>
  Object.fromEntries(Object.entries(files).map(([path, content]) => [prefix + path, content]));

/** Answers with what a path has; a text is where it redirects to. */
async function serverOf(answers: Readonly<Record<string, Buffer | string>>): Promise<string> {
  const server = createServer(({ url = '' }, response) => {
    const answer = answers[url];
    if (answer === undefined) return response.writeHead(404).end();
    if (typeof answer === 'string') return response.writeHead(302, { location: answer }).end();
    return response.end(answer);
  });
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
  onTestFinished(() => void server.close());
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

describe('fx init --template', () => {
  test('a folder, without what belongs to its checkout', async () => {
    const files = { ...theirs, 'node_modules/x/index.js': '', '.GIT/config': '', '.fx/local/log': '' };
    const folder = await folderOf(prefixed('theirs/', files));
    expect((await fx(folder, ['init', 'shop', '--template', './theirs'])).stderr).toBe('');
    checkTheirs(join(folder, 'shop'));
    expect(readdirSync(join(folder, 'shop')).sort()).toEqual(['.fx', 'a.ts', 'logo.png', 'project.yml']);
  });

  test('a zip on disk, and one that a server has, with a folder around it or not', async () => {
    const folder = await folderOf({ 'plain.zip': await zipOf(theirs) });
    expect((await fx(folder, ['init', 'one/shop', '--template', 'plain.zip'])).stderr).toBe('');
    checkTheirs(join(folder, 'one/shop'));
    const server = await serverOf({ '/a/api.zip': '/b', '/b': await zipOf(prefixed('api-main/', theirs)) });
    expect((await fx(folder, ['init', 'shop', '--template', `${server}/a/api.zip`])).stderr).toBe('');
    checkTheirs(join(folder, 'shop'));
  });

  test('a repository, a folder of one, and a branch', async () => {
    const whole = await tarballOf(
      prefixed('templates-0a1b2c3/', { ...prefixed('deep/api/', theirs), 'README.md': '' }),
    );
    const server = await serverOf({
      '/acme/templates/archive/HEAD.tar.gz': '/codeload',
      '/codeload': whole,
      '/acme/api/archive/feature/two.tar.gz': await tarballOf(prefixed('api-feature-two/', theirs)),
    });
    const variables = { GITHUB_SERVER_URL: server };
    const folder = await folderOf({});
    const init = (name: string, template: string) => fx(folder, ['init', name, '--template', template], { variables });
    expect((await init('shop', 'acme/templates/deep/api')).stderr).toBe('');
    checkTheirs(join(folder, 'shop'));
    expect((await init('two/shop', 'acme/api#feature/two')).stderr).toBe('');
    checkTheirs(join(folder, 'two/shop'));
    expect((await init('three/shop', `${server}/acme/templates/tree/HEAD/deep/api`)).stderr).toBe('');
    checkTheirs(join(folder, 'three/shop'));
    expect((await init('no', 'acme/templates')).stderr).toContain('the template "acme/templates" has no project.yml');
    expect((await init('no', 'acme/templates/shallow')).stderr).toContain('acme/templates has no folder shallow');
    expect((await init('no', 'acme/private')).stderr).toMatch(
      /"acme\/private" cannot be fetched: 127\.0\.0\.1:\d+ has no \/acme\/private\/archive\/HEAD\.tar\.gz.*\n→ is the name right, and is it public\?/,
    );
    expect(existsSync(join(folder, 'no'))).toBe(false);
  });

  test('refuses files outside of the project, links, plain HTTP, endless redirects and what is no archive', async () => {
    const entry = async (name: string) => gzipSync(await buffer(tarWith(name)));
    const server = await serverOf({
      '/acme/out/archive/HEAD.tar.gz': await entry('top/../../../evil.ts'),
      '/acme/root/archive/HEAD.tar.gz': await entry('/etc/evil'),
      '/acme/link/archive/HEAD.tar.gz': await tarballOf(prefixed('top/', theirs), { 'top/keys': '/etc/passwd' }),
      '/acme/plain/archive/HEAD.tar.gz': 'http://example.com/x.tar.gz',
      '/acme/loop/archive/HEAD.tar.gz': '/acme/loop/archive/HEAD.tar.gz',
      '/acme/text/archive/HEAD.tar.gz': Buffer.from('hello'),
      '/text.zip': Buffer.from('hello'),
    });
    const folder = await folderOf({ 'theirs/project.yml': 'name: x\n' });
    await mkdir(join(folder, 'theirs/src'));
    await symlink('/etc/passwd', join(folder, 'theirs/src/keys'));
    const said = async (template: string) =>
      (await fx(folder, ['init', 'shop', '--template', template], { variables: { GITHUB_SERVER_URL: server } })).stderr;
    expect(await said('acme/out')).toContain('has a file outside of its folder: "top/../../../evil.ts"');
    expect(await said('acme/root')).toContain('has a file outside of its folder: "/etc/evil"');
    expect(await said('acme/link')).toContain('has a link, which fx does not follow: "top/keys"');
    expect(await said('./theirs')).toContain('has a link, which fx does not follow: "src/keys"');
    expect(await said('acme/plain')).toContain('cannot be fetched: http://example.com is not https');
    expect(await said('acme/loop')).toContain('redirects more than 5 times');
    expect(await said('acme/text')).toContain('is no archive that can be read');
    expect(await said(`${server}/text.zip`)).toContain('is no zip that can be read');
    expect(await said(`${server}/text.tar`)).toContain('is no zip');
    expect(readdirSync(folder)).toEqual(['theirs']);
  });
});

/** A tar whose entry has this name, whatever it is. */
function tarWith(name: string) {
  const tar = pack();
  tar.entry({ name }, 'evil');
  tar.finalize();
  return tar;
}

describe.skipIf(!hasTerminals)('fx init at a terminal', () => {
  test('asks for all that the command line leaves open', async () => {
    const folder = await folderOf({});
    const terminal = atTerminal(folder, ['init', 'shop']);
    await terminal.saying(/What is its name\?/);
    terminal.type('\u007f'.repeat(4));
    terminal.type('corner-shop\r');
    await terminal.saying(/What calls its function\?/);
    terminal.type('\r');
    await terminal.saying(/In which language\?/);
    terminal.type('\u001b[B\r');
    await terminal.saying(/With which package manager\?/);
    terminal.type('\u001b[B\r');
    await terminal.saying(/Run pnpm install\?/);
    terminal.type('n');
    await terminal.saying(/Make it a Git repository\?/);
    terminal.type('n');
    expect(await terminal.ended).toBe(0);
    expect(terminal.shown()).toContain('Created "corner-shop"');
    expect(existsSync(join(folder, 'shop/src/hello.js'))).toBe(true);
    expect(read(folder, 'shop/README.md')).toContain('pnpm test');
    expect(existsSync(join(folder, 'shop/.git'))).toBe(false);
  });

  test('Ctrl-C leaves nothing written', async () => {
    const folder = await folderOf({});
    const terminal = atTerminal(folder, ['init', 'shop']);
    await terminal.saying(/What is its name\?/);
    terminal.type('\r');
    await terminal.saying(/What calls its function\?/);
    terminal.type('\u0003');
    expect(await terminal.ended).toBe(5);
    expect(terminal.shown()).toContain('[DECLINED]');
    expect(readdirSync(folder)).toEqual([]);
  });
});

describe('fx init function', () => {
  const project =
    '# the shop\nname: shop\nfunctions:\n  # greets\n  hello: {handler: src/hello.handler, events: [http: GET /]}\n\nresources: {}\n';
  const hello = "export const handler = async () => 'hello';\n";

  test('adds it with its events, and its code beside the others', async () => {
    const folder = await folderOf({ 'project.yml': project, 'src/hello.ts': hello });
    const events = ['--event', 'http: GET /orders', '--event', 'sqs: {queue: {make: Orders}}'];
    expect(resultOf(await fx(join(folder, 'src'), ['init', 'function', 'orders', '--json', ...events]))).toEqual({
      function: 'orders',
      file: join(folder, 'project.yml'),
      line: 6,
      files: ['src/orders.ts'],
    });
    expect(read(folder, 'project.yml')).toBe(
      project.replace(
        '\n\nresources',
        '\n  orders:\n    handler: src/orders.handler\n    events:\n      - http: GET /orders\n      - sqs: {queue: {make: Orders}}\n\nresources',
      ),
    );
    expect(read(folder, 'src/orders.ts')).toContain("console.log('orders', JSON.stringify(event))");
    expect((await fx(folder, ['validate'])).stdout).toContain('2 functions');
  });

  test('in another language, with its runtime; with a handler of its own', async () => {
    const start = `${project.replace('\nfunctions', '\ndefaults: {runtime: nodejs22.x}\nfunctions')}`;
    const folder = await folderOf({ 'project.yml': start, 'src/hello.ts': hello });
    expect((await fx(folder, ['init', 'function', 'my-stats', '-l', 'python'])).stdout).toMatch(
      /^Added "my-stats" at project\.yml:7\n {2}src\/my_stats\.py\n/,
    );
    expect(read(folder, 'project.yml')).toContain(
      '  my-stats:\n    handler: src/my_stats.handler\n    runtime: python3.14\n',
    );
    await fx(folder, ['init', 'function', 'mail', '--handler', 'lib/mail.send', '--event', 'rest: POST /mail']);
    expect(read(folder, 'lib/mail.ts')).toContain('export const send = async (event: unknown) =>');
    await fx(folder, ['init', 'function', 'again', '--handler', 'src/hello.handler']);
    expect(read(folder, 'src/hello.ts')).toBe(hello);
    expect((await fx(folder, ['validate'])).stdout).toContain('4 functions');
  });

  test('says what is wrong, and leaves everything as it was', async () => {
    const folder = await folderOf({ 'project.yml': project, 'src/hello.ts': hello });
    const said = async (...words: string[]) => (await fx(folder, ['init', 'function', ...words])).stderr;
    expect(await said('hello')).toContain('there is a function "hello" already, at project.yml:5');
    expect(await said('1st')).toContain('expected a function name');
    expect(await said('a', '--event', 'http: FETCH /')).toContain('expected a route such as "GET /orders/{id}"');
    expect(await said('a', '--event', 'htp: GET /')).toContain('unknown event source "htp"');
    expect(await said('a', '--event', 'http: GET /')).toContain('the route "GET /" is defined twice');
    expect(await said('a', '--event', 'sqs: Nowhere')).toContain('Nowhere');
    expect(await said('a', '--language', 'csharp')).toContain('fx writes no code of a function in csharp');
    expect(await said('a', '--runtime', 'node')).toContain('"node" is no runtime of Lambda');
    expect(read(folder, 'project.yml')).toBe(project);
    expect(readdirSync(folder, { recursive: true }).sort()).toEqual(['project.yml', 'src', 'src/hello.ts']);
  });

  test('a project file that is a program, and a folder without one', async () => {
    const folder = await folderOf({ 'project.mjs': "export default { name: 'shop' };\n" });
    expect((await fx(folder, ['init', 'function', 'a'])).stderr).toContain('project.mjs is no YAML');
    expect((await fx(await folderOf({}), ['init', 'function', 'a'])).stderr).toContain('[PROJECT_NOT_FOUND]');
  });
});
