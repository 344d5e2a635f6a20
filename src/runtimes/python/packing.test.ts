import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, describe, expect, test } from 'vitest';
import { answerOfPython, artifactIn, buildIn, pathsOf, problemsIn } from '../../../test/support/artifacts.ts';
import { localLambda } from '../../../test/support/local-lambda.ts';
import { wheelOf } from '../../../test/support/package-index.ts';
import { folderOf, writeFiles } from '../../../test/support/project.ts';
import { pythonProject, pythonRuntime, pythonTools, pythonVersion } from '../../../test/support/python-tools.ts';
import { reasonMissing } from '../../../test/support/toolchain.ts';

const withHandler = (handler: string, more = '') => pythonProject(more).replace('main.handle', handler);
const returns = (text: string) => `def handle(event, context):\n    return ${text}\n`;

describe.skipIf(pythonVersion === undefined)(
  `a packed Python function${reasonMissing(pythonVersion, 'there is no python3 here')}`,
  { timeout: 120_000 },
  () => {
    const tools = pythonTools();
    const local = localLambda();
    afterAll(() => local.stop());

    test.each(['orders.api.handle', 'orders/api.handle'])('has its handler in a package: %s', async (handler) => {
      const folder = await folderOf({
        'project.yml': withHandler(handler),
        'orders/__init__.py': '',
        'orders/api.py': `from .text import text\n\n${returns('text')}`,
        'orders/text.py': 'text = "package"\n',
      });
      const artifact = await artifactIn(folder);
      const settings = { Runtime: pythonRuntime as 'python3.11', Architectures: ['x86_64'] as 'x86_64'[] };
      expect((await local.invoke(artifact, settings, {})).result).toBe('package');
    });

    test('has its handler in a namespace package that an installed package shares', async () => {
      tools.use('uv');
      const folder = await folderOf({
        'project.yml': withHandler('acme.orders.api.handle'),
        'acme/orders/api.py': `from acme.shared import text\n\n${returns('text')}`,
        'requirements.txt': './shared\n',
        'shared/pyproject.toml':
          '[project]\nname = "acme-shared"\nversion = "1"\n[build-system]\nrequires = ["setuptools>=61"]\nbuild-backend = "setuptools.build_meta"\n[tool.setuptools.packages.find]\nwhere = ["lib"]\n',
        'shared/lib/acme/shared/__init__.py': 'text = "shared"\n',
        '.fxignore': 'shared/\n',
      });
      expect(answerOfPython(await artifactIn(folder))).toBe('shared');
    });

    test('has its modules in src, without the folder, and what is included beside them', async () => {
      const folder = await folderOf({
        'project.yml': withHandler('orders.api.handle', ', include: [data/**]'),
        'src/orders/__init__.py': '',
        'src/orders/api.py': `from orders.text import text\n\n${returns('text + open("data/x.txt").read()')}`,
        'src/orders/text.py': 'text = "src "\n',
        'data/x.txt': 'data',
        'tests/test_x.py': '',
      });
      const artifact = await artifactIn(folder);
      expect(pathsOf(artifact)).toEqual(['data/x.txt', 'orders/__init__.py', 'orders/api.py', 'orders/text.py']);
      expect(answerOfPython(artifact)).toBe('src data');
    });

    test.each([
      ['at the top, where an install puts them', 'orders', 'orders/text.py'],
      ['where they are, if they are imported by the name of the folder', 'src.orders', 'src/orders/text.py'],
    ])('has the modules of src %s', async (_where, module, path) => {
      const folder = await folderOf({
        'project.yml': pythonProject(),
        'pyproject.toml': '[project]\nname = "shop"\nversion = "1"\n',
        'main.py': `from ${module}.text import text\n\n${returns('text')}`,
        'src/orders/text.py': 'text = "ours"\n',
      });
      expect(pathsOf(await artifactIn(folder))).toEqual(['main.py', path]);
      expect(answerOfPython(await artifactIn(folder))).toBe('ours');
    });

    test('shares code of the project that is beside it', async () => {
      const folder = await folderOf({
        'project.yml': withHandler('functions/a/main.handle'),
        'functions/a/main.py': `from shared.text import text\n\n${returns('text')}`,
        'shared/text.py': 'text = "beside"\n',
      });
      expect(answerOfPython(await artifactIn(folder))).toBe('beside');
    });

    test('has its handler in an installed package, or the error says where fx looked', async () => {
      tools.use('uv');
      const folder = await folderOf({
        'project.yml': withHandler('ready.handle'),
        'requirements.txt': 'ready\n--find-links .\n--no-index\n',
      });
      writeFileSync(join(folder, 'ready-1.0-py3-none-any.whl'), wheelOf('ready', '1.0', returns('"ready"')).bytes);
      expect(answerOfPython(await artifactIn(folder))).toBe('ready');
      await writeFiles(folder, { 'project.yml': withHandler('redy.handle') });
      expect(await problemsIn(folder)).toEqual([
        'project.yml:3 the function "a" has no file redy.py; its folder is there',
      ]);
    });

    test('keeps the metadata that importlib.metadata reads, and no other', async () => {
      tools.use('uv');
      const folder = await folderOf({
        'project.yml': pythonProject(),
        'requirements.txt': 'charset-normalizer==3.4.4\n',
        'main.py': `from importlib import metadata\nimport charset_normalizer\n\n${returns('[metadata.version("charset_normalizer"), [e.name for e in metadata.distribution("charset-normalizer").entry_points], metadata.packages_distributions()["charset_normalizer"]]')}`,
      });
      const artifact = await artifactIn(folder);
      expect(pathsOf(artifact).filter((path) => path.includes('.dist-info/'))).toEqual([
        'charset_normalizer-3.4.4.dist-info/METADATA',
        'charset_normalizer-3.4.4.dist-info/entry_points.txt',
        'charset_normalizer-3.4.4.dist-info/top_level.txt',
      ]);
      expect(answerOfPython(artifact)).toEqual(['3.4.4', ['normalizer'], ['charset-normalizer']]);
    });

    test('with sdk: runtime has no boto3, nor what only boto3 needs', async () => {
      tools.use('uv');
      const folder = await folderOf({
        'project.yml': pythonProject(', sdk: runtime'),
        'requirements.txt': 'boto3==1.40.0\n',
        'main.py': `import boto3\n\n${returns('1')}`,
      });
      const topsOf = async () =>
        [...new Set(pathsOf(await artifactIn(folder)).map((path) => path.split('/')[0] ?? ''))].filter(
          (name) => !name.endsWith('.dist-info'),
        );
      expect(await topsOf()).toEqual(['main.py']);
      await writeFiles(folder, { 'requirements.txt': 'boto3==1.40.0\nrequests==2.32.3\n' });
      expect(await topsOf()).toEqual(
        ['certifi', 'charset_normalizer', 'idna', 'main.py', 'requests', 'urllib3'].sort(),
      );
      await writeFiles(folder, { 'requirements.txt': 'boto3==1.40.0\nsix\n' });
      expect(await topsOf()).toEqual(['main.py', 'six.py']);
      await writeFiles(folder, { 'requirements.txt': 'aiobotocore==2.24.0\n' });
      const { notes, artifacts } = await buildIn(folder);
      expect(notes).toContain('a: boto3 is packed in spite of `sdk: runtime`, because aiobotocore limits its version');
      expect(artifacts.get('a')?.manifest.some(({ path }) => path.startsWith('botocore/'))).toBe(true);
    });
  },
);
