// What fx says of itself, and the local AWS as a command.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import type { Command } from '../../src/cli/command.ts';
import { commands } from '../../src/cli/commands/index.ts';
import type { Io } from '../../src/cli/io.ts';
import { makeParser } from '../../src/cli/main.ts';
import { fx, resultOf, stopAfterAll } from '../support/fx.ts';
import { folderOf, sharedFolder, writeFiles } from '../support/project.ts';

const unused = () => Promise.reject(new Error('not asked for in a test of the parser'));
const io: Io = {
  variables: {},
  workingFolder: '/',
  program: ['node', 'fx'],
  stdinIsTerminal: false,
  stdoutIsTerminal: false,
  stderrIsTerminal: false,
  columns: () => 100,
  color: false,
  out: () => {},
  err: () => {},
  readInput: unused,
  ask: unused,
};

/** The words of one line as a shell splits them: by spaces, but not within single quotes. */
function wordsOf(line: string): string[] {
  return [...line.matchAll(/'([^']*)'|(\S+)/g)].map(([, quoted, plain]) => quoted ?? plain ?? '');
}

/** The command that a line names, as the parser reads it; the arguments and options must all be known. */
async function parsed(line: string): Promise<Command | undefined> {
  let found: Command | undefined;
  const parser = makeParser(io, '0', async (command) => {
    found = command;
  });
  const [program, ...words] = wordsOf(line.slice(line.indexOf('fx ')));
  expect(program).toBe('fx');
  await parser.parseAsync(words, { from: 'user' });
  return found;
}

describe('the help', () => {
  test('of fx lists every command with its summary, and shows an example', async () => {
    const { exitCode, stdout, stderr } = await fx(await folderOf({}), ['--help']);
    expect([exitCode, stderr]).toEqual([0, '']);
    for (const { name, summary, hidden } of commands) {
      const [first = ''] = name.split(' ');
      if (hidden !== true) expect(stdout).toMatch(new RegExp(`^ {2}${first}\\b`, 'm'));
      if (first === name) expect(stdout.replace(/\s+/g, ' ')).toContain(summary);
    }
    expect(stdout).toContain('Example:\n  fx init shop && cd shop && fx deploy\n');
    expect(stdout).not.toContain('serve');
    expect(await fx(await folderOf({}), [])).toMatchObject({ exitCode: 0, stdout });
  });

  test.each(commands.map((command) => [command.name, command] as const))(
    'of fx %s shows summary, options and examples',
    async (name, { summary, options = [], args = [], examples, project }) => {
      const { exitCode, stdout, stderr } = await fx(await folderOf({}), [...name.split(' '), '--help']);
      expect([exitCode, stderr]).toEqual([0, '']);
      expect(stdout.startsWith(`Usage: fx ${name} `)).toBe(true);
      expect(stdout.replace(/\s+/g, ' ')).toContain(summary);
      const own = options.map(({ flags }) => flags);
      const ofProject = [
        '-e, --env <name>',
        '-c, --config <file>',
        '--profile <name>',
        '--region <name>',
        '--param <name=value>',
      ];
      const ofWhole = ['--set <NAME=value>', '--set-file <file>'];
      const common = [
        ...(project === undefined ? [] : ofProject),
        ...(project === 'whole' ? ofWhole : []),
        '-C <dir>',
        '--json',
      ];
      for (const flags of [...own, ...common]) {
        expect(stdout).toContain(`  ${flags}  `);
      }
      for (const { name: arg } of args) expect(stdout).toContain(arg);
      expect(examples.length).toBeGreaterThan(0);
      for (const [line, says] of examples) expect(stdout).toContain(`  ${line}\n      ${says}\n`);
      const longest = Math.max(...stdout.split('\n').map((line) => line.length));
      expect(longest).toBeLessThanOrEqual(110);
    },
  );

  test('of a group lists what is in it, asked for or not', async () => {
    const folder = await folderOf({});
    const asked = await fx(folder, ['local', '--help']);
    expect(asked.stdout).toMatch(/ {2}start [\s\S]* {2}stop [\s\S]* {2}status /);
    for (const words of [['local'], ['help', 'local']]) {
      expect(await fx(folder, words)).toMatchObject({ exitCode: 0, stdout: asked.stdout, stderr: '' });
    }
  });

  test('is what every example says: each parses to its command', async () => {
    for (const command of commands) {
      for (const [line] of command.examples) expect([line, (await parsed(line))?.name]).toEqual([line, command.name]);
    }
    await expect(parsed('fx deploy --stage prod')).rejects.toThrow(/unknown option '--stage'/);
  });

  test('--version is the version of the package', async () => {
    const { version } = JSON.parse(readFileSync(join(import.meta.dirname, '../../package.json'), 'utf8')) as {
      version: string;
    };
    for (const flag of ['--version', '-V']) {
      expect(await fx(await folderOf({}), [flag])).toMatchObject({ exitCode: 0, stdout: `${version}\n`, stderr: '' });
    }
  });

  test('is pointed to where a command of a group is not known', async () => {
    const run = await fx(await folderOf({}), ['local', 'strat']);
    expect([run.exitCode, run.stdout, run.stderr]).toEqual([
      4,
      '',
      "error unknown command 'strat' [USAGE]\n→ Did you mean start?\n",
    ]);
  });
});

describe('fx local', () => {
  const folder = sharedFolder();
  stopAfterAll(folder);
  interface Status {
    readonly running: boolean;
    readonly endpoint: string;
    readonly pid: number;
  }
  const local = async (verb: string) => resultOf(await fx(folder, ['local', verb, '--json'])) as Status;

  test('start makes one server, which a second start and status find', async () => {
    await writeFiles(folder, {
      'project.yml': 'name: kept\nfunctions: {a: {handler: a.handler, events: [{http: GET /}]}}\n',
      'a.ts': 'export const handler = async () => "kept";\n',
    });
    expect(await local('status')).toEqual({ running: false });
    const one = await local('start');
    expect(await local('start')).toEqual(one);
    expect(await local('status')).toEqual(one);
    const identity = await (await fetch(`${one.endpoint}/_local/identity`)).json();
    expect(identity).toMatchObject({ pid: one.pid });
  });

  test('keeps what is deployed over a stop: the function answers at the same address', async () => {
    const deployed = resultOf(await fx(folder, ['deploy', '--json'])) as { outputs: { HttpApiUrl: string } };
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

  test('start twice at the same time gives one server', async () => {
    for (let round = 0; round < 5; round++) {
      await local('stop');
      const [one, other] = await Promise.all([local('start'), local('start')]);
      expect([other, await local('status')]).toEqual([one, one]);
    }
  });

  test('says in words what it did', async () => {
    expect((await fx(folder, ['local', 'status'])).stdout).toMatch(
      /^The local AWS answers at http:\/\/127\.0\.0\.1:\d+ \(process \d+\)\.\n$/,
    );
    expect((await fx(folder, ['local', 'stop'])).stdout).toBe('The local AWS is stopped.\n');
    expect((await fx(folder, ['local', 'status'])).stdout).toBe('The local AWS is not running.\n');
  });
});
