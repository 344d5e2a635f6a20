// fx's help, and the local AWS as a command.
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { type CommandTable, command, commandRows, flagsText } from '../../src/cli/command.ts';
import { commands } from '../../src/cli/commands/index.ts';
import type { Io } from '../../src/cli/io.ts';
import { main } from '../../src/cli/main.ts';
import { commandIn, idleIo } from '../support/command-line.ts';
import { fx, resultOf, stopAfter } from '../support/fx.ts';
import { folderOf } from '../support/project.ts';

const rows = commandRows(commands);

const parsed = (line: string) => commandIn(line.slice(line.indexOf('fx ')));

describe('the help', () => {
  test('of fx lists every command with its summary, and shows an example', async () => {
    const { exitCode, stdout, stderr } = await fx(await folderOf({}), ['--help']);
    expect([exitCode, stderr]).toEqual([0, '']);
    for (const [name, { summary, ...row }] of Object.entries(commands)) {
      if ('hidden' in row) continue;
      expect(stdout).toMatch(new RegExp(`^ {2}${name}\\b`, 'm'));
      expect(stdout.replace(/\s+/g, ' ')).toContain(summary);
    }
    expect(stdout).toContain('Example:\n  fx init shop && cd shop && fx deploy\n');
    expect(await fx(await folderOf({}), [])).toMatchObject({ exitCode: 0, stdout });
    expect(await fx(await folderOf({}), ['help'])).toMatchObject({ exitCode: 0, stdout });
  });

  test.each(rows)('of fx %s shows summary, options and examples', async (name, { summary, load }) => {
    let stdout = '';
    const out = (text: string) => {
      stdout += text;
    };
    // in this process: the built command line has shown that of `fx invoke` below
    const process = { io: { ...idleIo, out }, version: '0', signal: new AbortController().signal };
    expect(await main([...name.split(' '), '--help'], process)).toBe(0);
    expect(stdout.startsWith(`Usage: fx ${name} `)).toBe(true);
    expect(stdout.replace(/\s+/g, ' ')).toContain(summary);
    const { args, options, examples, needs } = await load();
    const ofEnvironment = [
      '-e, --env <name>',
      '-c, --config <file>',
      '--profile <name>',
      '--region <name>',
      '--param <name=value>',
    ];
    const ofProject = ['--set <NAME=value>', '--set-file <file>'];
    const common = [
      ...(needs === 'folder' ? [] : ofEnvironment),
      ...(needs === 'project' ? ofProject : []),
      '-C, --directory <dir>',
      '--json',
    ];
    const declared = Object.entries(options).map(([option, row]) => flagsText(option, row));
    for (const flags of [...declared, ...common]) expect(stdout).toContain(`  ${flags}  `);
    for (const arg of Object.keys(args)) expect(stdout).toContain(`  ${arg}  `);
    expect(examples.length).toBeGreaterThan(0);
    for (const [line, about] of examples) expect(stdout).toContain(`  ${line}\n      ${about}\n`);
    const longest = Math.max(...stdout.split('\n').map((line) => line.length));
    expect(longest).toBeLessThanOrEqual(110);
  });

  test('of a command is shown even if other words are invalid', async () => {
    const folder = await folderOf({});
    const { stdout } = await fx(folder, ['invoke', '--help']);
    for (const words of [
      ['invoke', '--dota', '-h'],
      ['help', 'invoke'],
      ['invoke', 'a', 'b', '--help'],
    ]) {
      expect(await fx(folder, words)).toMatchObject({ exitCode: 0, stdout, stderr: '' });
    }
  });

  test('of a group lists its commands, with or without --help', async () => {
    const folder = await folderOf({});
    const asked = await fx(folder, ['local', '--help']);
    expect(asked.stdout).toMatch(/ {2}start [\s\S]* {2}stop [\s\S]* {2}status /);
    expect(asked.stdout).not.toContain('serve');
    for (const words of [['local'], ['help', 'local']]) {
      expect(await fx(folder, words)).toMatchObject({ exitCode: 0, stdout: asked.stdout, stderr: '' });
    }
  });

  test('matches every example: each parses to its command', async () => {
    for (const [name, { load }] of rows) {
      for (const [line] of (await load()).examples) expect([line, await parsed(line)]).toEqual([line, name]);
    }
    await expect(parsed('fx deploy --stage prod')).rejects.toThrow('unknown option "--stage"');
  });

  test('--version is the version of the package', async () => {
    const { version } = JSON.parse(readFileSync(join(import.meta.dirname, '../../package.json'), 'utf8')) as {
      version: string;
    };
    for (const flag of ['--version', '-V']) {
      expect(await fx(await folderOf({}), [flag])).toMatchObject({ exitCode: 0, stdout: `${version}\n`, stderr: '' });
    }
  });

  test('is suggested for an unknown command of a group', async () => {
    const run = await fx(await folderOf({}), ['local', 'strat']);
    expect([run.exitCode, run.stdout, run.stderr]).toEqual([
      4,
      '',
      'error unknown command "local strat" [USAGE]\n→ did you mean local start?\n',
    ]);
  });
});

describe('a table with two groups', () => {
  const ran: unknown[] = [];
  const set = command({
    output: 'local serve',
    needs: 'folder',
    args: { name: { about: 'its name', kind: 'required' }, values: { about: 'its values', kind: 'variadic' } },
    options: {
      dryRun: { kind: 'flag', about: 'change nothing' },
      keyId: { kind: 'text', value: 'id', about: 'the key' },
      tier: { kind: 'text', value: 'tier', about: 'the tier', default: 'standard' },
      tag: { kind: 'repeated', value: 'name=value', about: 'a tag' },
    },
    examples: [['fx secrets set A b', 'Set one']],
    async run({ args, options, common }) {
      const typed: [string, readonly string[], boolean, string | undefined, string, readonly string[]] = [
        args.name,
        args.values,
        options.dryRun,
        options.keyId,
        options.tier,
        options.tag,
      ];
      // @ts-expect-error an option that is not declared
      ran.push(options.dryrun);
      // @ts-expect-error an argument that is not declared
      ran.push(args.nane);
      // @ts-expect-error a command that needs a folder has no environment
      ran.push(common.env);
      ran.push(...typed);
      return 0;
    },
  });
  const table: CommandTable = {
    ...commands,
    secrets: { summary: 'Store secrets', commands: { set: { summary: 'Store one secret', load: async () => set } } },
  };
  async function run(...words: string[]) {
    const [out, err]: [string[], string[]] = [[], []];
    const there: Io = { ...idleIo, out: (text) => void out.push(text), err: (text) => void err.push(text) };
    const code = await main(words, { io: there, version: '0', signal: new AbortController().signal }, table);
    return { code, out: out.join(''), err: err.join('') };
  }

  test('shows each group with its summary', async () => {
    const { out } = await run('--help');
    expect(out).toMatch(/^ {2}local {11}Start, stop, find and reset the local AWS$/m);
    expect(out).toMatch(/^ {2}secrets {9}Store secrets$/m);
    expect((await run('secrets')).out).toBe(
      'Usage: fx secrets <command> [options]\n\nStore secrets\n\nCommands:\n  set  Store one secret\n\nEach command has its own help: fx help secrets <command>\n',
    );
    expect((await run('help', 'secrets', 'set')).out).toMatch(
      /^Usage: fx secrets set <name> \[values\.\.\.\] \[options\]\n/,
    );
  });

  test('runs a command of the second group with its declared values', async () => {
    ran.length = 0;
    const { code, err } = await run('secrets', 'set', 'A', '--dry-run', 'b', '--tag', 'x=1', '--tag=y=2', 'c');
    expect([code, err]).toEqual([0, '']);
    expect(ran).toEqual([
      undefined,
      undefined,
      undefined,
      'A',
      ['b', 'c'],
      true,
      undefined,
      'standard',
      ['x=1', 'y=2'],
    ]);
  });

  test('suggests a command within the group', async () => {
    expect((await run('secrets', 'sett')).err).toContain(
      'unknown command "secrets sett" [USAGE]\n→ did you mean secrets set?',
    );
    expect((await run('secrets', 'set', 'A', '--dryrun')).err).toContain(
      'unknown option "--dryrun" [USAGE]\n→ did you mean --dry-run?',
    );
    expect((await run('secrets', '-C', 'x', 'set')).err).toContain(
      'options come after the command: fx secrets set -C …',
    );
  });
});

describe('fx local', () => {
  interface Status {
    readonly running: boolean;
    readonly endpoint: string;
    readonly pid: number;
  }
  /** A separate project whose local AWS stops after the test. */
  async function project() {
    const folder = await folderOf({
      'project.yml': 'name: kept\nfunctions: {a: {handler: a.handler, events: [{http: GET /}]}}\n',
      'a.ts': 'export const handler = async () => "kept";\n',
    });
    stopAfter(folder);
    const local = async (verb: string) => resultOf(await fx(folder, ['local', verb, '--json'])) as Status;
    return { folder, local };
  }

  /** Runs `start` with the default port taken, so that no local AWS of another test takes the port across a stop. */
  async function onItsOwnPort<T>(start: () => Promise<T>): Promise<T> {
    const holder = createServer().listen(4600, '127.0.0.1');
    // a refusal means that another local AWS has the port, which serves as well
    await once(holder, 'listening').catch(() => undefined);
    try {
      return await start();
    } finally {
      holder.close();
    }
  }

  test('start starts one server, which a second start and status find', async () => {
    const { local } = await project();
    expect(await local('status')).toEqual({ running: false });
    const server = await local('start');
    expect(await local('start')).toEqual(server);
    expect(await local('status')).toEqual(server);
    const identity = await (await fetch(`${server.endpoint}/_local/identity`)).json();
    expect(identity).toMatchObject({ pid: server.pid });
  });

  test('keeps deployed resources across a stop: the function answers at the same address', async () => {
    const { folder, local } = await project();
    const deployed = resultOf(await onItsOwnPort(() => fx(folder, ['deploy', '--json']))) as {
      outputs: { HttpApiUrl: string };
    };
    const url = deployed.outputs.HttpApiUrl;
    const before = await local('status');
    expect(await (await fetch(url)).text()).toBe('kept');
    expect(await local('stop')).toEqual({ stopped: true });
    await expect(fetch(url)).rejects.toThrow();
    expect(await local('stop')).toEqual({ stopped: false });
    const after = await local('start');
    expect([after.endpoint, after.pid === before.pid]).toEqual([before.endpoint, false]);
    expect(await (await fetch(url)).text()).toBe('kept');
    expect(resultOf(await fx(folder, ['deploy', '--json']))).toMatchObject({ changed: false, release: 1 });
  });

  test('two concurrent starts give one server', async () => {
    const { local } = await project();
    for (let round = 0; round < 5; round++) {
      await local('stop');
      const [first, second] = await Promise.all([local('start'), local('start')]);
      expect([second, await local('status')]).toEqual([first, first]);
    }
  });

  test('prints what it did', async () => {
    const { folder, local } = await project();
    await local('start');
    expect((await fx(folder, ['local', 'status'])).stdout).toMatch(
      /^The local AWS answers at http:\/\/127\.0\.0\.1:\d+ \(process \d+\)\.\n$/,
    );
    expect((await fx(folder, ['local', 'stop'])).stdout).toBe('The local AWS is stopped.\n');
    expect((await fx(folder, ['local', 'status'])).stdout).toBe('The local AWS is not running.\n');
  });
});
