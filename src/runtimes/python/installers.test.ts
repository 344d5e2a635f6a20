import { execFileSync } from 'node:child_process';
import { join } from 'node:path';
import { describe, expect, onTestFinished, test } from 'vitest';
import { problemsIn } from '../../../test/support/artifacts.ts';
import { folderOf } from '../../../test/support/project.ts';
import { pythonProject, pythonVersion } from '../../../test/support/python-tools.ts';
import type { FunctionSource } from '../runtime.ts';
import { installerFor } from './installers.ts';

describe('the command that installs packages', () => {
  const source = (name: string, architecture: 'arm64' | 'x86_64') =>
    ({
      name: 'a',
      runtime: name,
      architecture,
      at: { file: '', line: 1, column: 1, length: 1 },
    }) as unknown as FunctionSource;
  test("is uv if installed, else pip, for the runtime's glibc", () => {
    expect(installerFor(source('python3.13', 'arm64'), undefined, (name) => name)).toMatchObject({
      program: 'uv',
      args: [
        'pip',
        'install',
        '--python-platform',
        'aarch64-manylinux_2_34',
        '--python-version',
        '3.13',
        '--no-editable',
        '--quiet',
      ],
    });
    const byPip = installerFor(source('python3.11', 'x86_64'), undefined, (name) =>
      name === 'python3' ? name : undefined,
    );
    expect(byPip).toMatchObject({
      program: 'python3',
      args: expect.arrayContaining([
        '--use-pep517',
        '3.11',
        'manylinux_2_26_x86_64',
        'manylinux2014_x86_64',
        'manylinux1_x86_64',
      ]),
    });
    expect(byPip).not.toMatchObject({ args: expect.arrayContaining(['manylinux_2_28_x86_64']) });
    expect(installerFor(source('python3.11', 'x86_64'), undefined, () => undefined)).toMatchObject({
      problem: { message: expect.stringContaining('neither uv nor Python with pip') },
    });
  });
});

test.skipIf(pythonVersion === undefined)('without uv, or Python with pip, one error says what to install', async () => {
  const folder = await folderOf({
    'project.yml': pythonProject(),
    'main.py': 'def handle(event, context):\n    return 1\n',
    'requirements.txt': 'six\n',
  });
  execFileSync('python3', ['-m', 'venv', '--without-pip', join(folder, '.venv')]);
  const path = process.env['PATH'];
  onTestFinished(() => {
    process.env['PATH'] = path;
  });
  for (const place of [join(folder, '.venv/bin'), folder]) {
    process.env['PATH'] = place;
    expect(await problemsIn(folder)).toEqual([
      'project.yml:3 the function "a" has dependencies, but neither uv nor Python with pip is installed | install one of them; no Docker is needed',
    ]);
  }
});
