// One bash for the commands of a page, in which `cd` and variables last, as in a reader's.
import { spawn } from 'node:child_process';
import { clock } from './fx.ts';

export interface Ran {
  /** Undefined if the command did not end, and was killed. */
  readonly exitCode: number | undefined;
  /** Of both streams, as they came. */
  readonly output: string;
}

export interface Shell {
  /** A command that goes on until Ctrl-C gets it when what it says matches `until`. */
  run(command: string, until?: RegExp): Promise<Ran>;
  end(): Promise<void>;
}

/** No command of a page takes that long; one that does waits for something that never comes. */
const longest = 60_000;

export function startShell(folder: string, variables: Readonly<Record<string, string>>): Shell {
  // a group of its own: what is killed is the shell with all that it runs
  const bash = spawn('bash', ['--noprofile', '--norc'], { cwd: folder, env: variables, detached: true });
  let output = '';
  const waiting = new Set<() => void>();
  for (const stream of [bash.stdout, bash.stderr]) {
    stream.setEncoding('utf8').on('data', (chunk: string) => {
      output += chunk;
      for (const look of waiting) look();
    });
  }
  // the shell may be gone
  bash.stdin.on('error', () => {});
  const closed = new Promise<void>((done) => bash.once('close', () => done()));
  const said = (pattern: RegExp) =>
    new Promise<RegExpExecArray | undefined>((done) => {
      const look = () => {
        const found = pattern.exec(output);
        if (found === null) return;
        waiting.delete(look);
        done(found);
      };
      waiting.add(look);
      void closed.then(() => done(undefined));
      look();
    });
  const kill = (group: number | undefined, signal: NodeJS.Signals) => {
    try {
      if (group !== undefined) process.kill(-group, signal);
    } catch {
      // it has just ended
    }
  };
  bash.stdin.write('exec 2>&1\nset -o pipefail\n');

  /** The end of a command, with its exit code, on a line that no program prints. */
  const mark = `@${crypto.randomUUID()}`;
  const ended = new RegExp(`^([^]*)${mark} (\\d+)\\n`);
  return {
    async run(command, until) {
      output = '';
      bash.stdin.write(`export FX_LOCAL_TIME=${new Date(clock.now()).toISOString()}\n`);
      // whatever its last line is, such as one with a comment, the brace is on one of its own
      const group = `{ ${command}\n} </dev/null`;
      let background: number | undefined;
      const timer = setTimeout(() => {
        kill(background, 'SIGKILL');
        kill(bash.pid, 'SIGKILL');
      }, longest);
      if (until === undefined) {
        bash.stdin.write(`${group}\necho "${mark} $?"\n`);
      } else {
        // with -m, what runs in the background is a group, which Ctrl-C reaches as a whole; bash warns that it has no terminal
        bash.stdin.write(`set -m 2>/dev/null\n${group} &\nset +m\necho "${mark} pid $!"\nwait $!\necho "${mark} $?"\n`);
        const [line = '', pid = ''] = (await said(new RegExp(`${mark} pid (\\d+)\\n`))) ?? [];
        output = output.replace(line, '');
        background = Number(pid);
        await Promise.race([said(until), said(ended)]);
        if (!ended.test(output)) kill(background, 'SIGINT');
      }
      const [, text = output, code] = (await said(ended)) ?? [];
      clearTimeout(timer);
      return { exitCode: code === undefined ? undefined : Number(code), output: text };
    },
    async end() {
      bash.stdin.end();
      await closed;
    },
  };
}
