// A workspace: its projects are deployed in the order of their dependencies, on one local AWS, with outputs passed between them.
import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { fx, jsonLines, resultOf, stopAfter } from '../support/fx.ts';
import { type Files, folderOf, writeFiles } from '../support/project.ts';

const three = `projects:
  web: {folder: services/web, dependsOn: [network, orders]}
  orders: {folder: services/orders, dependsOn: [network]}
  network:
`;
const code = 'export const handler = async () => ({ ...process.env });\n';
const broken = 'resources: {Jobs: {Type: "AWS::SQS::Queue", Properties: {QueueName: jobs, FifoQueue: true}}}\n';
const project = (name: string, variables: string, more = '') =>
  `name: ${name}\nenvironments: {staging: {}}\nfunctions: {a: {handler: a.handler, variables: ${variables}}}\n${more}`;
const queue = 'resources: {Bus: {Type: "AWS::SQS::Queue"}}\noutputs: {BusName: !GetAtt Bus.QueueName}\n';
const bus = '"${project:network.BusName}"';

const files: Files = {
  'fx.workspace.yml': three,
  'network/project.yml': project('network', '{AA: b}', queue),
  'network/a.js': code,
  'services/orders/project.yml': project('orders', `{BUS: ${bus}}`, 'outputs: {OrdersName: "orders of ${env}"}\n'),
  'services/orders/a.js': code,
  'services/web/project.yml': project('web', `{BUS: ${bus}, ORDERS: "\${project:orders.OrdersName}"}`),
  'services/web/a.js': code,
};

async function workspace(changed: Files = {}): Promise<string> {
  const folder = await folderOf({ ...files, ...changed });
  stopAfter(folder);
  return folder;
}

const rowsOf = (text: string, pattern: RegExp) => text.split('\n').filter((line) => pattern.test(line));

describe('deployed', () => {
  test('from nothing to nothing: plan, deploy, outputs, info, remove', { timeout: 180_000 }, async () => {
    const folder = await workspace();
    // before anything is deployed, only the first can be planned
    const planned = await fx(folder, ['plan', '--exit-code']);
    expect(planned.exitCode).toBe(2);
    expect(planned.stdout).toMatch(
      /^== network\n[\s\S]*6 to add[\s\S]*\n== orders\nNot known yet: services\/orders\/project\.yml needs outputs of a project that is not deployed yet\n {2}services\/orders\/project\.yml:3:54 \$\{project:network\.BusName\}: network is not deployed to "local" in us-east-1\n\n== web\nNot known yet: /,
    );
    expect((await fx(folder, ['info'])).stdout).toMatch(/^== network\nNot deployed: "local" is not deployed\.\n/);

    const done = await fx(folder, ['deploy']);
    expect([done.exitCode, done.stdout.split('\n').at(-2)]).toEqual([0, 'Done: network, orders, web.']);
    expect(rowsOf(done.stdout, /is live/)).toEqual([
      '[network] Release 1 is live.',
      '[orders] Release 1 is live.',
      '[web] Release 1 is live.',
    ]);
    expect(done.stderr).toMatch(/^\[orders\] orders · local · account 000000000000/m);

    // in a project's folder, its commands are as ever, on the AWS of the workspace
    const web = join(folder, 'services/web');
    const variables = JSON.parse((await fx(web, ['invoke', 'a'])).stdout);
    expect(variables).toMatchObject({ BUS: expect.stringContaining('network-local-Bus-'), ORDERS: 'orders of local' });
    expect((await fx(web, ['deploy'])).stdout).toMatch(/^Nothing to change; release 1 is live\.\n/);
    expect([existsSync(join(folder, '.fx/local')), existsSync(join(web, '.fx/local'))]).toEqual([true, false]);
    const address = async (from: string) =>
      (resultOf(await fx(from, ['local', 'status', '--json'])) as { endpoint: string }).endpoint;
    expect(await address(web)).toBe(await address(folder));

    // from anywhere in it
    const json = await fx(web, ['deploy', '--project', 'web', '--with-dependencies', '--json']);
    expect(resultOf(json)).toMatchObject({
      projects: [
        { project: 'network', changed: false, release: 1 },
        { project: 'orders', changed: false, release: 1, outputs: { OrdersName: 'orders of local' } },
        { project: 'web', changed: false, release: 1 },
      ],
    });
    expect(new Set(jsonLines(json).map((line) => line['project'] ?? line['type']))).toEqual(
      new Set(['network', 'orders', 'web', 'result']),
    );
    expect(resultOf(await fx(folder, ['plan', '--json', '--project', 'orders,web']))).toMatchObject({
      projects: [
        { project: 'orders', empty: true },
        { project: 'web', empty: true },
      ],
    });
    expect((await fx(folder, ['releases'])).stdout).toMatch(/^== network\n {3}1 {2}LIVE[\s\S]*== web\n {3}1 {2}LIVE/);

    // data in one of them: one question for all
    const part = await fx(folder, ['remove', '--project', 'network']);
    expect([part.exitCode, part.stderr]).toEqual([
      5,
      expect.stringMatching(
        /^orders, web depend on what is removed here, and stay\.\nerror removing "local" needs confirmation/,
      ),
    ]);
    const refused = await fx(folder, ['remove']);
    expect([refused.exitCode, refused.stderr]).toEqual([
      5,
      expect.stringContaining('removing "local" needs confirmation'),
    ]);
    const removed = await fx(folder, ['remove', '--yes']);
    expect([removed.exitCode, rowsOf(removed.stdout, /removed|Done/)]).toEqual([
      0,
      [
        '[web] "local" is removed.',
        '[orders] "local" is removed.',
        '[network] "local" is removed.',
        'Done: web, orders, network.',
      ],
    ]);
    expect(resultOf(await fx(folder, ['info', '--json']))).toMatchObject({
      projects: [{ project: 'network', notDeployed: true }, { project: 'orders' }, { project: 'web' }],
    });
  });

  test('a failure in the middle: its dependents are not begun, and the next run goes on', {
    timeout: 120_000,
  }, async () => {
    const orders = files['services/orders/project.yml'] as string;
    const folder = await workspace({ 'services/orders/project.yml': orders + broken });
    const failed = await fx(folder, ['deploy']);
    expect([failed.exitCode, failed.stderr.slice(failed.stderr.indexOf('\nerror') + 1)]).toEqual([
      3,
      expect.stringMatching(
        /^error orders: the deploy failed: Jobs [\s\S]*services\/orders\/project\.yml:5:13[\s\S]*\n→ done: network; not begun: web; the same command goes on from there\n$/,
      ),
    ]);
    expect(failed.stdout).not.toContain('[web]');
    await writeFiles(folder, { 'services/orders/project.yml': orders });
    const again = await fx(folder, ['deploy', '--concurrency', '1']);
    expect([again.exitCode, again.stdout]).toEqual([
      0,
      expect.stringMatching(
        /^== network\nNothing to change;[\s\S]*\n== orders\nRelease \d is live\.[\s\S]*\n== web\nRelease 1/,
      ),
    ]);
  });

  test('projects that do not depend on each other run at once; all come to rest', { timeout: 120_000 }, async () => {
    const slow = (name: string, more = '') => project(name, '{}', more);
    const folder = await workspace({
      'fx.workspace.yml': 'projects: {a: , b: , c: , d: {dependsOn: [a]}, e: {dependsOn: [b]}}\n',
      ...Object.fromEntries(
        ['a', 'b', 'c', 'd', 'e'].flatMap((name) => [
          [`${name}/project.yml`, slow(name, name === 'b' ? broken : '')],
          [`${name}/a.js`, code],
        ]),
      ),
    });
    const done = await fx(folder, ['deploy', '--json']);
    const lines = jsonLines(done).filter((line) => line['type'] === 'stage');
    const first = (name: string, stage: string) =>
      lines.findIndex((line) => line['project'] === name && line['stage'] === stage);
    const begun = ['a', 'b', 'c'].map((name) => first(name, 'building'));
    const created = ['a', 'b', 'c'].map((name) => first(name, 'creating-stack'));
    expect(Math.max(...begun)).toBeLessThan(Math.min(...created));
    expect([done.exitCode, first('e', 'building')]).toEqual([3, -1]);
    expect(jsonLines(done).at(-1)).toMatchObject({ type: 'error', message: expect.stringMatching(/^b: /) });
    // c was running when b failed
    expect(resultOf(await fx(folder, ['info', '--project', 'c', '--json']))).toMatchObject({
      projects: [{ project: 'c', status: 'CREATE_COMPLETE' }],
    });
  });
});

describe('refused before anything is deployed', () => {
  const errorOf = async (folder: string, ...words: string[]) => {
    const done = await fx(folder, words);
    expect(done.stdout).toBe('');
    return [done.exitCode, done.stderr];
  };

  test('a cycle, an unknown project, a missing folder', async () => {
    const of = async (text: string) => errorOf(await folderOf({ ...files, 'fx.workspace.yml': text }), 'deploy');
    expect(
      await of(
        'projects:\n  network: {dependsOn: [orders]}\n  orders: {folder: services/orders, dependsOn: [network]}\n',
      ),
    ).toEqual([
      4,
      expect.stringMatching(
        /fx\.workspace\.yml:3:\d+ the projects depend on each other in a cycle: network → orders → network\n/,
      ),
    ]);
    expect(await of('projects: {network: {dependsOn: [order]}, orders: services/orders}\n')).toEqual([
      4,
      expect.stringMatching(
        /fx\.workspace\.yml:1:34 there is no project "order" in this workspace[\s\S]*did you mean "orders"\?/,
      ),
    ]);
    expect(await of('projects: {network: net}\n')).toEqual([
      4,
      expect.stringMatching(/fx\.workspace\.yml:1:21 there is no project\.yml in net\n/),
    ]);
  });

  test('an environment that one project lacks, a name that two have, a param that none uses', async () => {
    const folder = await folderOf({ ...files, 'services/web/project.yml': 'name: web\nenvironments: {prod: {}}\n' });
    expect(await errorOf(folder, 'deploy', '--env', 'staging')).toEqual([
      4,
      expect.stringMatching(
        /^error "staging" is not an environment of web .*\n→ nothing was begun: add it [^\n]* \(staging: \{\} in services\/web\/project\.yml\)/,
      ),
    ]);
    expect(await errorOf(folder, 'plan', '--env', 'stagng')).toEqual([
      4,
      expect.stringMatching(/there is no environment "stagng"[\s\S]*did you mean "staging"\?/),
    ]);
    const twice = await folderOf({ ...files, 'services/orders/project.yml': project('network', '{}') });
    expect(await errorOf(twice, 'deploy')).toEqual([
      4,
      expect.stringMatching(/fx\.workspace\.yml:3:3 orders and network are both "name: network"/),
    ]);
    expect(await errorOf(folder, 'deploy', '--param', 'nope=1')).toEqual([
      4,
      expect.stringContaining('--param nope the project does not use the param "nope"'),
    ]);
  });

  test('a mistake in the last project, before the first one is deployed', async () => {
    const folder = await workspace({
      'services/web/project.yml': project('web', `{BUS: ${bus}}`).replace('handler: ', 'handlr: '),
    });
    const done = await fx(folder, ['deploy']);
    expect([done.exitCode, done.stderr]).toEqual([
      4,
      expect.stringMatching(/services\/web\/project\.yml:3:\d+ unknown key "handlr"/),
    ]);
    expect(done.stderr).not.toContain('Creating the stack');
  });

  test('a lookup of a project that dependsOn does not have', { timeout: 120_000 }, async () => {
    const text = 'projects: {network: , orders: services/orders}\n';
    const folder = await workspace({ 'fx.workspace.yml': text });
    const done = await fx(folder, ['plan']);
    expect([done.exitCode, done.stderr]).toEqual([
      4,
      expect.stringMatching(
        /error orders: .*\n\nservices\/orders\/project\.yml:3:54 \$\{project:network\.BusName\}: orders does not depend on network\n[\s\S]*→ in fx\.workspace\.yml, add network to dependsOn of orders/,
      ),
    ]);
    // the others are planned
    expect(done.stdout).toMatch(/^== network\n[\s\S]*6 to add/);
    const alone = await fx(join(folder, 'services/orders'), ['deploy']);
    expect([alone.exitCode, alone.stderr]).toEqual([4, expect.stringContaining('orders does not depend on network')]);
  });

  test('options and commands for one project', async () => {
    const folder = await folderOf(files);
    for (const [words, error] of [
      [['deploy', '--project', 'order'], 'there is no project "order" in fx.workspace.yml'],
      [['deploy', '--project', 'orders', '--workspace'], '--project and --workspace exclude each other'],
      [['deploy', '--with-dependencies'], '--with-dependencies needs --project'],
      [['deploy', '--concurrency', '0'], '--concurrency takes a number from 1'],
      [['plan', '-o', 'plan.fx'], '--output is for one project, not for 3'],
      [['deploy', '--allow-replace', 'Bus'], '--allow-replace is for one project, not for 3'],
      [['deploy', 'plan.fx'], '"plan.fx" is for one project, not for 3'],
      [['logs', '--project', 'orders,web'], 'fx logs is for one project, not for 2'],
      [['logs'], 'this command works on one project, but '],
      [['validate', '--project', 'web', '--config', 'project.yml'], '--project and --config exclude each other'],
    ] as const) {
      expect([words, ...(await errorOf(folder, ...words))]).toEqual([words, 4, expect.stringContaining(error)]);
    }
    const lone = await folderOf({ 'project.yml': 'name: lone\n' });
    expect(await errorOf(lone, 'deploy', '--project', 'orders')).toEqual([
      4,
      expect.stringContaining('there is no fx.workspace.yml in '),
    ]);
  });
});

test('in a folder with both files, the project comes first, and --workspace chooses all', {
  timeout: 120_000,
}, async () => {
  const folder = await workspace({
    'fx.workspace.yml': 'projects: {root: ., network: }\n',
    'project.yml': project('root', '{}'),
    'a.js': code,
  });
  expect((await fx(folder, ['validate'])).stdout).toMatch(/^project\.yml is valid/);
  expect((await fx(join(folder, 'network'), ['validate', '--workspace'])).stdout).toMatch(
    /^== root\n\.\.\/project\.yml is valid[\s\S]*== network\nproject\.yml is valid/,
  );
});

test('a saved plan, and any other command, of one project by its name', { timeout: 120_000 }, async () => {
  const folder = await workspace();
  expect((await fx(folder, ['plan', '--project', 'network', '-o', 'plan.fx'])).exitCode).toBe(0);
  expect((await fx(folder, ['deploy', 'plan.fx', '--project', 'network'])).stdout).toMatch(/^Release 1 is live\.\n/);
  expect(JSON.parse((await fx(folder, ['invoke', 'a', '--project', 'network'])).stdout)).toMatchObject({ AA: 'b' });
});

test('the schema of the file, for editors', async () => {
  const folder = await folderOf(files);
  const done = await fx(folder, ['schema', '--workspace', '--output', '.fx/workspace.schema.json']);
  expect(done.stdout).toContain('# yaml-language-server: $schema=./.fx/workspace.schema.json');
  const schema = JSON.parse(await readFile(join(folder, '.fx/workspace.schema.json'), 'utf8'));
  expect(schema).toMatchObject({ title: 'fx.workspace.yml', required: ['projects'] });
});
