// A workspace whose environments are on AWS, in several regions.
import { afterAll, expect, test } from 'vitest';
import { resultOf } from '../support/fx.ts';
import { folderOf } from '../support/project.ts';
import { startRecordedAws } from '../support/recorded-aws.ts';

const code = 'export const handler = async () => ({ ...process.env });\n';
const aws = await startRecordedAws();
afterAll(() => aws.stop());

const both = '[eu-west-1, us-east-1]';
const prod = (name: string, settings: string, variables: string, more = '') =>
  `name: ${name}\nenvironments: {prod: {${settings}}}\nfunctions: {a: {handler: a.handler, variables: ${variables}}}\n${more}`;

test('in several regions, each takes the output of its own; one question removes all', {
  timeout: 180_000,
}, async () => {
  const folder = await folderOf({
    'fx.workspace.yml': 'projects: {network: , orders: {dependsOn: [network]}, far: {dependsOn: [network]}}\n',
    'network/project.yml': prod('network', `regions: ${both}`, '{}', 'outputs: {Where: "in ${region}"}\n'),
    'orders/project.yml': prod('orders', `regions: {together: ${both}}`, '{FROM: "${project:network.Where}"}'),
    'far/project.yml': prod(
      'far',
      'region: eu-north-1, protected: true',
      '{FROM: "${project(us-east-1):network.Where}"}',
      'resources: {Jobs: {Type: "AWS::SQS::Queue"}}\n',
    ),
    ...Object.fromEntries(['network', 'orders', 'far'].map((name) => [`${name}/a.js`, code])),
  });
  const run = (...words: string[]) => aws.fx(folder, [...words, '--env', 'prod']);
  const done = await run('deploy', '--json');
  expect(resultOf(done)).toMatchObject({
    projects: [
      { project: 'network', regions: [{ region: 'eu-west-1' }, { region: 'us-east-1' }] },
      { project: 'orders', regions: [{ region: 'eu-west-1' }, { region: 'us-east-1' }] },
      { project: 'far', changed: true },
    ],
  });
  const from = async (project: string, region: string) =>
    JSON.parse((await run('invoke', 'a', '--project', project, '--region', region)).stdout).FROM;
  expect(await from('orders', 'eu-west-1')).toBe('in eu-west-1');
  expect(await from('orders', 'us-east-1')).toBe('in us-east-1');
  expect(await from('far', 'eu-north-1')).toBe('in us-east-1');
  expect((await run('plan')).stdout).toMatch(
    /^== network\n== eu-west-1\n[\s\S]*\n== us-east-1\n[\s\S]*\n== far\nNothing/,
  );

  // one of them is protected: --yes is not enough, and nothing is removed
  const refused = await run('remove', '--yes');
  expect([refused.exitCode, refused.stdout, refused.stderr]).toEqual([
    5,
    '',
    expect.stringContaining('"prod" is protected'),
  ]);
  const removed = await run('remove', '--confirm', 'prod');
  expect([removed.exitCode, removed.stdout.split('\n').at(-2)]).toEqual([0, 'Done: far, orders, network.']);
});
