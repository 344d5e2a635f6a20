import { readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, onTestFinished, test } from 'vitest';
import { answerOfPython, artifactIn, pathsOf, problemsIn } from '../../../test/support/artifacts.ts';
import { packageIndex, wheelOf } from '../../../test/support/package-index.ts';
import { folderOf, writeFiles } from '../../../test/support/project.ts';
import { pythonProject, pythonTools, pythonVersion } from '../../../test/support/python-tools.ts';
import { reasonMissing } from '../../../test/support/toolchain.ts';
import { withoutSecrets } from './problems.ts';

const password = 'pa55word-of-the-index';
const main = 'import private\n\ndef handle(event, context):\n    return private.text\n';

function setVariables(variables: Readonly<Record<string, string>>): void {
  for (const [name, value] of Object.entries(variables)) {
    const before = process.env[name];
    process.env[name] = value;
    onTestFinished(() => {
      if (before === undefined) delete process.env[name];
      else process.env[name] = before;
    });
  }
}

/** The files below a folder that contain a text. */
const containing = (folder: string, text: string) =>
  readdirSync(folder, { recursive: true, encoding: 'utf8' }).filter(
    (path) => statSync(join(folder, path)).isFile() && readFileSync(join(folder, path)).includes(text),
  );

describe.skipIf(pythonVersion === undefined)(
  `a Python package index${reasonMissing(pythonVersion, 'there is no python3 here')}`,
  { timeout: 120_000 },
  () => {
    const tools = pythonTools();

    describe.each(['pip', 'uv'] as const)('asked by %s', (tool) => {
      test('takes credentials from variables that its address names, which are kept nowhere', async () => {
        tools.use(tool);
        const { address } = await packageIndex([wheelOf('private', '1.0', 'text = "ours"\n')], 'ann', password);
        setVariables({ INDEX_USER: 'ann', INDEX_PASSWORD: password });
        const folder = await folderOf({
          'project.yml': pythonProject(),
          'requirements.txt': `--index-url http://\${INDEX_USER}:\${INDEX_PASSWORD}@${address}\nprivate==1.0\n`,
          'main.py': main,
        });
        expect(answerOfPython(await artifactIn(folder))).toBe('ours');
        expect(containing(folder, password)).toEqual([]);
      });

      test('takes credentials from netrc', async () => {
        tools.use(tool);
        const { address } = await packageIndex([wheelOf('private', '1.0', 'text = "ours"\n')], 'ann', password);
        const home = await folderOf({ '.netrc': `machine 127.0.0.1\nlogin ann\npassword ${password}\n` });
        setVariables({ NETRC: join(home, '.netrc') });
        const folder = await folderOf({
          'project.yml': pythonProject(),
          'requirements.txt': `--index-url http://${address}\nprivate==1.0\n`,
          'main.py': main,
        });
        expect(answerOfPython(await artifactIn(folder))).toBe('ours');
        expect(containing(folder, password)).toEqual([]);
      });

      test('that refuses the credentials is an error at its line, without them', async () => {
        tools.use(tool);
        const { address } = await packageIndex([wheelOf('private', '1.0', '')], 'ann', 'another');
        setVariables({ INDEX_PASSWORD: password });
        const folder = await folderOf({
          'project.yml': pythonProject(),
          'requirements.txt': `--index-url http://ann:\${INDEX_PASSWORD}@${address}\nprivate==1.0\n`,
          'main.py': main,
        });
        const problems = await problemsIn(folder);
        const host = address.split('/')[0];
        expect(problems).toEqual([
          expect.stringContaining(
            `requirements.txt:1 the package index ${host} refused the credentials, or there are none | write them into ~/.netrc`,
          ),
        ]);
        expect(problems.join()).not.toContain(password);
      });

      test('is not asked for what a folder of wheels has; constraints, included files and hashes count', async () => {
        tools.use(tool);
        const [one, two] = [wheelOf('private', '1.0', 'text = "1"\n'), wheelOf('private', '2.0', 'text = "2"\n')];
        const folder = await folderOf({
          'project.yml': pythonProject(),
          'requirements.txt': '-r lists/more.txt\n-clists/limits.txt\n--no-index\n',
          'lists/more.txt': '--find-links wheels\nprivate  # ours\n',
          'lists/limits.txt': 'private<2\n',
          'lists/wheels/private-1.0-py3-none-any.whl': one.bytes,
          'lists/wheels/private-2.0-py3-none-any.whl': two.bytes,
          'main.py': main,
        });
        expect(answerOfPython(await artifactIn(folder))).toBe('1');
        await writeFiles(folder, { 'lists/limits.txt': 'private<3\n' });
        expect(answerOfPython(await artifactIn(folder))).toBe('2');
        const hashed = (sum: string) =>
          `--require-hashes\nprivate==1.0 \\\n  --hash=sha256:${sum}\n--find-links wheels\n`;
        await writeFiles(folder, { 'lists/more.txt': hashed(one.sha256), 'lists/limits.txt': 'private==1.0\n' });
        expect(answerOfPython(await artifactIn(folder))).toBe('1');
        await writeFiles(folder, { 'lists/more.txt': hashed(two.sha256) });
        expect(await problemsIn(folder)).toEqual([
          expect.stringMatching(/^lists\/more.txt:2 private does not have a hash that is listed for it \| /),
        ]);
      });

      test('without such a version, or without such a package, is an error at its line', async () => {
        tools.use(tool);
        const folder = await folderOf({
          'project.yml': pythonProject(),
          'requirements.txt': 'docopt==0.6.2\nsix==99.0\n',
          'main.py': 'def handle(event, context):\n    return 1\n',
        });
        expect(await problemsIn(folder)).toEqual([
          expect.stringMatching(
            /^requirements.txt:2 six has no version for Linux x86_64 and python3\.\d+ that fits \| /,
          ),
        ]);
      });

      test('has a wheel for arm64 too, and markers choose by the function’s architecture', async () => {
        tools.use(tool);
        const folder = await folderOf({
          'project.yml': `${pythonProject()}  b: {handler: main.handle, runtime: python3.13, architecture: arm64}\n`,
          'requirements.txt':
            'markupsafe==3.0.2 ; platform_machine == "aarch64"\nsix ; python_version < "3.13"\ndocopt ; sys_platform == "darwin"\n',
          'main.py': 'def handle(event, context):\n    return 1\n',
        });
        const topsOf = async (name: string) => [
          ...new Set(pathsOf(await artifactIn(folder, name)).map((path) => path.split('/')[0])),
        ];
        expect(await topsOf('a')).toEqual(['main.py', 'six-1.17.0.dist-info', 'six.py']);
        expect(await topsOf('b')).toEqual(['MarkupSafe-3.0.2.dist-info', 'main.py', 'markupsafe']);
      });
    });
  },
);

test('credentials are masked in what tools print', () => {
  setVariables({ MY_INDEX_TOKEN: 'abcdef123' });
  expect(withoutSecrets('GET https://ann:secret@host/simple and git+ssh://git@host/x, token abcdef123')).toBe(
    'GET https://****@host/simple and git+ssh://git@host/x, token ****',
  );
});
