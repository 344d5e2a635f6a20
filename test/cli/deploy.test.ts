// The main workflow on the local environment. Read-only tests share one deployed shop; each test that changes a shop makes its own.
import { cp, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { beforeAll, describe, expect, test } from 'vitest';
import { fx, jsonLines, type Run, resultOf, startFx, stopAfter, stopAfterAll } from '../support/fx.ts';
import { folderOf, sharedFolder, writeFiles } from '../support/project.ts';

interface Shop {
  readonly folder: string;
  run(...words: string[]): Promise<Run>;
  /** Runs with --json: every line is an object, and the last one is the result. */
  json(...words: string[]): Promise<unknown>;
  edit(from: string, to: string): Promise<void>;
}

function shopIn(folder: string): Shop {
  const source = join(folder, 'src/hello.ts');
  const run = (...words: string[]) => fx(folder, words);
  return {
    folder,
    run,
    async json(...words) {
      const done = await run(...words, '--json');
      expect([done.exitCode, done.stderr]).toEqual([0, '']);
      expect(jsonLines(done).filter(({ type }) => type === 'result')).toHaveLength(1);
      return resultOf(done);
    },
    async edit(from, to) {
      const text = await readFile(source, 'utf8');
      expect(text).toContain(from);
      await writeFile(source, text.replace(from, to));
    },
  };
}

const top = sharedFolder();
const shared = shopIn(join(top, 'shop'));
// afterAll hooks run in reverse order: the server stops before its folder is deleted
stopAfterAll(shared.folder);
let sharedUrl = '';
let initialized: Run;
beforeAll(async () => {
  initialized = await fx(top, ['init', 'shop']);
  sharedUrl = await deploy(shared);
});

/** Deploys, and returns the address of the API. */
async function deploy(shop: Shop): Promise<string> {
  const done = await shop.run('deploy');
  expect(done.exitCode, done.stderr).toBe(0);
  return /HttpApiUrl\s+(\S+)/.exec(done.stdout)?.[1] ?? '';
}

/** A shop from `fx init`, with its own local AWS. */
async function newShop(): Promise<Shop> {
  const folder = join(await folderOf({}), 'shop');
  await cp(shared.folder, folder, { recursive: true, filter: (path) => !path.includes('.fx') });
  stopAfter(folder);
  return shopIn(folder);
}

/** A shop with that many releases, which answer "Hello 1, …", "Hello 2, …". */
async function shopWithReleases(count: number): Promise<Shop & { readonly url: string }> {
  const shop = await newShop();
  let url = '';
  for (let release = 1; release <= count; release++) {
    await shop.edit(release === 1 ? '}, ' : `} ${release - 1}, `, `} ${release}, `);
    url = await deploy(shop);
  }
  return { ...shop, url };
}

async function answer(url: string, path: string): Promise<unknown> {
  return (await fetch(url + path)).json();
}

const event = (name: string) => JSON.stringify({ pathParameters: { name } });

describe('the first deploy', () => {
  test('fx init creates a project and prints the next steps', () => {
    expect([initialized.exitCode, initialized.stderr]).toEqual([0, '']);
    expect(initialized.stdout).toBe(
      'Created "shop":\n  .fx/project.schema.json\n  .github/workflows/deploy.yml\n  .gitignore\n  README.md\n  package.json\n  project.yml\n  src/hello.ts\n  test/hello.test.ts\n  tsconfig.json\n  vitest.config.ts\n\nNext:\n  cd shop\n  npm install\n  fx deploy\n  fx logs -f\n',
    );
  });

  test('before it, info, invoke and logs report that nothing is deployed, releases are empty, plan adds everything', async () => {
    const { run } = await newShop();
    const info = await run('info');
    expect([info.exitCode, info.stdout]).toEqual([3, '']);
    expect(info.stderr).toContain('error "local" is not deployed [NOT_DEPLOYED]\n→ fx deploy\n');
    expect((await run('invoke', 'hello')).stderr).toContain('[NOT_DEPLOYED]');
    expect((await run('rollback')).stderr).toContain('[NOT_DEPLOYED]');
    expect(await run('releases')).toMatchObject({ exitCode: 0, stdout: '"local" has no releases.\n' });
    expect((await run('logs')).stderr).toContain('[NOT_DEPLOYED]');
    const plan = await run('plan', '--exit-code');
    expect([plan.exitCode, plan.stdout]).toEqual([
      2,
      expect.stringContaining('  + HelloFunction  AWS::Lambda::Function'),
    ]);
  });

  test('prints each step on standard error, and the result on standard output', async () => {
    const { run } = await newShop();
    const done = await run('deploy');
    expect(done.exitCode, done.stderr).toBe(0);
    expect(done.stdout).toMatch(
      /^Release 1 is live\.\n {2}HttpApiUrl {8}http:\/\/127\.0\.0\.1:\d+\n {2}HelloFunctionArn /,
    );
    expect(done.stderr).toMatch(
      /^Starting the local AWS\nshop · local · account 000000000000 · us-east-1 at http:\/\/127\.0\.0\.1:\d+\n/,
    );
    for (const line of ['Building\n', '  built hello, ', '  uploaded hello, ', 'Creating the stack\n', '  11/11 ']) {
      expect(done.stderr).toContain(line);
    }
  });

  test('the function answers over HTTP', async () => {
    expect(await answer(sharedUrl, '/hello/fx')).toEqual({ message: 'Hello, fx!' });
    expect(await answer(sharedUrl, '/')).toEqual({ message: 'Hello, world!' });
  });
});

describe('fx invoke', () => {
  const { folder, run, json } = shared;

  test('takes the event from --data, standard input or a file, and prints the response', async () => {
    const answered = await run('invoke', 'hello', '--data', event('data'));
    expect([answered.exitCode, answered.stdout]).toEqual([0, '{\n  "message": "Hello, data!"\n}\n']);
    const piped = await fx(folder, ['invoke', 'hello'], { input: event('pipe') });
    expect(JSON.parse(piped.stdout)).toEqual({ message: 'Hello, pipe!' });
    await writeFile(join(folder, 'event.json'), event('file'));
    expect(JSON.parse((await run('invoke', 'hello', '--file', 'event.json')).stdout)).toEqual({
      message: 'Hello, file!',
    });
  });

  test('--logs shows the end of the log beside the response, not in it', async () => {
    const done = await run('invoke', 'hello', '--data', event('log'), '--logs');
    expect(JSON.parse(done.stdout)).toEqual({ message: 'Hello, log!' });
    expect(done.stderr).toMatch(/START RequestId: [\s\S]*greeting log\n[\s\S]*REPORT RequestId: /);
  });

  test('--async does not wait, and --dry-run does not call', async () => {
    expect(await run('invoke', 'hello', '--async', '--data', event('async'))).toMatchObject({
      exitCode: 0,
      stdout: 'Accepted.\n',
    });
    expect(await run('invoke', 'hello', '--dry-run', '--data', event('dry'))).toMatchObject({
      exitCode: 0,
      stdout: 'The call would be allowed.\n',
    });
  });

  test('with --json the response is data', async () => {
    expect(await json('invoke', 'hello', '--data', event('json'))).toMatchObject({
      status: 200,
      executedVersion: '1',
      payload: { message: 'Hello, json!' },
    });
  });

  test('an unknown function is reported with the known ones', async () => {
    const done = await run('invoke', 'helo');
    expect([done.exitCode, done.stderr]).toEqual([
      4,
      expect.stringMatching(/there is no function "helo" \[USAGE\]\n→ did you mean "hello"\?/),
    ]);
  });
});

describe('fx logs', () => {
  const { folder, run } = shared;
  /** Calls the function, which logs a greeting with each name. */
  async function greet(...names: string[]): Promise<void> {
    for (const name of names) await answer(sharedUrl, `/hello/${name}`);
  }

  test("shows the functions' log events in order of time, each line with its time and function", async () => {
    await greet('anna', 'bert');
    await run('invoke', 'hello', '--dry-run', '--data', event('nobody'));
    const done = await run('logs', 'hello');
    expect(done.exitCode).toBe(0);
    const lines = done.stdout.trimEnd().split('\n');
    expect(lines.every((line) => /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z hello \S/.test(line))).toBe(true);
    const times = lines.map((line) => line.slice(0, 24));
    expect(times).toEqual([...times].sort());
    for (const name of ['anna', 'bert']) expect(done.stdout).toContain(`greeting ${name}\n`);
    expect(done.stdout).not.toContain('greeting nobody\n');
  });

  test('--filter and --since leave out the rest', async () => {
    await greet('carl', 'dora');
    const done = await run('logs', '--filter', '"greeting carl"');
    expect(done.stdout.trimEnd().split('\n')).toEqual([expect.stringContaining('greeting carl')]);
    const none = await run('logs', '--since', '9999-01-01');
    expect(none).toMatchObject({ exitCode: 0, stdout: '' });
    expect(none.stderr).toContain('No lines in that time.\n');
  });

  test('--json prints one object per line', async () => {
    await greet('emil');
    const done = await run('logs', '--json', '--filter', '"greeting emil"');
    const lines = jsonLines(done).filter(({ type }) => type === 'log');
    expect(lines).toEqual([
      {
        type: 'log',
        functionName: 'hello',
        version: '1',
        time: expect.stringMatching(/Z$/),
        stream: expect.stringContaining('[1]'),
        requestId: expect.stringMatching(/^[0-9a-f-]{36}$/),
        level: 'info',
        message: expect.stringContaining('greeting emil'),
      },
    ]);
  });

  test('-f shows each new line once, until it is interrupted', async () => {
    await greet('frida');
    const following = startFx(folder, ['logs', '-f', '--filter', 'greeting']);
    await following.saying(/greeting frida/);
    await greet('gustav');
    await following.saying(/greeting gustav/);
    following.interrupt();
    const done = await following.ended;
    expect(done.exitCode).toBe(0);
    expect(done.stdout.match(/greeting gustav/g)).toHaveLength(1);
    expect(done.stdout.match(/greeting frida/g)).toHaveLength(1);
  });
});

describe('a change', () => {
  test('without one, plan reports that and exits 0, and deploy creates no release', async () => {
    const { run, json } = shared;
    const plan = await run('plan', '--exit-code');
    expect([plan.exitCode, plan.stdout]).toEqual([0, 'Nothing to change.\n11 resources of 500 (hello 9)\n']);
    const done = await run('deploy');
    expect([done.exitCode, done.stdout]).toEqual([
      0,
      expect.stringMatching(/^Nothing to change; release 1 is live\.\n {2}HttpApiUrl /),
    ]);
    expect(await json('deploy')).toEqual({ changed: false, release: 1, outputs: expect.anything() });
  });

  test('of code shows the function, a new version and the alias, and is live after a deploy', async () => {
    const shop = await newShop();
    const { run, json, edit } = shop;
    const url = await deploy(shop);
    await edit('}, ${name}!', '} again, ${name}!');
    const plan = await run('plan', '--exit-code');
    expect(plan.exitCode).toBe(2);
    const rows = plan.stdout.split('\n').filter((line) => line.startsWith('  '));
    expect(rows.map((row) => row.replace(/ +project\.yml:\d+:\d+$/, ''))).toEqual([
      expect.stringMatching(/^ {2}~ code {2}\d+\.?\d* K?B → \d+\.?\d* K?B$/),
      expect.stringMatching(/^ {6}~ src\/hello\.mjs {2}/),
      expect.stringMatching(/^ {6}~ src\/hello\.mjs\.map {2}/),
      '  ~ HelloFunction  AWS::Lambda::Function',
      expect.stringMatching(/^ {2}\+ HelloVersion[0-9a-f]{12} {2}AWS::Lambda::Version$/),
      '  ~ HelloAlias  AWS::Lambda::Alias',
      expect.stringMatching(/^ {6}FunctionVersion {2}\$\{HelloVersion/),
      expect.stringMatching(/^ {2}- HelloVersion[0-9a-f]{12} {2}AWS::Lambda::Version {2}the old one is retained$/),
    ]);
    expect(await answer(url, '/hello/fx')).toEqual({ message: 'Hello, fx!' });
    const done = await run('deploy');
    expect(done.exitCode, done.stderr).toBe(0);
    expect(done.stdout).toContain('Release 2 is live.\n');
    expect(done.stdout).toContain(url);
    expect(await answer(url, '/hello/fx')).toEqual({ message: 'Hello again, fx!' });
    expect(await json('info')).toMatchObject({
      project: 'shop',
      environment: 'local',
      account: '000000000000',
      stackName: 'shop-local',
      status: 'UPDATE_COMPLETE',
      release: 2,
      outputs: { HttpApiUrl: url },
      functions: [{ name: 'hello', version: '2', events: ['GET /', 'GET /hello/{name}'] }],
    });
    expect((await run('info')).stdout).toContain(
      '  hello  shop-local-hello  live@2  nodejs24.x  256 MB  10s\n    GET /\n',
    );
  });
});

describe('a function that fails', () => {
  test('exits 3 and names the line of the TypeScript', async () => {
    const shop = await newShop();
    const { run, edit } = shop;
    await edit("console.log('greeting', name);", "if (name === 'nobody') throw new TypeError(`no ${name}`);");
    const source = await readFile(join(shop.folder, 'src', 'hello.ts'), 'utf8');
    const line = source.split('\n').findIndex((text) => text.includes('new TypeError')) + 1;
    await deploy(shop);
    const done = await run('invoke', 'hello', '--data', '{"pathParameters": {"name": "nobody"}}');
    expect([done.exitCode, done.stdout]).toEqual([3, '']);
    expect(done.stderr).toContain('error "hello" failed: TypeError: no nobody [FUNCTION_FAILED]\n');
    expect(done.stderr).toMatch(new RegExp(`→ at .*src/hello\\.ts:${line}:32\\b`));
    expect(done.stderr).not.toContain('bug in fx');
    const asData = await run('invoke', 'hello', '--json', '--data', '{"pathParameters": {"name": "nobody"}}');
    expect(asData.exitCode).toBe(3);
    expect(jsonLines(asData).at(-1)).toMatchObject({ type: 'error', code: 'FUNCTION_FAILED', exitCode: 3 });
  });
});

describe('fx rollback', () => {
  test('restores the previous release, over HTTP too', async () => {
    const { run, url } = await shopWithReleases(2);
    const done = await run('rollback');
    expect(done.exitCode, done.stderr).toBe(0);
    expect(done.stdout).toMatch(/^Release 3 is live: release 1 is back\.\n {2}HttpApiUrl /);
    expect(done.stderr).toContain('  hello answers with version 1\n');
    expect(await answer(url, '/hello/fx')).toEqual({ message: 'Hello 1, fx!' });
  });

  test('twice goes back twice, and then reports that there is no earlier release', async () => {
    const { run, json, url } = await shopWithReleases(3);
    expect(await json('rollback')).toMatchObject({ release: 4, target: 2 });
    expect(await json('rollback')).toMatchObject({ release: 5, target: 1 });
    expect(await answer(url, '/hello/fx')).toEqual({ message: 'Hello 1, fx!' });
    const done = await run('rollback');
    expect([done.exitCode, done.stderr]).toEqual([
      3,
      expect.stringMatching(/there is no release of "local" before the live one \[RELEASE_NOT_FOUND\]\n→ fx releases/),
    ]);
  });

  test('takes a number, and rejects one that does not exist; changes nothing if the release is live', async () => {
    const { run, url } = await shopWithReleases(2);
    expect((await run('rollback', '1')).stdout).toContain('Release 3 is live: release 1 is back.\n');
    expect((await run('rollback', '2')).stdout).toContain('Release 4 is live: release 2 is back.\n');
    const absent = await run('rollback', '70');
    expect([absent.exitCode, absent.stderr]).toEqual([
      3,
      expect.stringContaining('there is no release 70 of "local" [RELEASE_NOT_FOUND]\n→ fx releases lists them'),
    ]);
    expect(await answer(url, '/hello/fx')).toEqual({ message: 'Hello 2, fx!' });
    const done = await run('rollback', '4');
    expect([done.exitCode, done.stdout]).toEqual([
      0,
      expect.stringMatching(/^Nothing to change; release 4 is live\.\n/),
    ]);
  });

  test('the stack agrees: the next deploy applies the difference to the source, and the one after nothing', async () => {
    const { run } = await shopWithReleases(2);
    expect((await run('rollback')).exitCode).toBe(0);
    expect((await run('deploy')).stdout).toContain('Release 4 is live.');
    expect((await run('deploy')).stdout).toContain('Nothing to change; release 4 is live.');
  });

  test('fx releases marks the live one and shows which release each rollback restored', async () => {
    const { run, json } = await shopWithReleases(2);
    for (const number of ['1', '2']) expect((await run('rollback', number)).exitCode).toBe(0);
    const done = await run('releases');
    const rows = done.stdout.trimEnd().split('\n');
    expect(rows).toHaveLength(4);
    expect(rows[0]).toMatch(/^ {3}4 {2}LIVE {8}\d{4}-\d\d-\d\d \d\d:\d\d:\d\d {2}- +local rollback to 2 {2}hello@\d+$/);
    expect(rows.slice(1).every((row) => !row.includes('LIVE'))).toBe(true);
    expect(rows.map((row) => /rollback to \d+/.exec(row)?.[0])).toEqual([
      'rollback to 2',
      'rollback to 1',
      undefined,
      undefined,
    ]);
    expect(((await json('releases', '-n', '2')) as unknown[]).length).toBe(2);
  });
});

describe('fx remove', () => {
  test('asks before it deletes data, even if the source no longer has the resource', async () => {
    const { folder, run } = await newShop();
    const project = join(folder, 'project.yml');
    const text = await readFile(project, 'utf8');
    await writeFile(project, `${text}\nresources: {Kept: {Type: "AWS::S3::Bucket"}}\n`);
    expect((await run('deploy')).exitCode).toBe(0);
    await writeFile(project, text);
    const asked = await run('remove');
    expect([asked.exitCode, asked.stderr]).toEqual([
      5,
      expect.stringMatching(/removing "local" needs confirmation \[DECLINED\]\n→ .*--yes/),
    ]);
  });

  test('removes the environment; a second run succeeds, and the project can be deployed again', async () => {
    const { run, json, url } = await shopWithReleases(2);
    expect(await run('remove')).toMatchObject({ exitCode: 0, stdout: '"local" is removed.\n' });
    await expect(fetch(`${url}/`)).rejects.toThrow();
    expect(await json('releases')).toEqual([]);
    expect(await run('remove')).toMatchObject({
      exitCode: 0,
      stdout: '"local" is not deployed; nothing was removed.\n',
    });
    const done = (await json('deploy')) as { release: number; outputs: { HttpApiUrl: string } };
    expect(done.release).toBe(1);
    expect(await answer(done.outputs.HttpApiUrl, '/hello/fx')).toEqual({ message: 'Hello 2, fx!' });
  });
});

test('an afterDeploy hook runs after a release, with its number and outputs, and not after a deploy without changes', async () => {
  const folder = await folderOf({
    'project.yml': `name: after
hooks: {deploy: 'echo before', afterDeploy: 'echo release $FX_RELEASE $FX_OUTPUTS'}
functions: {a: {handler: a.handler}}
`,
    'a.js': 'export const handler = async () => 1;',
  });
  stopAfter(folder);
  const first = await fx(folder, ['deploy']);
  expect([first.exitCode, first.stderr]).toEqual([
    0,
    expect.stringMatching(/after deploy: before\n[\s\S]*after afterDeploy: release 1 \{"AFunctionArn":"arn:/),
  ]);
  expect((await fx(folder, ['deploy'])).stderr).not.toContain('afterDeploy');
  await writeFiles(folder, {
    'a.js': 'export const handler = async () => 2;',
    'project.yml': 'name: after\nhooks: {afterDeploy: exit 3}\nfunctions: {a: {handler: a.handler}}\n',
  });
  const failed = await fx(folder, ['deploy']);
  expect([failed.exitCode, failed.stderr]).toEqual([
    4,
    expect.stringContaining('the afterDeploy hook of the project ended with 3'),
  ]);
  expect((await fx(folder, ['releases'])).stdout).toMatch(/^ {3}2 {2}LIVE /);
});
