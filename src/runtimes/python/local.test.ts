import { execFileSync } from 'node:child_process';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { answerOfPython, artifactIn, buildIn, pathsOf, problemsIn } from '../../../test/support/artifacts.ts';
import { type Files, folderOf, writeFiles } from '../../../test/support/project.ts';
import { pythonProject, pythonTools, pythonVersion } from '../../../test/support/python-tools.ts';
import { reasonMissing } from '../../../test/support/toolchain.ts';

const greet: Files = {
  'libs/greet/pyproject.toml':
    '[project]\nname = "greet"\nversion = "0.1.0"\ndependencies = ["six==1.17.0"]\n[project.optional-dependencies]\nloud = ["docopt==0.6.2"]\n[build-system]\nrequires = ["setuptools>=61"]\nbuild-backend = "setuptools.build_meta"\n[tool.setuptools]\npackages = ["greet"]\n',
  'libs/greet/greet/__init__.py': 'import six\ntext = "one"\n',
};
const main: Files = { 'svc/main.py': 'import greet\n\ndef handle(event, context):\n    return greet.text\n' };
const project = pythonProject(', source: svc');

/** With an extension module that needs no header of Python, so that any machine with a compiler builds it. */
const compiled: Files = {
  'libs/fast/setup.py':
    'from setuptools import Extension, setup\nsetup(name="fast", version="1", ext_modules=[Extension("fast", ["fast.c"])])\n',
  'libs/fast/fast.c':
    '#include <Python.h>\nstatic struct PyModuleDef d = {PyModuleDef_HEAD_INIT, "fast", 0, -1, 0};\nPyMODINIT_FUNC PyInit_fast(void) { return PyModule_Create(&d); }\n',
};

describe.skipIf(pythonVersion === undefined)(
  `a local Python project${reasonMissing(pythonVersion, 'there is no python3 here')}`,
  { timeout: 120_000 },
  () => {
    const tools = pythonTools();

    describe.each(['pip', 'uv'] as const)('by %s', (tool) => {
      test.each(tool === 'pip' ? ['-e ../libs/greet'] : ['-e ../libs/greet', 'greet @ file:../libs/greet'])(
        'as %s is packed, and so is a change of it',
        async (line) => {
          tools.use(tool);
          const folder = await folderOf({
            'project.yml': project,
            'svc/requirements.txt': `${line}\n`,
            ...main,
            ...greet,
          });
          expect(answerOfPython(await artifactIn(folder))).toBe('one');
          expect(pathsOf(await artifactIn(folder))).toContain('six.py');
          expect((await buildIn(folder)).fresh).toEqual([]);
          await writeFiles(folder, { 'libs/greet/greet/__init__.py': 'text = "two"\n' });
          expect(answerOfPython(await artifactIn(folder))).toBe('two');
          // nothing is left in the library's folder
          expect(readdirSync(join(folder, 'libs/greet')).sort()).toEqual(['greet', 'pyproject.toml']);
        },
      );

      test('is packed with its extras; a source distribution is built; other markers are skipped', async () => {
        tools.use(tool);
        const folder = await folderOf({
          'project.yml': project,
          'svc/requirements.txt': '-e ../libs/greet[loud]\npywin32==306 ; sys_platform == "win32"\n',
          ...main,
          ...greet,
        });
        const tops = new Set(pathsOf(await artifactIn(folder)).map((path) => path.split('/')[0]));
        expect([...tops].sort()).toEqual([
          'docopt-0.6.2.dist-info',
          'docopt.py',
          'greet',
          'greet-0.1.0.dist-info',
          'main.py',
          'six-1.17.0.dist-info',
          'six.py',
        ]);
      });

      test('may require a Python that the function has and this machine has not', async () => {
        tools.use(tool);
        const folder = await folderOf({
          'project.yml': project.replace(/python3\.\d+/, 'python3.14'),
          'svc/requirements.txt': '../libs/greet\n',
          ...main,
          ...greet,
          'libs/greet/pyproject.toml': `${greet['libs/greet/pyproject.toml']}`.replace(
            'dependencies',
            'requires-python = ">=3.14"\ndependencies',
          ),
        });
        expect(pathsOf(await artifactIn(folder))).toContain('greet/__init__.py');
      });

      test('brings the local projects that it needs, by the table of uv', async () => {
        tools.use(tool);
        const folder = await folderOf({
          'project.yml': project,
          'svc/requirements.txt': '../libs/greet\n',
          'svc/main.py': 'import inner\n\ndef handle(event, context):\n    return inner.text\n',
          ...greet,
          'libs/greet/pyproject.toml': `${String(greet['libs/greet/pyproject.toml']).replace('"six==1.17.0"', '"inner"')}[tool.uv.sources]\ninner = { path = "../inner" }\n`,
          'libs/greet/greet/__init__.py': '',
          'libs/inner/pyproject.toml':
            '[project]\nname = "inner"\nversion = "3"\n[build-system]\nrequires = ["setuptools>=61"]\nbuild-backend = "setuptools.build_meta"\n[tool.setuptools]\npy-modules = ["inner"]\n',
          'libs/inner/inner.py': 'text = "deep"\n',
        });
        expect(answerOfPython(await artifactIn(folder))).toBe('deep');
        await writeFiles(folder, { 'libs/inner/inner.py': 'text = "deeper"\n' });
        expect(answerOfPython(await artifactIn(folder))).toBe('deeper');
      });

      test('with compiled code for another Python than the function’s is an error at its line', async () => {
        tools.use(tool);
        const folder = await folderOf({
          'project.yml': project
            .replace(/python3\.\d+/, pythonVersion === '3.13' ? 'python3.12' : 'python3.13')
            .replace('x86_64', 'arm64'),
          'svc/requirements.txt': 'six\n../libs/fast\n',
          'svc/main.py': 'def handle(event, context):\n    return 1\n',
          ...compiled,
        });
        expect(await problemsIn(folder)).toEqual([
          expect.stringMatching(
            /^svc\/requirements.txt:2 fast has no wheel for Linux arm64 and python3.1[23], and contains compiled code, which is built here for this machine only \| use a version/,
          ),
        ]);
      });

      test('of a repository is packed at its commit', async () => {
        tools.use(tool);
        const folder = await folderOf({ 'project.yml': project, ...main, ...greet });
        const git = (...args: readonly string[]) =>
          execFileSync('git', ['-c', 'user.name=a', '-c', 'user.email=a@b.c', ...args], {
            cwd: join(folder, 'libs/greet'),
            encoding: 'utf8',
          }).trim();
        git('init', '-q');
        git('add', '.');
        git('commit', '-qm', 'one');
        const commit = git('rev-parse', 'HEAD');
        await writeFiles(folder, {
          'libs/greet/greet/__init__.py': 'text = "not committed"\n',
          'svc/requirements.txt': `greet @ git+file://${folder}/libs/greet@${commit}\n`,
        });
        expect(answerOfPython(await artifactIn(folder))).toBe('one');
      });

      test('or an included file that does not exist is an error at its line', async () => {
        tools.use(tool);
        const folder = await folderOf({
          'project.yml': project,
          'svc/requirements.txt': 'six\n-e ../nothing\n',
          ...main,
        });
        expect(await problemsIn(folder)).toEqual([
          'svc/requirements.txt:2 svc/requirements.txt names "../nothing", which does not exist | it is relative to svc',
        ]);
        await writeFiles(folder, { 'svc/requirements.txt': '-r more.txt\n' });
        expect(await problemsIn(folder)).toEqual([
          'svc/requirements.txt:1 svc/requirements.txt includes "more.txt", which does not exist | paths after -r and -c are relative to the file that names them',
        ]);
      });
    });

    test('that the project itself is does not make every build a new one', async () => {
      tools.use('pip');
      const folder = await folderOf({
        'project.yml': pythonProject(),
        'requirements.txt': '-e .\n',
        'main.py': 'import six\n\ndef handle(event, context):\n    return six.__version__\n',
        'pyproject.toml':
          '[project]\nname = "own"\nversion = "1"\ndependencies = ["six==1.17.0"]\n[build-system]\nrequires = ["setuptools>=61"]\nbuild-backend = "setuptools.build_meta"\n[tool.setuptools]\npy-modules = ["main"]\n',
      });
      expect(answerOfPython(await artifactIn(folder))).toBe('1.17.0');
      expect((await buildIn(folder)).fresh).toEqual([]);
      expect(existsSync(join(folder, 'build'))).toBe(false);
      expect(readFileSync(join(folder, 'main.py'), 'utf8')).toContain('six');
    });
  },
);
