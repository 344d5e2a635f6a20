// docs/guide/from-nothing.md: a reader's way, command by command, in a shell.
import { spawn } from 'node:child_process';
import { chmodSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, expect, test } from 'vitest';
import { packageFolder } from '../src/base/packaged.ts';
import { suiteTime } from '../src/local/fixture.ts';
import { sharedFolder, writeFiles } from './support/project.ts';
import { startRecordedAws } from './support/recorded-aws.ts';

const folder = sharedFolder();
const bin = sharedFolder();
const guide = readFileSync(join(packageFolder(), 'docs/guide/from-nothing.md'), 'utf8');

/** The blocks that a comment marks, as one script. */
const script = [...guide.matchAll(/<!-- (run|append: (\S+)) -->\n```\w+\n(.*?)\n```/gs)]
  .map(([, , file, text = '']) => (file === undefined ? text : `cat >> ${file} <<'END'\n${text}\nEND`))
  .join('\n');

beforeAll(async () => {
  await writeFiles(bin, {
    fx: `#!/bin/sh\nexec "${process.execPath}" "${join(packageFolder(), 'dist/bin.js')}" "$@"\n`,
  });
  chmodSync(join(bin, 'fx'), 0o755);
});

test('each step does what it says', { timeout: 240_000 }, async () => {
  expect(script.match(/^fx /gm)?.length).toBeGreaterThan(25);
  // stands for AWS itself
  const aws = await startRecordedAws();
  try {
    const run = spawn('bash', ['-euxo', 'pipefail', '-c', script], {
      cwd: folder,
      env: {
        PATH: `${bin}:${process.env['PATH']}`,
        HOME: folder,
        FX_LOCAL_TIME: suiteTime,
        AWS_ENDPOINT_URL: aws.local.endpoint,
        AWS_ACCESS_KEY_ID: 'a',
        AWS_SECRET_ACCESS_KEY: 'a',
      },
    });
    let output = '';
    for (const stream of [run.stdout, run.stderr]) {
      stream.setEncoding('utf8').on('data', (chunk: string) => {
        output += chunk;
      });
    }
    const code = await new Promise((resolve) => run.once('close', resolve));
    expect(code, output).toBe(0);
    expect(output).toContain('{"message":"Hello, Ann!"}');
    expect(output).toMatch(/Release \d+ is live/);
  } finally {
    await aws.stop();
  }
});
