// What users install: the packed tarball, with a script that imports it, a TypeScript file that types it, and the command line.
import { execFileSync, spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { beforeAll, expect, onTestFinished, test } from 'vitest';
import { folderOf, sharedFolder } from './support/project.ts';

const root = resolve(import.meta.dirname, '..');
const packed = sharedFolder();
let tarball = '';

beforeAll(() => {
  execFileSync(process.execPath, ['scripts/types.mjs'], { cwd: root, stdio: ['ignore', 'ignore', 'inherit'] });
  // tests of the command line use dist/ at the same time: do not build it again
  const words = ['pack', '--ignore-scripts', '--json', '--pack-destination', packed];
  const [{ filename = '' } = {}] = JSON.parse(npm(root, ...words)) as readonly { readonly filename?: string }[];
  tarball = join(packed, filename);
}, 120_000);

function npm(folder: string, ...words: readonly string[]): string {
  return execFileSync('npm', words, { cwd: folder, encoding: 'utf8', stdio: ['ignore', 'pipe', 'pipe'] });
}

/** A folder with fx installed from the tarball, as a project of ES modules. */
async function installed(files: Readonly<Record<string, string>>): Promise<string> {
  const folder = await folderOf({ 'package.json': '{"name": "user", "private": true, "type": "module"}', ...files });
  npm(folder, 'install', '--no-audit', '--no-fund', '--prefer-offline', tarball);
  return folder;
}

const project = {
  'project.yml': 'name: shop\nfunctions: {hello: {handler: hello.handler, events: [{http: GET /}]}}\n',
  'hello.ts': "export const handler = async () => 'one';\n",
};

const script = `
import { writeFileSync } from 'node:fs';
import { build, compile, deploy, FxError, loadProject, rollback } from 'fx-serverless';

const project = await loadProject();
const { recipe, compiled } = await build(project);
const again = compile({ project, recipe });
const reports = [];
const first = await deploy(project, { report: (report) => reports.push(report.kind) });
const answer = async () => (await fetch(first.outputs.HttpApiUrl)).text();
const answers = [await answer()];
writeFileSync('hello.ts', "export const handler = async () => 'two';\\n");
const second = await deploy(await loadProject());
answers.push(await answer());
const back = await rollback(project);
answers.push(await answer());
const refused = await rollback(project, { release: 70 }).catch((error) => error);
console.log(JSON.stringify({
  same: JSON.stringify(again.stacks) === JSON.stringify(compiled.stacks),
  kinds: [...new Set(reports)].includes('resource'),
  releases: [first.release.number, second.release.number, back.release.number],
  target: back.target,
  answers,
  refused: [refused instanceof FxError, refused.code],
}));
`;

test('a script deploys to the local AWS and rolls back', { timeout: 180_000 }, async () => {
  const folder = await installed({ ...project, 'script.js': script });
  onTestFinished(() => void execFileSync(join(folder, 'node_modules/.bin/fx'), ['local', 'stop'], { cwd: folder }));
  const variables = { PATH: process.env['PATH'], HOME: folder, FX_LOCAL_TIME: '2026-11-26T08:00:00Z' };
  const output = execFileSync(process.execPath, ['script.js'], { cwd: folder, env: variables, encoding: 'utf8' });
  expect(JSON.parse(output)).toEqual({
    same: true,
    kinds: true,
    releases: [1, 2, 3],
    target: 1,
    answers: ['one', 'two', 'one'],
    refused: [true, 'RELEASE_NOT_FOUND'],
  });
});

test('its declarations type a script without the packages fx depends on', {
  timeout: 180_000,
}, async () => {
  const folder = await installed({
    'script.ts': `
import { type Local, startLocal } from 'fx-serverless/local';
import { build, compile, deploy, loadEnvironment, loadProject, rollback, type PluginFactory, type Project, type Report } from 'fx-serverless';

const project: Project = await loadProject({ folder: '.', environment: 'staging' });
const { recipe } = await build(project);
const ids: readonly string[] = [...compile({ project, recipe }).ownedResources.keys()];
const report = (event: Report): void => { if (event.kind === 'warning') ids.at(0); };
const number: number = (await deploy(project, { report })).release.number;
const target: number = (await rollback(await loadEnvironment(), { release: number })).target;
// @ts-expect-error no such option
await deploy(project, { aprove: true });
// @ts-expect-error a number
const text: string = target;
export const plugin: PluginFactory = ({ schema, cfn, eventSource }) => ({
  eventSources: {
    topic: eventSource({
      about: 'A topic.',
      schema: schema.object({ required: { name: schema.text() }, optional: {} }),
      // @ts-expect-error the schema has no such key
      describe: ({ nam }) => nam,
      compile: ({ config }) => ({ statements: [cfn.allow('sns:Publish', cfn.ref(config.name.trim()))] }),
    }),
  },
});
const local: Local = await startLocal({ time: '2026-11-26T08:00:00Z' });
const url: string | undefined = (await local.deploy()).outputs['HelloUrl'];
// @ts-expect-error a time
await local.advance(new Date());
export { text, url };
`,
    'tsconfig.json': JSON.stringify({
      compilerOptions: {
        module: 'nodenext',
        target: 'es2023',
        strict: true,
        noEmit: true,
        // checks the declarations too; they use Node's types, as a user's script does
        skipLibCheck: false,
        typeRoots: [join(root, 'node_modules/@types')],
        types: ['node'],
      },
      include: ['script.ts'],
    }),
  });
  const compiler = join(root, 'node_modules/typescript/bin/tsc');
  expect(spawnSync(process.execPath, [compiler, '-p', '.'], { cwd: folder, encoding: 'utf8' })).toMatchObject({
    stdout: '',
    status: 0,
  });
});

test('it is small', () => {
  const words = ['pack', '--dry-run', '--ignore-scripts', '--json'];
  const [{ unpackedSize = 0 } = {}] = JSON.parse(npm(root, ...words)) as readonly { readonly unpackedSize?: number }[];
  expect(unpackedSize).toBeLessThan(12_000_000);
});

test('it contains what it needs at run time, and nothing else', async () => {
  const { dependencies } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as {
    dependencies: Record<string, string>;
  };
  expect(Object.keys(dependencies)).toEqual(['esbuild']);
  const paths = execFileSync('tar', ['-tf', tarball], { encoding: 'utf8' }).split('\n');
  for (const path of [
    'dist/bin.js',
    'dist/index.cjs',
    'dist/types/index.d.ts',
    'dist/project.schema.json',
    'dist/workspace.schema.json',
    'README.md',
    // what npm would leave out by its name has another
    'templates/_shared/all/gitignore',
    'templates/_shared/all/.github/workflows/deploy.yml',
  ])
    expect(paths).toContain(`package/${path}`);
  const tests = paths.filter((path) => /\.test\./.test(path) && !path.startsWith('package/templates/'));
  expect([...tests, ...paths.filter((path) => /node_modules|\.fx|\.cache/.test(path))]).toEqual([]);
});
