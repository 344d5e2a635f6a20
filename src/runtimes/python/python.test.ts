import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, describe, expect, test } from 'vitest';
import { artifactIn, buildIn, pathsOf, problemsIn } from '../../../test/support/artifacts.ts';
import { type InvokedLocally, localLambda } from '../../../test/support/local-lambda.ts';
import { folderOf, writeFiles } from '../../../test/support/project.ts';
import {
  pythonProject as project,
  pythonTools,
  pythonVersion,
  pythonRuntime as runtime,
} from '../../../test/support/python-tools.ts';
import { reasonMissing } from '../../../test/support/toolchain.ts';

describe.skipIf(pythonVersion === undefined)(
  `a Python function${reasonMissing(pythonVersion, 'there is no python3 here')}`,
  () => {
    const local = localLambda();
    const tools = pythonTools();
    afterAll(() => local.stop());
    const invoke = async (folder: string, event: unknown): Promise<InvokedLocally> =>
      local.invoke(await artifactIn(folder), { Runtime: runtime as 'python3.11', Architectures: ['x86_64'] }, event);

    describe('with requirements.txt', () => {
      const files = {
        'project.yml': project(),
        'requirements.txt': 'markupsafe==3.0.2\n-r more.txt\n',
        'more.txt': 'python-dateutil==2.9.0.post0\n',
        'main.py':
          'import helper\nimport markupsafe, markupsafe._speedups\nfrom dateutil import parser\n\ndef handle(event, context):\n    return [helper.text, str(markupsafe.escape(event["x"])), parser.parse("2026-01-02").day, context.function_name]\n',
        'helper.py': 'text = "own"\n',
        'tests/test_main.py': '',
        '.venv/lib/x.py': '',
        'notes.txt': '',
      };

      test('has the wheels of Lambda, without bytecode and tests, and runs on the local AWS', async () => {
        const folder = await folderOf(files);
        const artifact = await artifactIn(folder);
        const paths = pathsOf(artifact);
        expect(paths.filter((path) => !path.includes('/'))).toEqual(['helper.py', 'main.py', 'six.py']);
        expect(paths.filter((path) => /__pycache__|\.pyc$|(^|\/)tests\/|\/RECORD$|^bin\//.test(path))).toEqual([]);
        expect(artifact.manifest.find(({ path }) => /_speedups.*\.so$/.test(path))?.native).toBe('elf-x86_64');
        expect((await invoke(folder, { x: '<' })).result).toEqual(['own', '&lt;', 2, artifact.name]);
      });

      test('is not installed again for another module, nor built again without a change', async () => {
        const folder = await folderOf(files);
        await buildIn(folder);
        expect((await buildIn(folder)).fresh).toEqual([]);
        const installs = join(folder, '.fx/cache/python');
        const before = readFileSync(join(installs, (await installsIn(folder))[0] ?? '', 'six.py'));
        await writeFiles(folder, { 'helper.py': 'text = "changed"\n' });
        expect((await buildIn(folder)).fresh).toEqual(['a']);
        expect(await installsIn(folder)).toHaveLength(1);
        expect(before.length).toBeGreaterThan(0);
      });

      test('is built for arm64 on this machine too, and reports that it was not loaded here', async () => {
        const folder = await folderOf({
          ...files,
          'project.yml': project().replace('x86_64', 'arm64').replace(runtime, 'python3.13'),
        });
        const { artifacts, notes } = await buildIn(folder);
        const native = artifacts.get('a')?.manifest.find(({ path }) => path.endsWith('.so'));
        expect(native).toMatchObject({
          native: 'elf-arm64',
          path: expect.stringContaining('cpython-313-aarch64-linux-gnu.so'),
        });
        expect(notes).toEqual([
          expect.stringMatching(
            /^a was not loaded here: (this machine has no python3.13|it has native code for Linux arm64)$/,
          ),
        ]);
      });

      test('reports a package that has no wheel and cannot be built, at its line', async () => {
        const folder = await folderOf({
          ...files,
          'more.txt': '',
          'requirements.txt': 'six==1.17.0\nmysqlclient==2.2.7\n',
        });
        expect(await problemsIn(folder)).toEqual([
          expect.stringMatching(
            /^requirements.txt:2 mysqlclient has no wheel for Linux x86_64 and python3\.\d+, and its source cannot be built here \| /,
          ),
        ]);
      });
    });

    test('sees a change of a library beside it, which requirements.txt names by its path', async () => {
      const folder = await folderOf({
        'project.yml': project(', source: f'),
        'f/requirements.txt': '../common  # ours\n',
        'f/main.py': 'from common import text\n\ndef handle(event, context):\n    return text\n',
        'common/setup.py': 'from setuptools import setup\nsetup(name="common", version="1", packages=["common"])\n',
        'common/common/__init__.py': 'text = "one"\n',
      });
      expect((await invoke(folder, {})).result).toBe('one');
      expect((await buildIn(folder)).fresh).toEqual([]);
      await writeFiles(folder, { 'common/common/__init__.py': 'text = "two"\n' });
      expect((await invoke(folder, {})).result).toBe('two');
    });

    test('with more sets of requirements than fx keeps installed is built', { timeout: 120_000 }, async () => {
      tools.use('uv');
      const names = Array.from({ length: 14 }, (_, index) => `f${index}`);
      const lines = names.map((name) => `  ${name}: {source: ${name}, handler: main.handle, runtime: ${runtime}}\n`);
      const folder = await folderOf({
        'project.yml': `name: s\nfunctions:\n${lines.join('')}`,
        ...Object.fromEntries(
          names.flatMap((name) => [
            [`${name}/main.py`, 'import six\n\ndef handle(event, context):\n    return 1\n'],
            [`${name}/requirements.txt`, `six==1.17.0 # ${name}\n`],
          ]),
        ),
      });
      expect((await buildIn(folder)).fresh).toHaveLength(14);
    });

    test('keeps packages named build and dist, but not the output of setuptools', async () => {
      const folder = await folderOf({
        'project.yml': project(),
        'main.py': 'from app.build.x import y\n\ndef handle(event, context):\n    return y\n',
        'app/build/x.py': 'y = 1\n',
        'app/dist/x.py': '',
        'build/x.py': '',
        'lib/build/lib/x.py': '',
      });
      expect(pathsOf(await artifactIn(folder))).toEqual(['app/build/x.py', 'app/dist/x.py', 'main.py']);
    });

    test('returns an error with its stack, logs with levels, and reports a missing handler', async () => {
      const folder = await folderOf({
        'project.yml': project(),
        'main.py':
          'import logging\nlogging.getLogger().setLevel(logging.INFO)\n\ndef deeper():\n    raise ValueError("no luck")\n\ndef handle(event, context):\n    print("printed")\n    logging.info("logged\\ntwice")\n    assert context.get_remaining_time_in_millis() > 0\n    deeper()\n',
      });
      const { result, error, log } = await invoke(folder, {});
      expect([error, result]).toEqual([
        'Unhandled',
        {
          errorType: 'ValueError',
          errorMessage: 'no luck',
          requestId: expect.stringMatching(/^[0-9a-f-]{36}$/),
          stackTrace: [
            expect.stringMatching(/^ {2}File ".*main\.py", line 11, in handle\n {4}deeper\(\)\n$/),
            expect.stringMatching(/^ {2}File ".*main\.py", line 5, in deeper\n/),
          ],
        },
      ]);
      expect(log).toContain('printed\n');
      expect(log).toMatch(/\[INFO\]\t\d{4}-\d\d-\d\dT[\d:.]+Z\t[0-9a-f-]{36}\tlogged\ntwice\n/);
      expect(log).toContain('[ERROR] ValueError: no luck\nTraceback (most recent call last):\n\u00a0\u00a0File "');
    });

    test.each([
      ['a missing function', 'def other(event, context): pass\n', 'has no "handle" | it has other'],
      [
        'a module that is missing',
        'import nowhere\ndef handle(e, c): pass\n',
        "throws while loading: ModuleNotFoundError: No module named 'nowhere' | at main.py:1:1",
      ],
      [
        'a syntax error',
        'def handle(e, c):\n    return 1 +\n',
        'throws while loading: SyntaxError: invalid syntax (main.py, line 2) | at main.py:2:',
      ],
    ])('with %s does not pass', async (_what, text, expected) => {
      const folder = await folderOf({ 'project.yml': project(), 'main.py': text });
      expect(await problemsIn(folder)).toEqual([expect.stringContaining(expected)]);
    });

    test("may import the runtime's packages without packing them", async () => {
      const folder = await folderOf({ 'project.yml': project(), 'main.py': 'import boto3\ndef handle(e, c): pass\n' });
      expect(pathsOf(await artifactIn(folder))).toEqual(['main.py']);
    });

    test("is known by its file: Apex's main.py, and AWS's lambda_function.py", async () => {
      const folder = await folderOf({
        'project.yml': 'name: s\nfunctions: {apex: {}, aws: {}}\n',
        'functions/apex/main.py': 'def handle(event, context): return 1\n',
        'functions/aws/lambda_function.py': 'def lambda_handler(event, context): return 1\n',
      });
      const { artifacts } = await buildIn(folder);
      expect([...artifacts.values()].map(({ code }) => code.handler)).toEqual([
        'main.handle',
        'lambda_function.lambda_handler',
      ]);
    });

    test('with dependencies in pyproject.toml requires a lock file', async () => {
      const folder = await folderOf({
        'project.yml': project(),
        'main.py': 'def handle(e, c): pass\n',
        'pyproject.toml': '[project]\nname = "p"\nversion = "1"\ndependencies = ["six"]\n',
      });
      expect(await problemsIn(folder)).toEqual([
        expect.stringContaining('pyproject.toml names dependencies, but there is no lock file beside it'),
      ]);
    });
  },
);

async function installsIn(folder: string): Promise<readonly string[]> {
  const { readdir } = await import('node:fs/promises');
  return readdir(join(folder, '.fx/cache/python'));
}
