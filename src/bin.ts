#!/usr/bin/env node
// The edge to the process: words in, exit code out. Small, so that --version and --help answer at once; commands load when they run.
import { setMaxListeners } from 'node:events';
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { enableCompileCache } from './base/compile-cache.ts';
import type { Io } from './cli/io.ts';
import { main } from './cli/main.ts';

// The SDK's word to people who write programs with it; fx's own requirement stands in its package.json.
process.env['AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED'] = 'true';

const interrupted = new AbortController();
// every call to AWS that is under way listens, and there may be one a function; Node would warn from the eleventh on
setMaxListeners(0, interrupted.signal);
// Ctrl-C, a CI that cancels, a terminal that is closed: what fx started is in groups of its own, and would go on without it
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) {
  process.once(signal, () => {
    interrupted.abort();
    // a second one ends fx at once
    process.once(signal, () => process.exit(5));
  });
}
// a reader that has seen enough (`fx logs | head`) is no error
process.stdout.on('error', (error: NodeJS.ErrnoException) => {
  if (error.code === 'EPIPE') process.exit(0);
  throw error;
});

// nor is one that closed stderr (`fx deploy 2>&1 | head`): what is under way goes on to its end, unseen
process.stderr.on('error', (error: NodeJS.ErrnoException) => {
  if (error.code !== 'EPIPE') throw error;
});

const start = process.env['FX_LOCAL_TIME'];
// a start that is not a time is the local AWS's to refuse
const skewMs = start === undefined ? 0 : Date.parse(start) - Date.now() || 0;

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
  async ask(question) {
    const { createInterface } = await import('node:readline/promises');
    const terminal = createInterface({ input: process.stdin, output: process.stderr });
    return new Promise((answer) => {
      // the terminal is read key by key now: Ctrl-C comes as a key and not as a signal, and is no answer, as Ctrl-D is none
      terminal.once('SIGINT', () => terminal.close());
      terminal.once('close', () => {
        process.stderr.write('\n');
        answer('');
      });
      const answered = (line: string) => {
        terminal.removeAllListeners('close');
        terminal.close();
        answer(line);
      };
      // Node rejects on Ctrl-D too; the close that comes with it says the same
      terminal.question(question).then(answered, () => {});
    });
  },
};
// src/ and dist/ are both right below the package's folder
const packageFolder = new URL('../', import.meta.url);
enableCompileCache(fileURLToPath(packageFolder));
const { version } = JSON.parse(readFileSync(new URL('package.json', packageFolder), 'utf8')) as { version: string };
process.exitCode = await main(process.argv.slice(2), { io, version, signal: interrupted.signal });
// calls that were let go would keep the process alive
if (interrupted.signal.aborted) process.exit();
