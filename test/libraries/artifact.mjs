// Loads and calls a built handler from its zip, alone in a folder, in a process of its own.
import { execFileSync, spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

const call = `
const [file, name] = process.argv.slice(2);
const loaded = await import(file);
const handler = loaded[name] ?? loaded.default?.[name];
const loadedAfter = Math.round(performance.now());
const answer = await new Promise((done, fail) => Promise.resolve(handler({}, {})).then(done, fail));
process.stdout.write('\\n' + JSON.stringify({ loadedAfter, answer }) + '\\n', () => process.exit(0));
`;

/** Milliseconds from the start of the process until the handler is loaded, and the answer; or what failed. */
export function tryArtifact(zip, files, environment = {}) {
  const top = mkdtempSync(join(tmpdir(), 'fx-library-'));
  const folder = join(top, 'task');
  // in a file: workers inherit the options of --eval, which do not fit them
  const caller = join(top, 'call.mjs');
  writeFileSync(caller, call);
  try {
    execFileSync('python3', ['-m', 'zipfile', '-e', zip, folder]);
    // zipfile does not keep modes, and programs are started
    execFileSync('chmod', ['-R', 'a+rx', folder]);
    const file = files.map((name) => join(folder, name)).find((path) => statSync(path, { throwIfNoEntry: false }));
    if (file === undefined) return { failure: `no ${files[0]} in the zip` };
    const result = spawnSync(process.execPath, [caller, file, 'handler'], {
      cwd: folder,
      encoding: 'utf8',
      timeout: 60_000,
      env: {
        PATH: process.env.PATH,
        HOME: '/tmp',
        AWS_REGION: 'us-east-1',
        AWS_ACCESS_KEY_ID: 'x',
        AWS_SECRET_ACCESS_KEY: 'x',
        _X_AMZN_TRACE_ID: 'Root=1-67891233-abcdef012345678912345678',
        LAMBDA_TASK_ROOT: folder,
        ...environment,
      },
    });
    const line = result.stdout.trim().split('\n').at(-1) ?? '';
    if (result.status !== 0 || !line.startsWith('{')) return { failure: firstError(result.stderr) };
    return JSON.parse(line);
  } finally {
    rmSync(top, { recursive: true, force: true });
  }
}

const firstError = (text) =>
  text
    .split('\n')
    .find((line) => /Error|error/.test(line))
    ?.trim() ?? text.slice(0, 200);
