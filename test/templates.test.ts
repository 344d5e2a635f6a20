// Each template of fx init becomes a project, whose own tests deploy it to the local AWS and call it: the built command line, the
// toolchain of this machine. CI runs a sample of those that take long to compile; `npm run templates` runs all.
import { execFileSync, spawn } from 'node:child_process';
import { chmod, mkdir, readFile, symlink, writeFile } from 'node:fs/promises';
import { delimiter, join } from 'node:path';
import { beforeAll, describe, expect, test } from 'vitest';
import { parse } from 'yaml';
import { packageFolder } from '../src/base/packaged.ts';
import { type Language, languages } from '../src/scaffold/languages.ts';
import { listTemplates } from '../src/scaffold/templates.ts';
import { fakeEngine } from './support/fake-engine.ts';
import { bin, clock, fx, stopAfter } from './support/fx.ts';
import { folderOf, sharedFolder } from './support/project.ts';
import { reasonMissing, runs } from './support/toolchain.ts';

/** The programs with which a machine can build and test a language. */
const toolchains: Readonly<Record<Language, readonly (readonly [string, ...string[]])[]>> = {
  typescript: [],
  javascript: [],
  python: [['pytest', '--version']],
  go: [['go', 'version']],
  rust: [['cargo', '--version']],
  java: [
    ['mvn', '--version'],
    ['javac', '-version'],
  ],
  kotlin: [
    ['mvn', '--version'],
    ['javac', '-version'],
  ],
  clojure: [['lein', 'version']],
  ruby: [['ruby', '--version']],
  csharp: [['dotnet', '--version']],
};

/** Leiningen's own profile needs Clojars, which is no place that the suite reaches. */
const testCommands: Partial<Record<Language, string>> = { clojure: 'lein with-profile dev test' };

/** Languages in which fx writes no function. */
const withoutCode: readonly Language[] = ['clojure', 'csharp'];

const runsAll = process.env['FX_TEMPLATES'] === 'all';
/** They compile for half a minute and more. */
const slow: readonly string[] = ['http-rust', 'http-java', 'http-kotlin', 'http-clojure'];

const templates = await listTemplates();
const chosen = templates.filter(({ name }) => runsAll || !slow.includes(name));

const types = sharedFolder();
/** The compiler's settings of a project, with the declarations of fx as they are now: other tests write dist/types meanwhile. */
const withTypes = {
  extends: './tsconfig.json',
  compilerOptions: { paths: { 'fx-serverless/local': [join(types, 'testing.d.ts')] } },
};

describe('templates', () => {
  beforeAll(() => {
    const compiler = join(packageFolder(), 'node_modules/typescript/bin/tsc');
    execFileSync(process.execPath, [compiler, '-p', 'tsconfig.types.json', '--outDir', types], {
      cwd: packageFolder(),
    });
  });

  for (const { name, language, trigger } of chosen) {
    const missing = toolchains[language].find(([program, ...words]) => runs(program, ...words) === undefined);
    const reason = reasonMissing(missing === undefined ? true : undefined, `there is no ${missing?.[0]} here`);
    test.skipIf(missing !== undefined)(`${name}: its own tests pass${reason}`, { timeout: 600_000 }, async () => {
      const folder = await folderOf({});
      const made = await fx(folder, ['init', 'my-app', '--template', name]);
      expect(made.stderr + made.stdout).toMatch(/^Created "my-app"/);
      const project = join(folder, 'my-app');
      stopAfter(project);
      if (languages[language].shared !== undefined) {
        // fx itself, in a folder above: fx init was not to find it
        await mkdir(join(folder, 'node_modules'));
        await symlink(packageFolder(), join(folder, 'node_modules/fx-serverless'), 'junction');
        await symlink(join(packageFolder(), 'node_modules'), join(project, 'node_modules'), 'junction');
      }
      const workflow = parse(await readFile(join(project, '.github/workflows/deploy.yml'), 'utf8'));
      expect(Object.keys(workflow.jobs)).toEqual(['test', 'deploy', 'remove']);
      expect(JSON.stringify(workflow)).not.toContain('"fx-');
      // what fx writes for another function builds beside it
      if (trigger === 'http' && !withoutCode.includes(language)) {
        const added = await fx(project, ['init', 'function', 'extra', '--event', 'http: GET /extra']);
        expect(added.stderr).toBe('');
      }
      if (language === 'typescript') {
        await writeFile(join(project, 'tsconfig.fx.json'), JSON.stringify(withTypes));
        await succeeds(project, 'npm run types -- -p tsconfig.fx.json');
      }
      await succeeds(project, testCommands[language] ?? languages[language].test);
      // whose network and database are in no template for the local AWS
      if (name === 'reference-architecture')
        expect((await fx(project, ['validate', '--all'])).stderr).not.toContain('error');
      if (name !== 'container-image') return;
      // its own tests deployed nothing
      const { folder: PATH } = await fakeEngine();
      expect(await fx(project, ['deploy'], { variables: { PATH } })).toMatchObject({
        exitCode: 0,
        stdout: expect.stringContaining('HttpApiUrl'),
      });
    });
  }
});

/** With `fx` in PATH, as a user has it. */
async function succeeds(project: string, command: string): Promise<void> {
  const programs = await folderOf({ fx: `#!/bin/sh\nexec "${process.execPath}" "${bin}" "$@"\n` });
  await chmod(join(programs, 'fx'), 0o755);
  const child = spawn(command, {
    cwd: project,
    shell: true,
    stdio: ['ignore', 'pipe', 'pipe'],
    env: {
      ...process.env,
      PATH: `${programs}${delimiter}${process.env['PATH']}`,
      FX_LOCAL_TIME: new Date(clock.now()).toISOString(),
      // no test reaches the registry of base images
      NO_CONTAINERS: '1',
    },
  });
  let output = '';
  for (const stream of [child.stdout, child.stderr]) stream.on('data', (chunk: Buffer) => (output += chunk.toString()));
  const code = await new Promise((done) => child.once('close', done));
  expect(code, output).toBe(0);
}
