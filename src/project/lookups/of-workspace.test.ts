// ${project:name.Output}: found through the workspace, in the place of the other project.
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { folderOf, today } from '../../../test/support/project.ts';
import type { Lookups } from '../../aws/aws.ts';
import { FxError } from '../../base/error.ts';
import { toPlain } from '../../base/located.ts';
import { loadEnvironment, loadProject, type ProjectOptions } from '../load.ts';

const network = [
  'name: net',
  'region: eu-central-1',
  'params: {suffix: a}',
  'stackName: net-${env}-${params.suffix}',
  'outputs: {VpcId: x, New: y}',
  'environments:',
  '  staging: {account: "111122223333", profile: net}',
  '  prod: {regions: [eu-west-1, us-east-1]}',
].join('\n');
const workspace = 'projects:\n  network:\n  bus:\n  orders: {folder: services/orders, dependsOn: [network]}\n';
const stacks: Readonly<Record<string, Readonly<Record<string, string>>>> = {
  'net-staging-a eu-central-1': { VpcId: 'vpc-1', HttpApiUrl: 'u' },
  'net-staging-b eu-central-1': { VpcId: 'vpc-b' },
  'net-staging-a eu-west-1': { VpcId: 'vpc-west' },
  'net-prod-a eu-west-1': { VpcId: 'vpc-2' },
  'net-prod-a us-east-1': { VpcId: 'vpc-3' },
};

async function loaded(lookups: string, options: Partial<ProjectOptions> = {}, file = workspace) {
  const orders = `name: orders\nregion: eu-west-1\nenvironments: {staging: {}, prod: {}, odd: {}}\nparams:\n${lookups}\n`;
  const root = await folderOf({
    ...(file === '' ? {} : { 'fx.workspace.yml': file }),
    'network/project.yml': network,
    'bus/project.yml': 'name: bus\n',
    'services/orders/project.yml': orders,
  });
  const reached: string[] = [];
  const project = await loadProject({
    folder: join(root, 'services/orders'),
    environment: 'staging',
    variables: {},
    shownFrom: root,
    today,
    connect: async ({ folder, region, account, profile }) => {
      reached.push([folder.slice(root.length), region, account ?? '-', profile ?? '-'].join(' '));
      return { stackOutputs: async (stack, at) => stacks[`${stack} ${at}`] } as Lookups;
    },
    ...options,
  });
  return { params: (toPlain(project.merged) as { params: Record<string, unknown> }).params, reached };
}

async function failureOf(...input: Parameters<typeof loaded>) {
  const error = await loaded(...input).catch((thrown: unknown) => thrown);
  if (!(error instanceof FxError)) throw new Error(`expected an FxError, got ${JSON.stringify(error)}`);
  const problems = error.problems.map(
    ({ at, message, hint }) => `${at.file}:${at.line}:${at.column} ${message}${hint ? ` | ${hint}` : ''}`,
  );
  return { code: error.code, problems };
}

test('an output comes from where the other project is, reached once', async () => {
  const { params, reached } = await loaded('  a: ${project:network.VpcId}\n  b: "${project:network.HttpApiUrl}!"');
  expect(params).toEqual({ a: 'vpc-1', b: 'u!' });
  expect(reached).toEqual(['/network eu-central-1 111122223333 net']);
});

test('a project in several regions gives the output of the same region, or of the named one', async () => {
  expect((await loaded('  a: ${project:network.VpcId}', { environment: 'prod' })).params).toEqual({ a: 'vpc-2' });
  const named = await loaded('  a: ${project(us-east-1):network.VpcId}', { environment: 'prod' });
  expect(named.params).toEqual({ a: 'vpc-3' });
  expect(await failureOf('  a: ${project:network.VpcId, x}', { environment: 'prod', region: 'eu-north-1' })).toEqual({
    code: 'PROJECT_INVALID',
    problems: [
      'services/orders/project.yml:5:6 ${project:network.VpcId}: network is in eu-west-1, us-east-1, but not in eu-north-1 | name one of its regions: ${project(eu-west-1):network.VpcId}',
    ],
  });
});

test('--param is for both; --region is for this project alone, unless the command is for several', async () => {
  const lookup = '  a: ${project:network.VpcId}\n  own: ${params.suffix, x}';
  expect((await loaded(lookup, { params: { suffix: 'b' } })).params).toMatchObject({ a: 'vpc-b', own: 'b' });
  const region = { region: 'eu-west-1' };
  expect((await loaded(lookup, region)).params).toMatchObject({ a: 'vpc-1' });
  expect((await loaded(lookup, { ...region, shared: region })).params).toMatchObject({ a: 'vpc-west' });
});

test('a wrong name, or a dependency that is not declared, is an error even with a default', async () => {
  const wrong = [
    '  a: ${project:netwrk.VpcId, x}',
    '  b: ${project:bus.Arn, x}',
    '  c: ${project:network, x}',
    '  d: ${project:network.VpcID}',
    '  e: ${project:network.Nothing, none}',
  ];
  expect(await failureOf(wrong.join('\n'))).toEqual({
    code: 'PROJECT_INVALID',
    problems: [
      'services/orders/project.yml:5:6 ${project:netwrk.VpcId}: there is no project "netwrk" in fx.workspace.yml | did you mean "network"? the others there are network, bus',
      'services/orders/project.yml:6:6 ${project:bus.Arn}: orders does not depend on bus | in fx.workspace.yml, add bus to dependsOn of orders: the order of the deploys follows from it',
      'services/orders/project.yml:7:6 ${project:network} needs a project and an output | such as ${project:network.VpcId}',
      'services/orders/project.yml:8:6 ${project:network.VpcID}: network has no output VpcID | did you mean "VpcId"? network has VpcId, HttpApiUrl, New',
    ],
  });
  expect((await failureOf('  a: ${project:network.VpcId}', {}, '')).problems).toEqual([
    expect.stringContaining('there is no fx.workspace.yml in a folder above this project'),
  ]);
  expect((await failureOf('  a: ${project:network.VpcId}', {}, 'projects: {network: }')).problems).toEqual([
    expect.stringContaining('fx.workspace.yml does not list this project | add it there, with dependsOn: [network]'),
  ]);
  const cycle = 'projects: {network: {dependsOn: [orders]}, orders: {folder: services/orders, dependsOn: [network]}}';
  expect((await failureOf('  a: ${project:network.VpcId}', {}, cycle)).problems).toEqual([
    expect.stringMatching(/^fx\.workspace\.yml:1:\d+ the projects depend on each other in a cycle/),
  ]);
});

test('what is not deployed yet is an error of its own, unless there is a default', async () => {
  const options = { environment: 'local' };
  expect(await failureOf('  a: ${project:network.VpcId}', options)).toEqual({
    code: 'NOT_DEPLOYED',
    problems: [
      'services/orders/project.yml:5:6 ${project:network.VpcId}: network is not deployed to "local" in eu-central-1 | deploy it first: fx deploy --project network, or give a default: ${project:network.VpcId, value}',
    ],
  });
  expect((await loaded('  a: ${project:network.VpcId, none}', options)).params).toEqual({ a: 'none' });
  // an output that only the project file has yet
  expect(await failureOf('  a: ${project:network.New}')).toEqual({
    code: 'NOT_DEPLOYED',
    problems: [expect.stringContaining('does not have the output New yet | deploy it first: fx deploy --env staging')],
  });
  expect(await failureOf('  a: ${project:network.New}\n  b: ${params.none}')).toMatchObject({
    code: 'PROJECT_INVALID',
  });
});

test('the other project must have the environment', async () => {
  expect((await failureOf('  a: ${project:network.VpcId}', { environment: 'odd' })).code).toBe('ENVIRONMENT_UNKNOWN');
});

test('names and destination are read without the other project', async () => {
  const root = await folderOf({
    'fx.workspace.yml': 'projects: {a: , b: {dependsOn: [a]}}',
    'b/project.yml': 'name: b\nregion: "${project:a.Region}"\nparams: {x: "${project:a.X}"}\n',
    'a/project.yml': 'name: a\n',
  });
  const options = { folder: join(root, 'b'), environment: 'local', variables: {}, shownFrom: root };
  await expect(loadEnvironment(options)).rejects.toMatchObject({
    message: 'region, account, profile and assumeRole cannot be looked up in AWS',
  });
});
