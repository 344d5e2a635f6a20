// fx logs on the local AWS, by the built command line: whose lines it shows, which, and how.
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { beforeAll, describe, expect, test } from 'vitest';
import { fx, jsonLines, type Run, startFx, stopAfterAll } from '../support/fx.ts';
import { sharedFolder, writeFiles } from '../support/project.ts';

const project = `name: talk
environments: {staging: {}}
defaults: {architecture: x86_64}
functions:
  auth-in: {handler: a.say, logging: {logGroup: /talk/auth}}
  auth-out: {handler: a.say, logging: {logGroup: /talk/auth}}
  json: {handler: a.json, logging: {logFormat: JSON}}
  fails: {handler: a.fails}
  silent: {handler: a.say, logging: false}
`;
const code = `
export const say = async (event) => { console.log('said', event.word); process.stdout.write('aside ' + event.word + '\\n'); };
export const json = async () => { console.warn('low', { stock: 1 }); console.info('fine'); };
export const fails = async (event) => {
  console.log('before');
  if (event.word) console.log('\\u001b[31mred\\u001b[39m ' + event.word);
  if (!event.word) throw new Error('no luck');
};
`;

const folder = sharedFolder();
stopAfterAll(folder);
const run = (...words: string[]): Promise<Run> => fx(folder, words);
const invoke = (name: string, event: object = {}) => run('invoke', name, '-d', JSON.stringify(event));
const logged = async (...words: string[]) =>
  jsonLines(await run('logs', '--json', ...words)).filter(({ type }) => type === 'log') as unknown as readonly {
    readonly functionName: string;
    readonly requestId?: string;
    readonly message: string;
    readonly time: string;
    readonly version: string;
  }[];

beforeAll(async () => {
  await writeFiles(folder, { 'project.yml': project, 'a.mjs': code });
  const deployed = await run('deploy');
  expect(deployed.exitCode, deployed.stderr).toBe(0);
  await Promise.all([invoke('auth-in', { word: 'one' }), invoke('json'), invoke('fails')]);
  await invoke('auth-out', { word: 'two' });
});

describe('which lines', () => {
  test('of a shared group, each line has its function; patterns choose functions', async () => {
    const lines = await logged('auth*', '--grep', '^aside (one|two)');
    expect(lines.map(({ functionName, message }) => [functionName, message.trim()])).toEqual([
      ['auth-in', 'aside one'],
      ['auth-out', 'aside two'],
    ]);
    expect((await logged('auth-out')).every(({ functionName }) => functionName === 'auth-out')).toBe(true);
    const wrong = await run('logs', 'aut');
    expect([wrong.exitCode, wrong.stderr]).toEqual([4, expect.stringContaining('there is no function "aut"')]);
  });

  test('--request has the whole invocation, with the lines that do not name it', async () => {
    const [first] = await logged('auth-in', '--grep', 'said one');
    const lines = await logged('--request', first?.requestId ?? '');
    expect(lines.map(({ message }) => message.split(/[\t ]/)[0]?.trim())).toEqual([
      'START',
      expect.stringMatching(/Z$/),
      'aside',
      'END',
      'REPORT',
    ]);
    expect(new Set(lines.map(({ requestId }) => requestId))).toEqual(new Set([first?.requestId]));
    const [json] = await logged('json', '--grep', 'low');
    expect((await logged('--request', json?.requestId ?? '', '--filter', '{ $.level = "WARN" }')).length).toBe(1);
    const none = await run('logs', '--request', '00000000-0000-0000-0000-000000000000');
    expect(none.stderr).toContain('No lines of the invocation 00000000-0000-0000-0000-000000000000 in that time.');
  });

  test('--errors leaves what went well out', async () => {
    const lines = await logged('--errors');
    expect(new Set(lines.map(({ functionName }) => functionName))).toEqual(new Set(['fails']));
    expect(lines[0]?.message).toContain('"errorMessage":"no luck"');
  });

  test('-n has the newest lines, from the oldest to the newest', async () => {
    const all = await logged();
    const last = await logged('-n', '3');
    expect(last.map(({ time }) => time)).toEqual(all.slice(-3).map(({ time }) => time));
    const errors = await logged('-n', '1', '--errors', '--since', '1h');
    expect(errors.map(({ functionName }) => functionName)).toEqual(['fails']);
  });

  test('--until ends, --release has the lines of its versions', async () => {
    const all = await logged('fails');
    const middle = all[1]?.time ?? '';
    expect((await logged('fails', '--until', middle)).length).toBeLessThan(all.length);
    await writeFile(join(folder, 'a.mjs'), code.replace('before', 'afterwards'));
    expect((await run('deploy')).exitCode).toBe(0);
    await invoke('fails', { word: 'x' });
    const later = await logged('fails', '--release', '2');
    expect(later.some(({ message }) => message.includes('afterwards'))).toBe(true);
    expect(new Set(later.map(({ version }) => version))).toEqual(new Set(['2']));
    const earlier = await logged('fails', '--release', '1');
    expect(new Set(earlier.map(({ version }) => version))).toEqual(new Set(['1']));
    expect((await run('logs', '--release', '9')).stderr).toContain('[RELEASE_NOT_FOUND]');
  });
});

test('a pipe gets a plain line for each event; --format says otherwise', async () => {
  await invoke('fails', { word: 'x' });
  const plain = await run('logs', 'fails', '--grep', 'red|no luck');
  // the run itself asserts that there are no colours
  for (const line of plain.stdout.trimEnd().split('\n')) expect(line).toMatch(/^\d{4}-\d\d-\d\dT[\d:.]+Z fails \S/);
  expect(plain.stdout).toContain('red x');
  const pretty = await run('logs', 'fails', '--format', 'pretty');
  expect(pretty.stdout).toMatch(/^2026-11-26 UTC\n[\d:.]{12} fails\s+/);
  expect(pretty.stdout).toMatch(/ERROR Error: no luck\n {8}at /);
  expect(pretty.stdout).toMatch(/REPORT [\d.]+ ms, billed \d+ ms, \d+\/\d+ MB/);
  expect(pretty.stdout).not.toContain('START RequestId');
  const json = (await run('logs', 'json', '--format', 'json', '--grep', 'low')).stdout;
  expect(JSON.parse(json)).toMatchObject({ functionName: 'json', level: 'warn', message: { level: 'WARN' } });
});

test('-f with -n shows the last lines and then each new one once', async () => {
  await invoke('auth-in', { word: 'old' });
  const following = startFx(folder, ['logs', 'auth*', '-f', '-n', '2']);
  await following.saying(/REPORT RequestId/);
  await Promise.all([invoke('auth-in', { word: 'new' }), invoke('auth-out', { word: 'newer' })]);
  await following.saying(/auth-in aside new\n[\s\S]*REPORT/);
  await following.saying(/auth-out aside newer\n[\s\S]*REPORT/);
  following.interrupt();
  const done = await following.ended;
  expect(done.exitCode).toBe(0);
  expect(done.stdout.match(/aside new\n/g)).toHaveLength(1);
  expect(done.stdout.match(/aside newer\n/g)).toHaveLength(1);
  expect(done.stdout).not.toContain('aside old');
});

test('--live shows what was there, and each new line once', async () => {
  const following = startFx(folder, ['logs', 'auth-in', '--live', '--filter', 'aside']);
  await following.saying(/auth-in aside one\n/);
  await invoke('auth-in', { word: 'alive' });
  await following.saying(/auth-in aside alive\n/);
  following.interrupt();
  const done = await following.ended;
  expect([done.exitCode, done.stdout.match(/aside alive\n/g)?.length]).toEqual([0, 1]);
  // the local AWS costs nothing, and refuses nothing
  expect(done.stderr).not.toContain('Live Tail');
});

describe('--insights', () => {
  test('a query has rows as a table, as objects, and its statistics', async () => {
    const query =
      'filter @type = "REPORT" | stats count(*) > 0 as some by replace(@log, concat("000000000000:"), "") as log | sort log';
    const table = await run('logs', 'auth-in', 'json', '--insights', query);
    expect(table.stdout).toBe('log         some\n/talk/auth  1\n');
    expect(table.stderr).toMatch(/\d+ lines? matched of \d+, \d+ kB scanned\n/);
    const rows = await run('logs', '--insights', 'fields level | filter level = "WARN" | limit 1', '--format', 'json');
    expect(JSON.parse(rows.stdout)).toEqual({ level: 'WARN' });
    const lines = jsonLines(await run('logs', '--json', '--insights', 'filter level = "WARN" | stats count(*) as n'));
    expect(lines.filter(({ type }) => type === 'row')).toEqual([{ type: 'row', n: expect.stringMatching(/^\d+$/) }]);
    expect(lines.at(-1)).toMatchObject({
      type: 'result',
      value: { rows: 1, statistics: { scanned: expect.any(Number) } },
    });
  });

  test('of a group that functions share, it has the lines of the chosen ones', async () => {
    const query = 'filter @message like /^aside (one|two)/ | display @message';
    expect((await run('logs', 'auth-out', '--insights', query)).stdout).toBe('@message\naside two\n');
    expect((await run('logs', 'auth*', '--insights', query)).stdout.split('\n')).toHaveLength(4);
  });

  test('a query can be saved under a name, and is not overwritten', async () => {
    const query = 'stats count(*) as n by level | sort level';
    const saved = await run('logs', 'json', '--insights', query, '--save', 'levels');
    expect(saved.stderr).toContain('Saved as queries/levels.insights: fx logs --insights @levels\n');
    expect((await run('logs', 'json', '--insights', '@levels')).stdout).toBe(saved.stdout);
    const other = await run('logs', '--insights', 'fields a', '--save', 'levels');
    expect([other.exitCode, other.stderr]).toEqual([4, expect.stringContaining('[ALREADY_EXISTS]')]);
    const unknown = await run('logs', '--insights', '@level');
    expect(unknown.stderr).toContain('there is no saved query "level" [USAGE]\n→ did you mean "@levels"?');
  });

  test('what cannot be read is shown where it is', async () => {
    const done = await run('logs', 'auth-in', '--insights', 'fields a | count(*)', '--save', 'wrong');
    expect([done.exitCode, done.stdout]).toEqual([4, '']);
    expect(done.stderr).toContain("cannot read the query: mismatched input 'count'");
    expect(done.stderr).toContain('→ at "count(*)"');
    expect((await run('logs', '--insights', '@wrong')).exitCode).toBe(4);
    expect((await run('logs', '--insights', 'fields a', '-f')).stderr).toContain('--follow is not for --insights');
    expect((await run('logs', '--save', 'a')).stderr).toContain('--save needs the query of --insights');
  });
});

test('what does not go together is refused', async () => {
  for (const [words, said] of [
    [['-f', '--until', '1h'], '--until ends what -f would follow'],
    [['--since', '1h', '--until', '2h'], '--since 1h is not before --until 2h'],
    [['--grep', '('], '--grep "(" is no regular expression'],
    [['--request', 'x'], '--request takes the id of an invocation'],
    [['--request', '00000000-0000', '-n', '3'], 'leave -n out'],
    [['--format', 'xml'], '--format takes pretty, short, json, not "xml"'],
    [['silent'], '"silent" writes no logs: logging is false'],
    [['-n', '0'], '-n takes a number from 1'],
  ] as const) {
    const done = await run('logs', ...words);
    expect([done.exitCode, done.stderr]).toEqual([4, expect.stringContaining(said)]);
  }
});
