// Where the commands of a page run: a copy of a folder with a shell in it, beside an embedded AWS that stands for AWS itself.
import {
  appendFileSync,
  chmodSync,
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  rmSync,
  symlinkSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { packageFolder } from '../../src/base/packaged.ts';
import { type LocalAws, startLocalAws } from '../../src/local/host.ts';
import { bin, clock, fx } from './fx.ts';
import { type Block, type Step, stepsOf } from './page.ts';
import { tools } from './page-tools.ts';
import { writeFiles } from './project.ts';
import { addresses, difference } from './shape.ts';
import { type Shell, startShell } from './shell.ts';

/** Commands that go on until Ctrl-C: what they say once they work, and the exit code then. */
const endless: readonly {
  readonly line: RegExp;
  readonly until: RegExp;
  readonly exits: readonly number[];
}[] = [
  { line: /^fx dev\b/, until: /Watching for changes/, exits: [0] },
  { line: /^fx logs .*(-f|--live)\b/, until: /RequestId: /, exits: [0] },
  // the shell says that a program of the pipe was interrupted, or has the exit code of fx
  { line: /^tail -f .* fx invoke /, until: /^\{.*\}\n/m, exits: [5, 130] },
  // its minutes need not pass; the first deploy of an environment has no other version to share with
  { line: /^fx deploy .*(--canary|--linear) /, until: /\d+% of the calls/, exits: [5, 0] },
];

export class Place {
  readonly #root: string;
  readonly #aws: LocalAws;
  readonly #shell: Shell;
  /** Addresses that the page shows → those of this run. */
  readonly #addresses = new Map<string, string>();

  /** A command did not end, and the shell is gone with it. */
  isOver = false;

  private constructor(root: string, aws: LocalAws, shell: Shell) {
    this.#root = root;
    this.#aws = aws;
    this.#shell = shell;
  }

  static async open(source: string): Promise<Place> {
    const root = mkdtempSync(join(tmpdir(), 'fx-page-'));
    await writeFiles(root, {
      'bin/fx': `#!/bin/sh\nexec "${process.execPath}" "${bin}" "$@"\n`,
      // a version manager finds its versions in the home that it knows
      'bin/aws': `#!/bin/sh\nHOME="${process.env['HOME']}" exec "${tools['aws']}" "$@"\n`,
      // as at a terminal, where the answer stands alone
      '.curlrc': 'silent\nshow-error\n',
    });
    for (const file of ['fx', 'aws']) chmodSync(join(root, 'bin', file), 0o755);
    const folder = join(root, 'home');
    if (source === 'an empty folder') mkdirSync(folder);
    else cpSync(join(packageFolder(), source), folder, { recursive: true });
    if (existsSync(join(folder, 'package.json'))) {
      symlinkSync(join(packageFolder(), 'node_modules'), join(folder, 'node_modules'));
    }
    const aws = await startLocalAws({ clock });
    const shell = startShell(folder, {
      PATH: `${join(root, 'bin')}:${process.env['PATH']}`,
      HOME: folder,
      npm_config_update_notifier: 'false',
      CURL_HOME: root,
      NO_COLOR: '1',
      AWS_ENDPOINT_URL: aws.endpoint,
      AWS_REGION: 'us-east-1',
      AWS_ACCESS_KEY_ID: 'a',
      AWS_SECRET_ACCESS_KEY: 'a',
      OSLS: tools['osls'] ?? '',
    });
    return new Place(root, aws, shell);
  }

  /** Does what a block and its marks say. */
  async take(block: Block): Promise<{ readonly ran: number; readonly problems: readonly string[] }> {
    const { marks, text, line, isCommands } = block;
    const problems: string[] = [];
    if (marks.first !== undefined) problems.push(...(await this.#step({ line, command: marks.first, shown: [] })));
    if (this.isOver) return { ran: 0, problems };
    if (marks.file !== undefined) await this.#write(marks.file, text, 'w');
    if (marks.append !== undefined) await this.#write(marks.append, text, 'a');
    if (marks.output !== undefined) {
      const { output } = await this.#shell.run(marks.output);
      const differs = difference(text, output);
      if (differs !== undefined) problems.push(`${line} ${marks.output}\n${differs}`);
    }
    if (!isCommands) return { ran: 0, problems };
    const steps = stepsOf(block);
    const ways = { isAlone: marks.alternatives !== undefined, keys: marks['at a terminal'] };
    for (const step of steps) {
      if (this.isOver) break;
      problems.push(...(await this.#step(step, ways)));
    }
    return { ran: steps.length, problems };
  }

  async #step(
    { line, command, shown }: Step,
    { isAlone = false, keys }: { readonly isAlone?: boolean; readonly keys?: string | undefined } = {},
  ): Promise<readonly string[]> {
    const kind = endless.find((one) => one.line.test(command));
    let text = command;
    for (const [there, here] of this.#addresses) text = text.replaceAll(there, here);
    if (keys !== undefined) text = atTerminal(text, keys);
    if (isAlone) text = inCopy(text);
    const ran = await this.#shell.run(text, kind?.until);
    this.isOver = ran.exitCode === undefined;
    const exits: readonly (number | undefined)[] = kind?.exits ?? [0];
    if (!exits.includes(ran.exitCode)) {
      const how = this.isOver ? 'does not end, so that nothing below it runs' : `exits with ${ran.exitCode}`;
      return [`${line} ${command}\n${how}:\n${ran.output}`];
    }
    if (shown.length === 0) return [];
    for (const [there, here] of addresses(shown, ran.output)) this.#addresses.set(there, here);
    const differs = difference(shown, ran.output);
    return differs === undefined ? [] : [`${line} ${command}\n${differs}`];
  }

  /** Where the shell stands now. */
  async #write(file: string, text: readonly string[], flag: 'a' | 'w'): Promise<void> {
    const path = join((await this.#shell.run('pwd')).output.trim(), file);
    mkdirSync(dirname(path), { recursive: true });
    appendFileSync(path, `${text.join('\n')}\n`, { flag });
  }

  async close(): Promise<void> {
    await this.#shell.end();
    const files = readdirSync(this.#root, { recursive: true, encoding: 'utf8' });
    for (const path of files.filter((one) => one.endsWith(runningLocal))) {
      await fx(join(this.#root, path.slice(0, -runningLocal.length)), ['local', 'stop']);
    }
    await this.#aws.stop();
    rmSync(this.#root, { recursive: true, force: true });
  }
}

/** In the folder of a project or workspace whose local AWS runs. */
const runningLocal = join('.fx', 'local', 'server.json');

const quoted = (text: string) => `'${text.replaceAll("'", "'\\''")}'`;

/** util-linux's `script` gives a command a terminal, in which the keys are typed at once. It waits for seconds if its input ends first. */
const atTerminal = (command: string, keys: string) =>
  [
    'keys="$(mktemp -u)"; mkfifo "$keys"',
    `script -qefc ${quoted(command)} /dev/null <"$keys" &`,
    `exec 3>"$keys"; echo ${quoted(keys)} >&3`,
    'wait $!; code=$?; exec 3>&-; rm "$keys"; (exit $code)',
  ].join('\n');

/** Runs in a copy of the folder, which is deleted afterwards. */
const inCopy = (command: string) =>
  `( copy="$(mktemp -d)"; trap 'rm -rf "$copy"' EXIT; cp -R . "$copy/it"; cd "$copy/it"; ${command}\n)`;
