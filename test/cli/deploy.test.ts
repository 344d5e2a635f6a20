// The main job on the local environment, told in order: each test goes on from where the one before left the project.
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { fx, jsonLines, type Run, resultOf, startFx, stopAfterAll } from '../support/fx.ts';
import { sharedFolder } from '../support/project.ts';

const top = sharedFolder();
const shop = join(top, 'shop');
// afterAll hooks run last first: the server is stopped before its folder goes
stopAfterAll(shop);

const source = join(shop, 'src/hello.ts');
const run = (...words: string[]): Promise<Run> => fx(shop, words);
let url = '';

async function answer(path: string): Promise<unknown> {
  return (await fetch(url + path)).json();
}

async function edit(from: string, to: string): Promise<void> {
  const text = await readFile(source, 'utf8');
  expect(text).toContain(from);
  await writeFile(source, text.replace(from, to));
}

/** Runs with --json, where every line is an object and the last one is the result. */
async function json(...words: string[]): Promise<unknown> {
  const done = await run(...words, '--json');
  expect([done.exitCode, done.stderr]).toEqual([0, '']);
  expect(jsonLines(done).filter(({ type }) => type === 'result')).toHaveLength(1);
  return resultOf(done);
}

describe('the first deploy', () => {
  test('fx init makes a project and says what to do next', async () => {
    const done = await fx(top, ['init', 'shop']);
    expect([done.exitCode, done.stderr]).toEqual([0, '']);
    expect(done.stdout).toBe(
      'Made "shop":\n  .fx/project.schema.json\n  .gitignore\n  package.json\n  project.yml\n  src/hello.ts\n  tsconfig.json\n\nNext:\n  cd shop\n  fx deploy\n  fx logs -f\n',
    );
  });

  test('before it, nothing is deployed: info and invoke say so, releases and logs are empty, plan adds all', async () => {
    const info = await run('info');
    expect([info.exitCode, info.stdout]).toEqual([3, '']);
    expect(info.stderr).toContain('error "local" is not deployed [NOT_DEPLOYED]\n→ fx deploy\n');
    expect((await run('invoke', 'hello')).stderr).toContain('[NOT_DEPLOYED]');
    expect((await run('rollback')).stderr).toContain('[NOT_DEPLOYED]');
    expect(await run('releases')).toMatchObject({ exitCode: 0, stdout: '"local" has no releases.\n' });
    expect(await run('logs')).toMatchObject({ exitCode: 0, stdout: '' });
    const plan = await run('plan', '--exit-code');
    expect([plan.exitCode, plan.stdout]).toEqual([
      2,
      expect.stringContaining('  + HelloFunction  AWS::Lambda::Function'),
    ]);
  });

  test('tells each step on standard error, and the result on standard output', async () => {
    const done = await run('deploy');
    expect(done.exitCode, done.stderr).toBe(0);
    expect(done.stdout).toMatch(
      /^Release 1 is live\.\n {2}HttpApiUrl {8}http:\/\/127\.0\.0\.1:\d+\n {2}HelloFunctionArn /,
    );
    expect(done.stderr).toMatch(/^shop · local · account 000000000000 · us-east-1 at http:\/\/127\.0\.0\.1:\d+\n/);
    // plan has built it before
    for (const line of [
      'Building\n',
      '  unchanged hello, ',
      '  uploaded hello, ',
      'Creating the stack\n',
      '  11/11 ',
    ]) {
      expect(done.stderr).toContain(line);
    }
    url = /HttpApiUrl\s+(\S+)/.exec(done.stdout)?.[1] ?? '';
  });

  test('the function answers over HTTP', async () => {
    expect(await answer('/hello/fx')).toEqual({ message: 'Hello, fx!' });
    expect(await answer('/')).toEqual({ message: 'Hello, world!' });
  });
});

describe('fx invoke', () => {
  const event = (name: string) => JSON.stringify({ pathParameters: { name } });

  test('takes the event from --data, standard input or a file, and prints the answer', async () => {
    const given = await run('invoke', 'hello', '--data', event('data'));
    expect([given.exitCode, given.stdout]).toEqual([0, '{\n  "message": "Hello, data!"\n}\n']);
    const piped = await fx(shop, ['invoke', 'hello'], { input: event('pipe') });
    expect(JSON.parse(piped.stdout)).toEqual({ message: 'Hello, pipe!' });
    await writeFile(join(shop, 'event.json'), event('file'));
    expect(JSON.parse((await run('invoke', 'hello', '--file', 'event.json')).stdout)).toEqual({
      message: 'Hello, file!',
    });
  });

  test('--logs shows the end of the log beside the answer, not in it', async () => {
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

  test('with --json the answer is data', async () => {
    expect(await json('invoke', 'hello', '--data', event('json'))).toMatchObject({
      status: 200,
      executedVersion: '1',
      payload: { message: 'Hello, json!' },
    });
  });

  test('an unknown function is named with the known ones', async () => {
    const done = await run('invoke', 'helo');
    expect([done.exitCode, done.stderr]).toEqual([
      4,
      expect.stringMatching(/there is no function "helo" \[USAGE\]\n→ did you mean "hello"\?/),
    ]);
  });
});

describe('fx logs', () => {
  test('shows what functions wrote, in the order of time, each line with its time and function', async () => {
    const done = await run('logs', 'hello');
    expect(done.exitCode).toBe(0);
    const lines = done.stdout.trimEnd().split('\n');
    expect(lines.every((line) => /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z hello \S/.test(line))).toBe(true);
    const times = lines.map((line) => line.slice(0, 24));
    expect(times).toEqual([...times].sort());
    for (const name of ['fx', 'data', 'pipe', 'file']) expect(done.stdout).toContain(`greeting ${name}\n`);
    expect(done.stdout).not.toContain('greeting dry\n');
  });

  test('--filter and --since leave out the rest', async () => {
    const done = await run('logs', '--filter', '"greeting pipe"');
    expect(done.stdout.trimEnd().split('\n')).toEqual([expect.stringContaining('greeting pipe')]);
    const none = await run('logs', '--since', new Date(Date.now() + 60_000).toISOString());
    expect(none).toMatchObject({ exitCode: 0, stdout: '' });
    expect(none.stderr).toContain('No lines in that time.\n');
  });

  test('--json gives one object a line', async () => {
    const done = await run('logs', '--json', '--filter', '"greeting file"');
    const lines = jsonLines(done).filter(({ type }) => type === 'log');
    expect(lines).toEqual([
      {
        type: 'log',
        functionName: 'hello',
        time: expect.stringMatching(/Z$/),
        stream: expect.stringContaining('[1]'),
        message: expect.stringContaining('greeting file'),
      },
    ]);
  });

  test('-f shows what is written while it watches, once each, until it is interrupted', async () => {
    const following = startFx(shop, ['logs', '-f', '--filter', 'greeting']);
    await following.saying(/greeting fx/);
    await answer('/hello/watched');
    await following.saying(/greeting watched/);
    following.interrupt();
    const done = await following.ended;
    expect(done.exitCode).toBe(0);
    expect(done.stdout.match(/greeting watched/g)).toHaveLength(1);
    expect(done.stdout.match(/greeting data/g)).toHaveLength(1);
  });
});

describe('a change', () => {
  test('with none, plan says so and exits 0, and deploy makes no release', async () => {
    const plan = await run('plan', '--exit-code');
    expect([plan.exitCode, plan.stdout]).toEqual([0, 'Nothing to change.\n11 resources of 500 (hello 9)\n']);
    const done = await run('deploy');
    expect([done.exitCode, done.stdout]).toEqual([
      0,
      expect.stringMatching(/^Nothing to change; release 1 is live\.\n {2}HttpApiUrl /),
    ]);
    expect(await json('deploy')).toEqual({ changed: false, release: 1, outputs: expect.anything() });
  });

  test('of code shows as the function, a new version and the alias, and nothing else', async () => {
    await edit('}, ${name}!', '} again, ${name}!');
    const plan = await run('plan', '--exit-code');
    expect(plan.exitCode).toBe(2);
    const rows = plan.stdout.split('\n').filter((line) => line.startsWith('  '));
    expect(rows).toEqual([
      '  ~ HelloFunction  AWS::Lambda::Function  Code.S3Key',
      expect.stringMatching(/^ {2}\+ HelloVersion[0-9a-f]{12} {2}AWS::Lambda::Version$/),
      '  ~ HelloAlias  AWS::Lambda::Alias  FunctionVersion',
      expect.stringMatching(/^ {2}- HelloVersion[0-9a-f]{12} {2}AWS::Lambda::Version {2}the old one is retained$/),
    ]);
    expect(await answer('/hello/fx')).toEqual({ message: 'Hello, fx!' });
  });

  test('is live after a deploy, under the same address', async () => {
    const done = await run('deploy');
    expect(done.exitCode, done.stderr).toBe(0);
    expect(done.stdout).toContain('Release 2 is live.\n');
    expect(done.stdout).toContain(url);
    expect(await answer('/hello/fx')).toEqual({ message: 'Hello again, fx!' });
  });

  test('fx info shows what is live', async () => {
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
    await edit("console.log('greeting', name);", "if (name === 'nobody') throw new TypeError(`no ${name}`);");
    expect((await run('deploy')).stdout).toContain('Release 3 is live.');
    const done = await run('invoke', 'hello', '--data', '{"pathParameters": {"name": "nobody"}}');
    expect([done.exitCode, done.stdout]).toEqual([3, '']);
    expect(done.stderr).toContain('error "hello" failed: TypeError: no nobody [FUNCTION_FAILED]\n');
    expect(done.stderr).toMatch(/→ at .*src\/hello\.ts:7:32\b/);
    expect(done.stderr).not.toContain('bug in fx');
    const asData = await run('invoke', 'hello', '--json', '--data', '{"pathParameters": {"name": "nobody"}}');
    expect(asData.exitCode).toBe(3);
    expect(jsonLines(asData).at(-1)).toMatchObject({ type: 'error', code: 'FUNCTION_FAILED', exitCode: 3 });
  });
});

describe('fx rollback', () => {
  test('brings the release before back, over HTTP too', async () => {
    const done = await run('rollback');
    expect(done.exitCode, done.stderr).toBe(0);
    expect(done.stdout).toMatch(/^Release 4 is live: release 2 is back\.\n {2}HttpApiUrl /);
    expect(done.stderr).toContain('  hello answers with version 2 again\n');
    expect(await answer('/hello/fx')).toEqual({ message: 'Hello again, fx!' });
  });

  test('twice goes back twice, and then says that nothing is before', async () => {
    expect(await json('rollback')).toMatchObject({ release: 5, target: 1 });
    expect(await answer('/hello/fx')).toEqual({ message: 'Hello, fx!' });
    const done = await run('rollback');
    expect([done.exitCode, done.stderr]).toEqual([
      3,
      expect.stringMatching(/there is no release of "local" before the live one \[RELEASE_NOT_FOUND\]\n→ fx releases/),
    ]);
  });

  test('takes a number, and refuses one that is not there', async () => {
    expect((await run('rollback', '3')).stdout).toContain('Release 6 is live: release 3 is back.\n');
    expect((await run('rollback', '1')).stdout).toContain('Release 7 is live: release 1 is back.\n');
    const absent = await run('rollback', '70');
    expect([absent.exitCode, absent.stderr]).toEqual([
      3,
      expect.stringContaining('there is no release 70 of "local" [RELEASE_NOT_FOUND]\n→ fx releases lists them'),
    ]);
    expect(await answer('/hello/fx')).toEqual({ message: 'Hello, fx!' });
  });

  test('to what is live already changes nothing', async () => {
    const done = await run('rollback', '7');
    expect([done.exitCode, done.stdout]).toEqual([
      0,
      expect.stringMatching(/^Nothing to change; release 7 is live\.\n/),
    ]);
  });

  test('the stack agrees: what is deployed next is the difference to the source, and then nothing', async () => {
    expect((await run('deploy')).stdout).toContain('Release 8 is live.');
    expect((await run('deploy')).stdout).toContain('Nothing to change; release 8 is live.');
  });

  test('fx releases marks the live one and says what each brought back', async () => {
    const done = await run('releases');
    const rows = done.stdout.trimEnd().split('\n');
    expect(rows).toHaveLength(8);
    expect(rows[0]).toMatch(/^ {3}8 {2}LIVE {8}\d{4}-\d\d-\d\d \d\d:\d\d:\d\d {2}- +local {2}hello@\d+$/);
    expect(rows.slice(1).every((row) => !row.includes('LIVE'))).toBe(true);
    expect(rows.map((row) => /rollback to \d+/.exec(row)?.[0])).toEqual([
      undefined,
      'rollback to 1',
      'rollback to 3',
      'rollback to 1',
      'rollback to 2',
      undefined,
      undefined,
      undefined,
    ]);
    expect(((await json('releases', '-n', '2')) as unknown[]).length).toBe(2);
  });
});

describe('fx remove', () => {
  test('asks where data would be lost, though the source no longer tells of it', async () => {
    const project = join(shop, 'project.yml');
    const text = await readFile(project, 'utf8');
    await writeFile(project, `${text}\nresources: {Kept: {Type: "AWS::S3::Bucket"}}\n`);
    expect((await run('deploy')).exitCode).toBe(0);
    await writeFile(project, text);
    const asked = await run('remove');
    expect([asked.exitCode, asked.stderr]).toEqual([
      5,
      expect.stringMatching(/removing "local" needs a yes \[DECLINED\]\n→ .*--yes/),
    ]);
    expect((await run('deploy')).exitCode).toBe(0);
  });

  test('takes the environment away; once gone, again is no error', async () => {
    expect(await run('remove')).toMatchObject({ exitCode: 0, stdout: '"local" is removed.\n' });
    await expect(fetch(`${url}/`)).rejects.toThrow();
    expect(await json('releases')).toEqual([]);
    expect(await run('remove')).toMatchObject({
      exitCode: 0,
      stdout: '"local" is not deployed; nothing was removed.\n',
    });
  });

  test('and all of it can be deployed again', async () => {
    const done = (await json('deploy')) as { release: number; outputs: { HttpApiUrl: string } };
    expect(done.release).toBe(1);
    url = done.outputs.HttpApiUrl;
    expect(await answer('/hello/fx')).toEqual({ message: 'Hello again, fx!' });
  });
});
