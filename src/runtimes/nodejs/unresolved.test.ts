import { describe, expect, test } from 'vitest';
import { answerOf, buildIn, problemsIn } from '../../../test/support/artifacts.ts';
import { installed, one, plain, uses } from '../../../test/support/packages.ts';
import { folderOf } from '../../../test/support/project.ts';

describe('an import that cannot be resolved', () => {
  const files = (text: string, manifest: object = {}) => ({
    'project.yml': plain,
    'a.mjs': uses('lib'),
    ...installed('lib', { 'index.js': text }, manifest),
  });
  const left = 'a: not installed, so left out: absent (optional in lib)';

  test('of a package that requires it when needed stays in place', async () => {
    const folder = await folderOf(
      files(
        "module.exports = (slow) => slow ? require('absent') : 'right'; module.exports.load = () => import('absent/part');",
      ),
    );
    const { artifacts, notes } = await buildIn(folder);
    expect(answerOf(artifacts.get('a') as never)).toBe('right');
    expect(notes).toEqual([`${left}, absent/part (optional in lib)`]);
  });

  test('and that its package declares optional stays in place', async () => {
    for (const manifest of [
      { peerDependencies: { absent: '*' }, peerDependenciesMeta: { absent: { optional: true } } },
      { optionalDependencies: { absent: '*' } },
    ]) {
      const folder = await folderOf({
        ...files("export const later = () => import('./later.js'); export default () => 'right';", {
          type: 'module',
          ...manifest,
        }),
        'node_modules/lib/later.js': "import absent from 'absent'; export default absent;",
      });
      // static in a lazy module: esbuild puts it at the top of the bundle, where Node.js would miss it
      expect(await problemsIn(folder)).toEqual([expect.stringContaining("Cannot find package 'absent'")]);
    }
  });

  test('is an error in a static import without that, and in the code of the project', async () => {
    const folder = await folderOf(
      files("import absent from 'absent'; export default () => absent;", { type: 'module' }),
    );
    expect(await problemsIn(folder)).toEqual([
      expect.stringContaining('node_modules/lib/index.js:1 Could not resolve "absent"'),
    ]);
    const own = await folderOf({
      'project.yml': plain,
      'pnpm-lock.yaml': '',
      'a.cjs': "exports.handler = () => require('absent');",
      'b.cjs': '',
    });
    expect(await problemsIn(own)).toEqual([
      'a.cjs:1 Could not resolve "absent" | install it in the project: pnpm add absent',
    ]);
  });

  test('in the code of the project is the only error that is told', async () => {
    const folder = await folderOf({
      ...files("module.exports = () => require('optional');"),
      'a.mjs': "import lib from 'lib'; import own from 'own'; export const handler = async () => lib(own);",
    });
    expect(await problemsIn(folder)).toEqual([
      'a.mjs:1 Could not resolve "own" | install it in the project: npm install own',
    ]);
  });

  test('under `external` stays in place', async () => {
    const folder = await folderOf({
      'project.yml': one('external: [absent]'),
      'a.mjs': "export const handler = async (event) => event.x ? import('absent') : 'right';",
    });
    const { artifacts, notes } = await buildIn(folder);
    expect(answerOf(artifacts.get('a') as never)).toBe('right');
    expect(notes).toEqual(['a: not installed, so left out: absent (under `external`, imported by a.mjs)']);
  });
});

test('the same error in many modules is one error with its first places', async () => {
  const folder = await folderOf({
    'project.yml': plain,
    'a.mjs': `${Array.from({ length: 9 }, (_, index) => `import './m${index}.mjs';`).join('\n')}\nexport const handler = 1;`,
    ...Object.fromEntries(Array.from({ length: 9 }, (_, index) => [`m${index}.mjs`, "import 'absent';"])),
  });
  expect(await problemsIn(folder)).toEqual([
    expect.stringMatching(
      /^m0.mjs:1 Could not resolve "absent" \| .*; also at m1.mjs:1:8, m2.mjs:1:8, m3.mjs:1:8 and 5 more$/,
    ),
  ]);
});
