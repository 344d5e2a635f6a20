import { execFileSync } from 'node:child_process';
import { existsSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { answerOfPython, artifactIn, buildIn, pathsOf, problemsIn } from '../../../test/support/artifacts.ts';
import { type Files, folderOf, writeFiles } from '../../../test/support/project.ts';
import { pythonProject, pythonRuntime, pythonTools, pythonVersion } from '../../../test/support/python-tools.ts';
import { reasonMissing, runs } from '../../../test/support/toolchain.ts';

const local: Files = {
  'libs/greet/pyproject.toml':
    '[project]\nname = "greet"\nversion = "0.1.0"\nrequires-python = ">=3.8"\ndependencies = ["six==1.16.0"]\n[build-system]\nrequires = ["setuptools>=61"]\nbuild-backend = "setuptools.build_meta"\n[tool.setuptools]\npackages = ["greet"]\n',
  'libs/greet/greet/__init__.py': 'import six\ntext = "one " + six.__version__\n',
};
const main: Files = {
  'svc/main.py': 'import greet, docopt\n\ndef handle(event, context):\n    return [greet.text, docopt.__version__]\n',
};
const project = pythonProject(', source: svc');

/** The top modules and packages of the artifact, without metadata. */
const topsOf = (paths: readonly string[]) =>
  [...new Set(paths.map((path) => path.split('/')[0] ?? ''))].filter((name) => !name.endsWith('.dist-info')).sort();

describe.skipIf(pythonVersion === undefined)(
  `a Python lock file${reasonMissing(pythonVersion, 'there is no python3 here')}`,
  { timeout: 180_000 },
  () => {
    const tools = pythonTools();

    test('of uv is read without uv, with local projects, extras and markers', async () => {
      const folder = await folderOf({
        'project.yml': project,
        ...main,
        ...local,
        'svc/pyproject.toml':
          '[project]\nname = "svc"\nversion = "1"\nrequires-python = ">=3.10"\ndependencies = ["greet", "docopt==0.6.2", "requests[socks]==2.32.3", "pywin32==306 ; sys_platform == \'win32\'"]\n[dependency-groups]\ndev = ["iniconfig"]\n[tool.uv.sources]\ngreet = { path = "../libs/greet", editable = true }\n',
      });
      tools.use('uv');
      execFileSync('uv', ['lock', '--quiet'], { cwd: join(folder, 'svc'), stdio: 'pipe' });
      const expected = [
        'certifi',
        'charset_normalizer',
        'docopt.py',
        'greet',
        'idna',
        'main.py',
        'requests',
        'six.py',
        'socks.py',
        'sockshandler.py',
        'urllib3',
      ];
      const seen = (artifact: { manifest: readonly { path: string }[] }) =>
        topsOf(artifact.manifest.map(({ path }) => path)).filter((name) => !name.endsWith('.so'));
      expect(seen(await artifactIn(folder))).toEqual(expected);
      tools.use('pip');
      rmSync(join(folder, '.fx'), { recursive: true });
      expect(seen(await artifactIn(folder))).toEqual(expected);
      expect(answerOfPython(await artifactIn(folder))).toEqual(['one 1.16.0', '0.6.2']);
      await writeFiles(folder, { 'libs/greet/greet/__init__.py': 'text = "two"\n' });
      expect(answerOfPython(await artifactIn(folder))).toEqual(['two', '0.6.2']);
    });

    test.each(['pip', 'uv'] as const)('of a uv workspace gives a member what it needs, by %s', async (tool) => {
      const folder = await folderOf({
        'services/project.yml': `name: s\nfunctions:\n  a: {source: svc, handler: main.handle, runtime: ${pythonRuntime}, architecture: x86_64}\n`,
        'services/svc/main.py': 'import greet\n\ndef handle(event, context):\n    return greet.text\n',
        'services/svc/pyproject.toml':
          '[project]\nname = "svc"\nversion = "1"\nrequires-python = ">=3.10"\ndependencies = ["greet"]\n[tool.uv.sources]\ngreet = { workspace = true }\n',
        'pyproject.toml':
          '[project]\nname = "root"\nversion = "1"\nrequires-python = ">=3.10"\ndependencies = ["iniconfig"]\n[tool.uv.workspace]\nmembers = ["libs/*", "services/svc"]\n',
        ...local,
      });
      tools.use('uv');
      execFileSync('uv', ['lock', '--quiet'], { cwd: folder, stdio: 'pipe' });
      tools.use(tool);
      const artifact = await artifactIn(join(folder, 'services'));
      expect(topsOf(pathsOf(artifact))).toEqual(['greet', 'main.py', 'six.py']);
      expect(answerOfPython(artifact)).toBe('one 1.16.0');
    });

    test('of Poetry is read without Poetry, with path dependencies', async () => {
      // poetry by default uses an API that not every package index has; this sets the simple one that pip uses
      const index = runs('python3', '-c', 'from pip._internal.models.index import PyPI; print(PyPI.simple_url)');
      const source = `[[tool.poetry.source]]\nname = "plain"\nurl = "${index}/"\npriority = "primary"\n`;
      const folder = await folderOf({
        'project.yml': project,
        ...main,
        ...local,
        'svc/pyproject.toml': `[tool.poetry]\npackage-mode = false\n[tool.poetry.dependencies]\npython = ">=3.10,<4"\ngreet = { path = "../libs/greet", develop = true }\ndocopt = "^0.6"\nrequests = { version = "2.32.3", extras = ["socks"] }\npywin32 = { version = "306", markers = "sys_platform == 'win32'" }\n[tool.poetry.group.dev.dependencies]\niniconfig = "*"\n${source}`,
      });
      tools.use('poetry');
      process.env['POETRY_CACHE_DIR'] = join(folder, '.cache');
      execFileSync('poetry', ['lock'], { cwd: join(folder, 'svc'), stdio: 'pipe' });
      for (const tool of ['pip', 'uv'] as const) {
        tools.use(tool);
        rmSync(join(folder, '.fx'), { recursive: true, force: true });
        const artifact = await artifactIn(folder);
        expect(answerOfPython(artifact)).toEqual(['one 1.16.0', '0.6.2']);
        expect(topsOf(pathsOf(artifact))).toEqual(expect.arrayContaining(['requests', 'socks.py', 'greet']));
        expect(topsOf(pathsOf(artifact)).filter((name) => /iniconfig|win32/.test(name))).toEqual([]);
        expect((await buildIn(folder)).fresh).toEqual([]);
      }
    });

    test('of PDM is read without PDM', async () => {
      const folder = await folderOf({
        'project.yml': project,
        ...main,
        ...local,
        'svc/pyproject.toml': '[project]\nname = "svc"\nversion = "1"\ndependencies = ["greet", "docopt"]\n',
        'svc/pdm.lock': pdmLock,
      });
      for (const tool of ['pip', 'uv'] as const) {
        tools.use(tool);
        rmSync(join(folder, '.fx'), { recursive: true, force: true });
        const artifact = await artifactIn(folder);
        expect(answerOfPython(artifact)).toEqual(['one 1.16.0', '0.6.2']);
        expect(topsOf(pathsOf(artifact))).toEqual(['docopt.py', 'greet', 'main.py', 'six.py']);
      }
    });

    test('of Pipenv is read without Pipenv; a hash that does not match is an error', async () => {
      const hashes = (sum: string) => `"hashes": ["sha256:${sum}"], `;
      const lock = (sum: string) =>
        `{"_meta": {"sources": []}, "default": {"docopt": {${hashes(docoptHash)}"version": "==0.6.2"}, "greet": {"editable": true, "path": "../libs/greet"}, "six": {${hashes(sum)}"markers": "python_version >= '2.7'", "version": "==1.16.0"}, "pywin32": {"markers": "sys_platform == 'win32'", "version": "==306"}}, "develop": {"iniconfig": {"version": "==2.0.0"}}}`;
      const folder = await folderOf({
        'project.yml': project,
        ...main,
        ...local,
        'svc/Pipfile': '[packages]\nsix = "*"\n',
        'svc/Pipfile.lock': lock(sixHash),
      });
      for (const tool of ['pip', 'uv'] as const) {
        tools.use(tool);
        rmSync(join(folder, '.fx'), { recursive: true, force: true });
        await writeFiles(folder, { 'svc/Pipfile.lock': lock(sixHash) });
        const artifact = await artifactIn(folder);
        expect(answerOfPython(artifact)).toEqual(['one 1.16.0', '0.6.2']);
        expect(topsOf(pathsOf(artifact))).toEqual(['docopt.py', 'greet', 'main.py', 'six.py']);
        await writeFiles(folder, { 'svc/Pipfile.lock': lock('0'.repeat(64)) });
        expect(await problemsIn(folder)).toEqual([
          expect.stringContaining('six does not have a hash that is listed for it'),
        ]);
      }
    });

    test('that is damaged is an error, and following the hint of a missing one helps', async () => {
      const folder = await folderOf({
        'project.yml': pythonProject(),
        'main.py': 'import six\n\ndef handle(event, context):\n    return six.__version__\n',
        'pyproject.toml':
          '[project]\nname = "p"\nversion = "1"\nrequires-python = ">=3.10"\ndependencies = ["six==1.16.0"]\n',
      });
      expect(await problemsIn(folder)).toEqual([
        'pyproject.toml:1 pyproject.toml names dependencies, but there is no lock file beside it | run uv lock, poetry lock or pdm lock there, or write requirements.txt',
      ]);
      await writeFiles(folder, { 'uv.lock': '<<<<<<< HEAD\n' });
      expect(await problemsIn(folder)).toEqual([
        'uv.lock:1 uv.lock is not a lock file that fx can read | write it again with its tool',
      ]);
      rmSync(join(folder, 'uv.lock'));
      tools.use('uv');
      execFileSync('uv', ['lock', '--quiet'], { cwd: folder, stdio: 'pipe' });
      expect(existsSync(join(folder, 'uv.lock'))).toBe(true);
      expect(readFileSync(join(folder, 'uv.lock'), 'utf8')).toContain('six');
      expect(answerOfPython(await artifactIn(folder))).toBe('1.16.0');
    });
  },
);

const sixHash = '8abb2f1d86890a2dfb989f9a77cfcfd3e47c2a354b01111771326f8aa26e0254';
const docoptHash = '49b3a825280bd66b3aa83585ef59c4a8c82f2c8a522dbe754a8bc8d08c85c491';
const pdmLock = `
[metadata]
groups = ["default", "dev"]
strategy = ["inherit_metadata"]
lock_version = "4.5.0"

[[package]]
name = "docopt"
version = "0.6.2"
groups = ["default"]
files = [{file = "docopt-0.6.2.tar.gz", hash = "sha256:${docoptHash}"}]

[[package]]
name = "greet"
version = "0.1.0"
editable = true
path = "../libs/greet"
groups = ["default"]
dependencies = ["six==1.16.0"]

[[package]]
name = "iniconfig"
version = "2.0.0"
groups = ["dev"]

[[package]]
name = "pywin32"
version = "306"
groups = ["default"]
marker = "sys_platform == \\"win32\\""

[[package]]
name = "six"
version = "1.16.0"
groups = ["default"]
files = [{file = "six-1.16.0-py2.py3-none-any.whl", hash = "sha256:${sixHash}"}]
`;
