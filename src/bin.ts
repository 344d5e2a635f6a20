#!/usr/bin/env node
// The edge to the process: words in, exit code out. Small, so that --version and --help answer at once; the commands are a separate
// bundle, loaded as compiled code.
import { setMaxListeners } from 'node:events';
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { loadCompiled } from './base/compiled.ts';
import { commands } from './cli/commands/index.ts';
import type { Io } from './cli/io.ts';
import { main, needsNoCommand } from './cli/main.ts';

// the SDK warns developers who depend on it; fx states its requirement in package.json
process.env['AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED'] = 'true';

const interrupted = new AbortController();
// every call in progress adds a listener, and there may be one per function; Node warns from the eleventh on
setMaxListeners(0, interrupted.signal);
// Ctrl-C, a cancelled CI job, a closed terminal: processes that fx started have their own groups, and would keep running
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) {
  process.once(signal, () => {
    interrupted.abort();
    // a second signal ends fx at once
    process.once(signal, () => process.exit(5));
  });
}
/** How long a command whose output nobody reads may take to end what it started. */
const closedMs = 3_000;
let isClosed = false;
// a closed pipe (`fx logs | head`) is not an error, but nobody sees what would come
process.stdout.on('error', (error: NodeJS.ErrnoException) => {
  if (error.code !== 'EPIPE') throw error;
  if (isClosed) return;
  isClosed = true;
  interrupted.abort();
  setTimeout(() => process.exit(0), closedMs).unref();
});

// nor is a closed stderr (`fx deploy 2>&1 | head`): the command continues without output
process.stderr.on('error', (error: NodeJS.ErrnoException) => {
  if (error.code !== 'EPIPE') throw error;
});

const start = process.env['FX_LOCAL_TIME'];
// NaN if it is not a time, which the command rejects
const skewMs = start === undefined ? 0 : Date.parse(start) - Date.now();

const io: Io = {
  variables: process.env,
  workingFolder: process.cwd(),
  now: () => Date.now() + skewMs,
  program: [process.execPath, fileURLToPath(import.meta.url)],
  stdinIsTerminal: process.stdin.isTTY === true,
  stdoutIsTerminal: process.stdout.isTTY === true,
  stderrIsTerminal: process.stderr.isTTY === true,
  columns: () => process.stderr.columns ?? 100,
  color: !process.env['NO_COLOR'] && process.env['TERM'] !== 'dumb',
  out: (text) => void process.stdout.write(text),
  err: (text) => void process.stderr.write(text),
  async readInput() {
    const chunks: Buffer[] = [];
    for await (const chunk of process.stdin) chunks.push(chunk as Buffer);
    return Buffer.concat(chunks).toString('utf8');
  },
  input: () => process.stdin.setEncoding('utf8'),
  async ask(question) {
    const { createInterface } = await import('node:readline/promises');
    const terminal = createInterface({ input: process.stdin, output: process.stderr });
    return new Promise((answer) => {
      // readline takes Ctrl-C as a key, not as a signal: like Ctrl-D, it means no answer
      terminal.once('SIGINT', () => terminal.close());
      const unanswered = () => {
        process.stderr.write('\n');
        answer('');
      };
      terminal.once('close', unanswered);
      const answered = (line: string) => {
        // only this one: readline's own end its hold on the terminal, else the next question shows each key twice
        terminal.off('close', unanswered);
        terminal.close();
        answer(line);
      };
      // Node also rejects on Ctrl-D; the close event that comes with it is enough
      terminal.question(question).then(answered, () => {});
    });
  },
  keys(press) {
    const { stdin } = process;
    const read = (chunk: Buffer) => {
      for (const key of chunk.toString('utf8')) {
        // a terminal in raw mode sends no signal for Ctrl-C
        if (key === '\u0003') process.kill(process.pid, 'SIGINT');
        else press(key);
      }
    };
    stdin.setRawMode(true);
    stdin.on('data', read);
    stdin.resume();
    return () => {
      stdin.off('data', read);
      stdin.setRawMode(false);
      stdin.pause();
    };
  },
};
// src/ and dist/ are both right below the package's folder
const packageFolder = new URL('../', import.meta.url);
const { version } = JSON.parse(readFileSync(new URL('package.json', packageFolder), 'utf8')) as { version: string };
const words = process.argv.slice(2);
const call = { io, version, signal: interrupted.signal };
process.exitCode = await (needsNoCommand(words) ? main(words, call) : runBundle());
// abandoned calls would keep the process alive
if (interrupted.signal.aborted) process.exit(isClosed ? 0 : process.exitCode);

/** Runs the command line from the bundle of cli/main.ts that scripts/build.mjs writes. */
async function runBundle(): Promise<number> {
  const file = fileURLToPath(new URL('main.cjs', import.meta.url));
  const bundle = loadCompiled<{ main: typeof main }>(file, fileURLToPath(new URL('.cache/compile', packageFolder)));
  const exitCode = await bundle.exports.main(words, call);
  const [command = ''] = words;
  if (exitCode === 0 && !interrupted.signal.aborted && Object.hasOwn(commands, command)) bundle.keep(command);
  return exitCode;
}
