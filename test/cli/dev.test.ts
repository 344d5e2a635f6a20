// fx dev: edits become live, mistakes are shown while the last good state serves, requests and logs appear, and nothing stays behind.
import { spawnSync } from 'node:child_process';
import { existsSync, readdirSync, readFileSync, realpathSync, renameSync } from 'node:fs';
import { rm, writeFile } from 'node:fs/promises';
import { type AddressInfo, createServer } from 'node:net';
import { join } from 'node:path';
import { describe, expect, onTestFinished, test, vi } from 'vitest';
import { isAlive } from '../../src/local/process-lock.ts';
import { Debugpy } from '../support/debugpy.ts';
import { fx, type Running, resultOf, startFx, stopAfter } from '../support/fx.ts';
import { Inspector } from '../support/inspector.ts';
import { answers, folderOf, writeFiles } from '../support/project.ts';
import { startRecordedAws } from '../support/recorded-aws.ts';
import { atTerminal, hasTerminals } from '../support/terminal.ts';

const timeout = 60_000;

/** A running fx dev, what it says, and how to wait for the next time that it says something. */
interface Dev {
  readonly running: Running;
  /** Resolves when it has said this that often. */
  times(count: number, pattern: RegExp): Promise<void>;
  end(): Promise<{ readonly exitCode: number | null; readonly stdout: string; readonly stderr: string }>;
}

function startDev(folder: string, words: readonly string[] = []): Dev {
  const running = startFx(folder, ['dev', ...words]);
  onTestFinished(() => running.kill());
  return devOf(running);
}

function devOf(running: Running): Dev {
  return {
    running,
    times: (count, { source }) => running.saying(new RegExp(`(?:${source}[\\s\\S]*){${count}}`)),
    end: () => {
      running.interrupt();
      return running.ended;
    },
  };
}

/** The HTTP API's address, from the state of the local AWS: it stays the same. */
async function addressOf(folder: string): Promise<string> {
  const { outputs } = resultOf(await fx(folder, ['info', '--json'])) as { outputs: Record<string, string> };
  return outputs['HttpApiUrl'] ?? '';
}

const get = async (url: string) => {
  const answer = await fetch(url);
  return [answer.status, await answer.text()] as const;
};

/** Processes of this machine whose command line or working folder is in the folder. */
function processesIn(folder: string): readonly string[] {
  if (!existsSync('/proc/self')) return [];
  return readdirSync('/proc').flatMap((pid) => {
    if (!/^\d+$/.test(pid)) return [];
    try {
      const line = readFileSync(`/proc/${pid}/cmdline`, 'utf8').replaceAll('\0', ' ');
      const place = realpathSync(`/proc/${pid}/cwd`);
      return line.includes(folder) || place.startsWith(folder) ? [`${pid} ${line}`] : [];
    } catch {
      // it has just ended
      return [];
    }
  });
}

const imports = (module: string) => spawnSync('python3', ['-c', `import ${module}`], { stdio: 'ignore' }).status === 0;

const projectFile = (events: string) =>
  `name: dev\nfunctions:\n  hello:\n    handler: hello.handler\n    events: [${events}]\n`;

describe('fx dev on the local AWS', { timeout }, () => {
  test('deploys files of the site, and functions at the edge, whose distribution names their version', async () => {
    const mark = (text: string) =>
      `export const handler = async ({ Records: [{ cf }] }: any) => ({ ...cf.response, headers: { ...cf.response.headers, 'x-mark': [{ value: '${text}' }] } });`;
    const folder = await folderOf({
      'project.yml':
        'name: dev-site\nregion: us-east-1\nsite: {folder: public}\nfunctions:\n' +
        '  mark: {handler: mark.handler, architecture: x86_64, timeout: 30, events: [{edge: origin-response}]}\n',
      'mark.ts': mark('one'),
      'public/index.html': 'first',
    });
    stopAfter(folder);
    const dev = startDev(folder);
    await dev.running.saying(/Watching for changes/);
    const { outputs } = resultOf(await fx(folder, ['info', '--json'])) as { outputs: Record<string, string> };
    const seen = async () => {
      const answer = await fetch(outputs['SiteUrl'] ?? '');
      return [await answer.text(), answer.headers.get('x-mark')];
    };
    expect(await seen()).toEqual(['first', 'one']);
    await writeFiles(folder, { 'public/index.html': 'second' });
    await dev.running.saying(/✓ Release 2 is live/);
    expect(await seen()).toEqual(['second', 'one']);
    await writeFiles(folder, { 'mark.ts': mark('two') });
    await dev.running.saying(/✓ Release 3 is live/);
    expect(await seen()).toEqual(['second', 'two']);
    expect((await dev.end()).exitCode).toBe(0);
  });

  test('makes code, routes and fixes live; serves the last good state meanwhile; leaves nothing', async () => {
    const folder = await folderOf({ 'project.yml': projectFile('http: GET /'), 'hello.ts': answers('one') });
    stopAfter(folder);
    const dev = startDev(folder);
    await dev.running.saying(/Watching for changes/);
    const url = await addressOf(folder);
    const code = readFileSync(join(folder, '.fx/local/code-place'), 'utf8');
    expect(await get(url)).toEqual([200, 'one']);
    await dev.running.saying(/GET \/ 200 hello [\d.]+ ms cold\n/);

    await writeFile(join(folder, 'hello.ts'), answers('two'));
    await dev.times(1, /✓ hello new code, \d+ ms/);
    expect(await get(url)).toEqual([200, 'two']);

    // as an editor that writes another file and renames it
    await writeFile(join(folder, 'hello.ts~'), answers('three'));
    renameSync(join(folder, 'hello.ts~'), join(folder, 'hello.ts'));
    await dev.times(2, /✓ hello new code/);
    expect(await get(url)).toEqual([200, 'three']);

    await writeFile(join(folder, 'hello.ts'), 'export const handler = async () => {\n  retur n 1;\n};\n');
    await dev.running.saying(/hello\.ts:2:9 Expected ";" but found "n"[\s\S]*The last good state goes on serving/);
    expect(await get(url)).toEqual([200, 'three']);
    await writeFile(join(folder, 'hello.ts'), answers('three'));
    await dev.running.saying(/✓ Fixed/);

    await rm(join(folder, 'hello.ts'));
    await dev.times(2, /The last good state goes on serving/);
    await writeFile(
      join(folder, 'hello.ts'),
      "import { text } from './more/text.ts';\nexport const handler = async () => text;\n",
    );
    await dev.times(3, /The last good state goes on serving/);
    // in a folder that was not there
    await writeFiles(folder, { 'more/text.ts': "export const text = 'four';\n" });
    await dev.times(3, /✓ hello new code/);
    expect(await get(url)).toEqual([200, 'four']);
    await writeFiles(folder, { 'more/text.ts': "export const text = 'five';\n" });
    await dev.times(4, /✓ hello new code/);

    await writeFile(join(folder, 'project.yml'), projectFile('http: GET /, http: GET /more'));
    await dev.times(2, /Release \d+ is live/);
    expect(await get(`${url}/more?a=1`)).toEqual([200, 'five']);
    await dev.running.saying(/GET \/more\?a=1 200 hello/);

    await writeFile(join(folder, 'project.yml'), projectFile('htp: GET /'));
    await dev.running.saying(/project\.yml:5:\d+ [\s\S]*htp[\s\S]*The last good state goes on serving/);
    expect(await get(`${url}/more`)).toEqual([200, 'five']);
    await writeFile(join(folder, 'project.yml'), projectFile('http: GET /, http: GET /more'));
    await dev.times(2, /✓ Fixed/);

    expect(processesIn(code)).not.toEqual([]);
    const { exitCode, stderr } = await dev.end();
    expect([exitCode, stderr]).toEqual([0, expect.not.stringContaining('bug in fx')]);
    expect([...processesIn(folder), ...processesIn(code)]).toEqual([]);
    expect((await fx(folder, ['local', 'status'])).stdout).toBe('The local AWS is not running.\n');

    // what dev made live is known to a later fx, and needs no repair
    const later = await fx(folder, ['deploy']);
    expect([later.exitCode, later.stderr]).toEqual([0, expect.not.stringContaining('interrupted')]);
    expect(await get(`${await addressOf(folder)}/more`)).toEqual([200, 'five']);
  });

  test('shows what functions log, and why a request failed', async () => {
    const folder = await folderOf({
      'project.yml': projectFile('{http: "ANY /{all+}"}'),
      'hello.ts':
        "export const handler = async ({ rawPath }: { rawPath: string }) => {\n  console.log('at', rawPath);\n  if (rawPath === '/bad') throw new TypeError('no such thing');\n  return 'good';\n};\n",
    });
    stopAfter(folder);
    const dev = startDev(folder);
    await dev.running.saying(/Watching for changes/);
    const url = await addressOf(folder);
    expect(await get(`${url}/fine`)).toEqual([200, 'good']);
    await dev.running.saying(/^hello │ at \/fine$/m);
    expect((await get(`${url}/bad`))[0]).toBe(500);
    await dev.running.saying(/GET \/bad 500 hello [\d.]+ ms\n {2}TypeError: no such thing\n/);
    // at the line of the source, without the path of the copy
    await dev.running.saying(/^hello │ .*\(?hello\.ts:3:\d+\)?$/m);
    await fx(folder, ['invoke', 'hello', '--data', '{"rawPath": "/direct"}']);
    await dev.running.saying(/hello ran [\d.]+ ms/);
    await dev.end();
  });

  test.skipIf(!imports('sys'))('brings code in Python, a variable of .env, and a comment in project.yml', async () => {
    const text =
      'name: dev\nfunctions:\n  greet:\n    runtime: python3.13\n    handler: greet.handler\n    variables: {WHO: "${var.WHO}"}\n    events: [http: GET /]\n';
    const greets = (word: string) =>
      `import os\ndef handler(event, context):\n    return '${word} ' + os.environ['WHO']\n`;
    const folder = await folderOf({ 'project.yml': text, 'greet.py': greets('hello'), '.env': 'WHO=you\n' });
    stopAfter(folder);
    const dev = startDev(folder);
    await dev.running.saying(/Watching for changes/);
    const url = await addressOf(folder);
    expect(await get(url)).toEqual([200, 'hello you']);
    await writeFile(join(folder, 'project.yml'), `# a comment\n${text}`);
    await writeFile(join(folder, 'greet.py'), greets('good day'));
    await dev.times(1, /✓ greet new code/);
    expect(await get(url)).toEqual([200, 'good day you']);
    await writeFile(join(folder, '.env'), 'WHO=all\n');
    await dev.times(2, /Release \d+ is live/);
    expect(await get(url)).toEqual([200, 'good day all']);
    const { stdout, stderr } = await dev.end();
    expect((stdout + stderr).match(/Release \d+ is live/g)).toHaveLength(2);
  });

  test('leaves a local AWS that ran before, and the versions of a session do not pile up', async () => {
    const folder = await folderOf({ 'project.yml': projectFile('http: GET /'), 'hello.ts': answers('0') });
    stopAfter(folder);
    await fx(folder, ['deploy']);
    const dev = startDev(folder, ['--no-logs']);
    await dev.running.saying(/Watching for changes/);
    for (let edit = 1; edit <= 6; edit++) {
      await writeFile(join(folder, 'hello.ts'), answers(String(edit)));
      await dev.times(edit, /✓ hello new code/);
    }
    expect((await dev.end()).exitCode).toBe(0);
    expect(await get(await addressOf(folder))).toEqual([200, '6']);
    const releases = (await fx(folder, ['releases'])).stdout.trim().split('\n');
    expect(releases).toEqual([
      expect.stringMatching(/2 {2}LIVE.*code of hello {2}fx dev$/),
      expect.stringMatching(/^ +1 /),
    ]);
    expect((await fx(folder, ['prune', '--dry-run'])).stdout).not.toMatch(/version \d/);
  });

  test('that is killed leaves what a deploy, a rollback and the next fx dev settle', async () => {
    const folder = await folderOf({ 'project.yml': projectFile('http: GET /'), 'hello.ts': answers('1') });
    stopAfter(folder);
    await fx(folder, ['deploy']);
    const url = await addressOf(folder);
    const killed = async (text: string) => {
      const dev = startDev(folder);
      await dev.running.saying(/Watching for changes/);
      await writeFile(join(folder, 'hello.ts'), answers(text));
      await dev.running.saying(/✓ hello new code/);
      dev.running.kill();
      await dev.running.ended;
    };
    await killed('2');
    // the same code that dev published, now by CloudFormation
    const deployed = await fx(folder, ['deploy']);
    expect([deployed.exitCode, deployed.stdout]).toEqual([0, expect.stringContaining('Release 3 is live.')]);
    expect(await get(url)).toEqual([200, '2']);
    await killed('3');
    expect((await fx(folder, ['rollback', '--to', '1'])).exitCode).toBe(0);
    expect(await get(url)).toEqual([200, '1']);
    await killed('4');
    expect(await get(url)).toEqual([200, '4']);
    expect((await fx(folder, ['prune'])).exitCode).toBe(0);
    expect(await get(url)).toEqual([200, '4']);
  });

  test('ends at once at a second Ctrl-C, and so does the local AWS that it started', async () => {
    const folder = await folderOf({ 'project.yml': projectFile('http: GET /'), 'hello.ts': answers('1') });
    stopAfter(folder);
    const dev = startDev(folder);
    await dev.running.saying(/Watching for changes/);
    const state = JSON.parse(readFileSync(join(folder, '.fx/local/server.json'), 'utf8')) as { pid: number };
    dev.running.interrupt();
    dev.running.interrupt();
    await dev.running.ended;
    // it stops its functions first
    await vi.waitUntil(() => !isAlive(state.pid), { timeout: 20_000 });
  });

  test('says what is wrong with its words', async () => {
    const folder = await folderOf({
      'project.yml': 'name: dev\nenvironments: {prod: {protected: true}}\nfunctions: {a: {handler: a.handler}}\n',
      'a.ts': answers('a'),
    });
    stopAfter(folder);
    for (const [words, message] of [
      [['--inspect', 'b'], 'there is no function "b"'],
      [['--inspect', 'a:x'], '--inspect takes a function and perhaps a port, such as orders:9230, not "a:x"'],
      [['--env', 'prod'], '"prod" is protected: its stack and its functions must always agree'],
    ] as const) {
      const { exitCode, stderr } = await fx(folder, ['dev', ...words]);
      expect([words, exitCode, stderr]).toEqual([words, 4, expect.stringContaining(message)]);
    }
  });
});

describe('fx dev --env', { timeout }, () => {
  test('gives an environment on AWS code without CloudFormation, and what project.yml changes with it', async () => {
    const aws = await startRecordedAws();
    onTestFinished(() => aws.stop());
    const environments = 'environments: {staging: {}}\n';
    const folder = await folderOf({
      'project.yml': projectFile('http: GET /') + environments,
      'hello.ts': answers('1'),
    });
    const running = aws.startFx(folder, ['dev', '--env', 'staging']);
    onTestFinished(() => running.kill());
    const dev = devOf(running);
    await running.saying(/Watching for changes/);
    const info = resultOf(await aws.fx(folder, ['info', '--env', 'staging', '--json']));
    const url = (info as { outputs: Record<string, string> }).outputs['HttpApiUrl'] ?? '';
    expect(await get(url)).toEqual([200, '1']);

    aws.calls();
    const noted = "export const handler = async () => {\n  console.log('noted');\n  return '2';\n};\n";
    await writeFile(join(folder, 'hello.ts'), noted);
    await dev.times(1, /✓ hello new code/);
    expect(await get(url)).toEqual([200, '2']);
    await running.saying(/^hello │ noted$/m);
    const writes = aws.calls().filter(({ name }) => /^(cloudformation|lambda):(Create|Update|Publish)/.test(name));
    expect(writes.map(({ name }) => name)).toEqual([
      'lambda:UpdateFunctionCode',
      'lambda:PublishVersion',
      'lambda:UpdateAlias',
    ]);

    // what somebody else deploys meanwhile is seen, and replaced as a whole
    const elsewhere = await aws.fx(folder, ['deploy', '--env', 'staging', '--set', 'XX=1']);
    expect(elsewhere.exitCode, elsewhere.stderr).toBe(0);
    await writeFile(join(folder, 'hello.ts'), answers('3'));
    await dev.times(2, /Release \d+ is live/);
    expect(await get(url)).toEqual([200, '3']);

    await writeFile(join(folder, 'project.yml'), projectFile('http: GET /, http: GET /more') + environments);
    await dev.times(3, /Release \d+ is live/);
    expect(await get(`${url}/more`)).toEqual([200, '3']);
    expect((await dev.end()).exitCode).toBe(0);
  });
});

describe('fx dev at a terminal', () => {
  test.skipIf(!hasTerminals)('takes keys: r, h, q', { timeout }, async () => {
    const folder = await folderOf({ 'project.yml': projectFile('http: GET /'), 'hello.ts': answers('one') });
    stopAfter(folder);
    const terminal = atTerminal(folder, ['dev'], 60);
    const { saying } = terminal;
    await saying(/Keys: r redeploy · o open · l clear · q quit/);
    terminal.type('r');
    await saying(/Nothing to change/);
    await get(`${await addressOf(folder)}/a/very/long/path/that/no/narrow/terminal/shows/as/a/whole`);
    await saying(/GET.*\/a\/very\/.*….*404/);
    terminal.type('q');
    expect(await terminal.ended).toBe(0);
    expect(processesIn(folder)).toEqual([]);
    const lines = terminal
      .shown()
      .split(/\r?\n|\r/)
      // biome-ignore lint/suspicious/noControlCharactersInRegex: colours take no room
      .map((text) => text.replace(/\u001b\[[\d;]*[A-Za-z]/g, ''));
    expect(lines.filter((text) => / GET \/a/.test(text) && text.length > 60)).toEqual([]);
  });
});

describe('fx dev --inspect', { timeout }, () => {
  test('stops at a line of the TypeScript, and nothing times out meanwhile', async () => {
    const folder = realpathSync(
      await folderOf({
        'project.yml': `${projectFile('http: GET /')}    timeout: 1s\n`,
        'hello.ts':
          'interface Event { rawPath: string }\n\n// lines that the bundle does not have\n\nexport const handler = async ({ rawPath }: Event) => {\n  const answer: string = `at ${rawPath}`;\n  return answer;\n};\n',
      }),
    );
    stopAfter(folder);
    const port = await freePort();
    const dev = startDev(folder, ['--inspect', `hello:${port}`]);
    await dev.running.saying(new RegExp(`hello: attach to 127\\.0\\.0\\.1:${port} \\(VS Code, or chrome://inspect\\)`));
    await dev.running.saying(/hello waits for a debugger/);
    const url = await addressOf(folder);
    using inspector = await Inspector.attach(port);
    const source = join(folder, 'hello.ts');
    await inspector.breakAt(source, 7);
    const answer = get(url);
    expect(await inspector.paused()).toEqual({ source, line: 7 });
    await dev.running.saying(/hello stopped in the debugger: timeouts stand still/);
    // longer than the function may run: time itself is tested here
    await new Promise((done) => setTimeout(done, 1_300));
    await inspector.resume();
    expect(await answer).toEqual([200, 'at /']);
    await dev.running.saying(/hello runs on/);
    inspector[Symbol.dispose]();
    expect((await dev.end()).exitCode).toBe(0);
    await expect(fetch(`http://127.0.0.1:${port}/json`)).rejects.toThrow();
  });
});

test('fx dev --inspect-brk waits for the debugger; after a save, a new process listens at the same port', {
  timeout,
}, async () => {
  const folder = realpathSync(
    await folderOf({ 'project.yml': `${projectFile('http: GET /')}    timeout: 1s\n`, 'hello.ts': answers('one') }),
  );
  stopAfter(folder);
  const port = await freePort();
  const dev = startDev(folder, ['--inspect-brk', `hello:${port}`]);
  await dev.running.saying(/it waits for you/);
  await dev.times(1, /hello waits for a debugger/);
  const url = await addressOf(folder);
  for (const [turn, text] of ['one', 'two'].entries()) {
    if (turn > 0) await writeFile(join(folder, 'hello.ts'), answers(text));
    await dev.times(turn + 1, /hello waits for a debugger/);
    if (turn > 0) await dev.times(turn, /✓ hello new code/);
    const answer = get(url);
    // longer than the function may run: time itself is tested here
    await new Promise((done) => setTimeout(done, 1_100));
    using inspector = await Inspector.attach(port);
    await inspector.call('Runtime.runIfWaitingForDebugger');
    await inspector.paused();
    await inspector.resume();
    expect(await answer).toEqual([200, text]);
  }
  expect((await dev.end()).exitCode).toBe(0);
});

const pythonProject =
  'name: dev\nfunctions:\n  greet:\n    runtime: python3.13\n    handler: greet.handler\n    timeout: 1s\n    events: [http: GET /]\n';
const python = {
  'project.yml': pythonProject,
  'greet.py': "def handler(event, context):\n    answer = 'at ' + event['rawPath']\n    return answer\n",
};

describe.skipIf(!imports('sys'))('fx dev --inspect of a function in Python', { timeout }, () => {
  test.skipIf(!imports('debugpy'))('runs it under debugpy', async () => {
    const folder = realpathSync(await folderOf(python));
    stopAfter(folder);
    const port = await freePort();
    const dev = startDev(folder, ['--inspect', `greet:${port}`]);
    await dev.running.saying(/greet: attach to 127\.0\.0\.1:\d+ \(VS Code, with debugpy\)/);
    await dev.running.saying(/greet waits for a debugger/);
    const url = await addressOf(folder);
    const [root, file] = [join(folder, '.fx/inspect/dev-local-greet'), join(folder, 'greet.py')];
    using client = await Debugpy.attach(port, { root, sources: folder, file, line: 2 });
    const answer = get(url);
    const { threadId, ...place } = await client.stopped();
    expect(place).toEqual({ file, line: 2 });
    // longer than the function may run: time itself is tested here
    await new Promise((done) => setTimeout(done, 1_300));
    client.send('continue', { threadId });
    expect(await answer).toEqual([200, 'at /']);
    client[Symbol.dispose]();
    expect((await dev.end()).exitCode).toBe(0);
    await expect(fetch(`http://127.0.0.1:${port}/`)).rejects.toThrow();
  });

  test.skipIf(imports('debugpy'))('says that debugpy is missing', async () => {
    const folder = await folderOf(python);
    stopAfter(folder);
    const dev = startDev(folder, ['--inspect', 'greet']);
    await dev.running.saying(/Watching for changes/);
    await get(await addressOf(folder));
    await dev.running.saying(/python3 has no debugpy, which --inspect needs: run \S+python3 -m pip install debugpy/);
    await dev.end();
  });
});

async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
  const { port } = server.address() as AddressInfo;
  await new Promise((done) => server.close(done));
  return port;
}
