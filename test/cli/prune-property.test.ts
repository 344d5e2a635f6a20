// Whatever was deployed, failed, rolled back, promoted and pruned: what is live answers, and each release that is kept can be restored.
import fc from 'fast-check';
import { afterAll, expect, test } from 'vitest';
import { clock, type Run, resultOf } from '../support/fx.ts';
import { answers, folderOf, writeFiles } from '../support/project.ts';
import { startRecordedAws } from '../support/recorded-aws.ts';

const aws = await startRecordedAws();
afterAll(() => aws.stop());
const cloud = await aws.local.cloud('us-east-1');

const environments = ['staging', 'prod'] as const;
type EnvironmentName = (typeof environments)[number];
const project = (name: string, more = '') =>
  `name: ${name}\nkeep: 2\nenvironments: {staging: {}, prod: {}}\nfunctions: {a: {handler: a.handler}, b: {handler: b.handler, layers: [Fonts]}}\nlayers: {Fonts: {path: fonts}}\n${more}`;
/** Fails after everything else of the stack was changed. */
const broken =
  'resources: {Q: {Type: "AWS::SQS::Queue", DependsOn: AAlias, Properties: {QueueName: q, FifoQueue: true}}}\n';

/** What each function answers. */
interface Content {
  readonly a: string;
  readonly b: string;
}

/** An environment as it should be: the content of each release, and of the live one. */
interface Model {
  readonly contents: Map<number, Content>;
  live: Content | undefined;
}

interface World {
  readonly name: string;
  readonly folder: string;
  readonly models: Readonly<Record<EnvironmentName, Model>>;
  edits: number;
}

const run = (world: World, ...words: string[]): Promise<Run> => aws.fx(world.folder, words);

async function edit(world: World, content: string): Promise<void> {
  await writeFiles(world.folder, { 'a.js': answers(content), 'b.js': answers(content), 'fonts/f.txt': content });
}

/** Deploys new content, or content that was deployed before. */
async function deploy(world: World, content: string, ...words: string[]): Promise<void> {
  await edit(world, content);
  const done = resultOf(await run(world, 'deploy', '--env', 'staging', '--json', ...words)) as { release: number };
  record(world.models.staging, done.release, { a: content, b: content });
}

/** New code of one function. */
async function deployCode(world: World): Promise<void> {
  const { staging } = world.models;
  const a = `content ${++world.edits}`;
  await writeFiles(world.folder, { 'a.js': answers(a) });
  const done = resultOf(await run(world, 'deploy', 'a', '--code-only', '--env', 'staging', '--json')) as {
    readonly release: number;
  };
  record(staging, done.release, { a, b: staging.live?.b ?? '' });
}

function record(model: Model, release: number, content: Content): void {
  model.contents.set(release, content);
  model.live = content;
}

const steps = {
  deploy: (world: World) => deploy(world, `content ${++world.edits}`),
  again: (world: World) => deploy(world, `content ${Math.max(1, world.edits - 1)}`),
  canary: (world: World) => deploy(world, `content ${++world.edits}`, '--canary', '50%', '--bake', '1s'),
  code: deployCode,
  async fail(world: World) {
    await edit(world, `content ${++world.edits}`);
    await writeFiles(world.folder, { 'project.yml': project(world.name, broken) });
    expect((await run(world, 'deploy', '--env', 'staging')).exitCode).toBe(3);
    await writeFiles(world.folder, { 'project.yml': project(world.name) });
  },
  rollback: (world: World) => rollback(world, 'staging'),
  rollbackProd: (world: World) => rollback(world, 'prod'),
  async promote(world: World) {
    if (world.models.staging.live === undefined) return;
    const done = resultOf(await run(world, 'promote', 'staging', 'prod', '--yes', '--json')) as {
      readonly release: number;
    };
    record(world.models.prod, done.release, world.models.staging.live);
  },
  async prune(world: World) {
    // younger objects may belong to a change that is about to begin
    await clock.advance(2 * 3_600_000);
    for (const env of environments) {
      if (world.models[env].live === undefined) continue;
      expect((await run(world, 'prune', '--env', env)).exitCode).toBe(0);
    }
  },
} as const;

/** To the release before, if there is one. */
async function rollback(world: World, env: EnvironmentName, ...words: string[]): Promise<void> {
  const model = world.models[env];
  if (model.live === undefined) return;
  const done = await run(world, 'rollback', '--env', env, '--json', ...words);
  if (done.exitCode === 3 && /RELEASE_NOT_FOUND/.test(done.stdout + done.stderr)) return;
  const { release, target } = resultOf(done) as { readonly release: number; readonly target: number };
  const content = model.contents.get(target);
  if (content === undefined) throw new Error(`no release ${target} is known`);
  record(model, release, content);
}

async function checkLive({ name, models }: World, after: readonly string[]): Promise<void> {
  for (const env of environments) {
    if (models[env].live === undefined) continue;
    const call = async (functionName: string) => {
      const FunctionName = `${name}-${env}-${functionName}`;
      const { Payload } = await cloud.call('lambda', 'Invoke', { FunctionName, Qualifier: 'live' });
      return JSON.parse(Buffer.from(Payload ?? []).toString());
    };
    const live = { a: await call('a'), b: await call('b') };
    expect([after, env, live]).toEqual([after, env, models[env].live]);
  }
}

async function restorable(world: World, env: EnvironmentName): Promise<readonly number[]> {
  const shown = resultOf(await run(world, 'prune', '--dry-run', '--env', env, '--json')) as {
    readonly kept: readonly number[];
  };
  return shown.kept;
}

test('what is live and the kept releases can always be restored', { timeout: 300_000 }, async () => {
  const step = fc.constantFrom(...(Object.keys(steps) as (keyof typeof steps)[]));
  let count = 0;
  const property = fc.asyncProperty(fc.array(step, { minLength: 5, maxLength: 9 }), async (names) => {
    const name = `any${++count}`;
    const model = (): Model => ({ contents: new Map(), live: undefined });
    const world: World = {
      name,
      folder: await folderOf({ 'project.yml': project(name) }),
      models: { staging: model(), prod: model() },
      edits: 0,
    };
    const done: string[] = [];
    for (const next of ['deploy', ...names, 'prune'] as const) {
      done.push(next);
      await steps[next](world);
      await checkLive(world, done);
    }
    for (const env of environments) {
      if (world.models[env].live === undefined) continue;
      for (const number of await restorable(world, env)) {
        const content = world.models[env].contents.get(number);
        expect([done, env, number, content]).toEqual([done, env, number, expect.any(Object)]);
        await rollback(world, env, '--to', String(number));
        expect([done, env, number, world.models[env].live]).toEqual([done, env, number, content]);
        await checkLive(world, [...done, `to ${number}`]);
      }
    }
  });
  await fc.assert(property, { numRuns: 3 });
});
