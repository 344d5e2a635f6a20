// `stack` of project.yml: what CloudFormation is told, what a change of it alone costs, and what happens when it goes.
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Cloud } from '../../src/local/cloud.ts';
import { resultOf } from '../support/fx.ts';
import { folderOf, writeFiles } from '../support/project.ts';
import { type Call, type RecordedAws, startRecordedAws } from '../support/recorded-aws.ts';

let aws: RecordedAws;
let cloud: Cloud;
let role: string;
beforeAll(async () => {
  aws = await startRecordedAws();
  cloud = await aws.local.cloud('us-east-1');
  const trust = { Effect: 'Allow', Principal: { Service: 'cloudformation.amazonaws.com' }, Action: 'sts:AssumeRole' };
  const { Role } = await cloud.call('iam', 'CreateRole', {
    RoleName: 'stacks',
    AssumeRolePolicyDocument: JSON.stringify({ Version: '2012-10-17', Statement: [trust] }),
  });
  role = Role?.Arn ?? '';
});
afterAll(() => aws.stop());

const project = (name: string, stack: object | undefined) =>
  `name: ${name}\nenvironments:\n  staging: ${JSON.stringify(stack === undefined ? {} : { stack })}\nfunctions: {a: {handler: a.handler}}\n`;
const answers = (value: number) => `export const handler = async () => ${value};\n`;

interface Deployed {
  readonly changed: boolean;
  readonly release: number;
  readonly calls: readonly Call[];
}
async function deploy(folder: string): Promise<Deployed> {
  aws.calls();
  const done = await aws.fx(folder, ['deploy', '--env', 'staging', '--json']);
  expect(done.exitCode, done.stderr + done.stdout).toBe(0);
  return { ...(resultOf(done) as Omit<Deployed, 'calls'>), calls: aws.calls() };
}
const inputsOf = ({ calls }: Deployed, name: string) =>
  calls.filter((call) => call.name === `cloudformation:${name}`).map(({ input }) => input);
const stackOf = async (StackName: string) =>
  (await cloud.call('cloudformation', 'DescribeStacks', { StackName })).Stacks?.[0];
const policyOf = async (StackName: string) =>
  JSON.parse(
    (await cloud.call('cloudformation', 'GetStackPolicy', { StackName })).StackPolicyBody ?? 'null',
  ) as unknown;

const policy = {
  Statement: [{ Effect: 'Deny', Action: 'Update:Delete', Principal: '*', Resource: 'LogicalResourceId/Bills' }],
};
const allowed = { Statement: [{ Effect: 'Allow', Action: 'Update:*', Principal: '*', Resource: '*' }] };

describe('the settings of a stack', () => {
  test('reach CloudFormation, and a deploy without a change does not mention them', async () => {
    const settings = { role, policy, notifications: [], rollbackAlarms: { alarms: [], minutes: 5 } };
    const folder = await folderOf({ 'project.yml': project('told', settings), 'a.ts': answers(1) });
    const created = inputsOf(await deploy(folder), 'CreateStack').at(-1);
    expect(created).toMatchObject({
      RoleARN: role,
      StackPolicyBody: JSON.stringify(policy),
      RollbackConfiguration: { MonitoringTimeInMinutes: 5 },
    });
    expect(created).not.toHaveProperty('DeploymentConfig');
    expect(await stackOf('told-staging')).toMatchObject({ RoleARN: role });
    const unchanged = await deploy(folder);
    expect(unchanged).toMatchObject({ changed: false, release: 1 });
    expect(unchanged.calls.filter(({ name }) => /Stack/.test(name)).map(({ name }) => name)).toEqual([
      'cloudformation:DescribeStacks',
      'cloudformation:DescribeStacks',
      'cloudformation:GetStackPolicy',
    ]);
  });

  test('are applied when nothing else changes, and cleared when they are gone from project.yml', async () => {
    const folder = await folderOf({ 'project.yml': project('alone', undefined), 'a.ts': answers(1) });
    const first = await deploy(folder);
    expect(inputsOf(first, 'CreateStack').at(-1)).not.toHaveProperty('RollbackConfiguration');
    expect(inputsOf(first, 'GetStackPolicy')).toEqual([]);

    await writeFiles(folder, {
      'project.yml': project('alone', { policy, rollbackAlarms: { alarms: [], minutes: 7 } }),
    });
    expect(await aws.fx(folder, ['plan', '--env', 'staging', '--exit-code'])).toMatchObject({ exitCode: 2 });
    const applied = await deploy(folder);
    expect(applied).toMatchObject({ changed: true, release: 2 });
    expect(inputsOf(applied, 'UpdateStack')).toHaveLength(1);
    expect(await policyOf('alone-staging')).toEqual(policy);
    expect(await stackOf('alone-staging')).toMatchObject({ RollbackConfiguration: { MonitoringTimeInMinutes: 7 } });
    expect(await deploy(folder)).toMatchObject({ changed: false, release: 2 });

    await writeFiles(folder, { 'project.yml': project('alone', undefined) });
    expect(await deploy(folder)).toMatchObject({ changed: true, release: 3 });
    expect(await policyOf('alone-staging')).toEqual(allowed);
    expect(await stackOf('alone-staging')).toMatchObject({ RollbackConfiguration: { MonitoringTimeInMinutes: 0 } });
    const after = await deploy(folder);
    expect(after).toMatchObject({ changed: false, release: 3 });
    expect(inputsOf(after, 'GetStackPolicy')).toEqual([]);
  });

  test('turn termination protection on and off, and only if they say so', async () => {
    const folder = await folderOf({
      'project.yml': project('kept', { terminationProtection: true }),
      'a.ts': answers(1),
    });
    const protection = async () => (await stackOf('kept-staging'))?.EnableTerminationProtection;
    await deploy(folder);
    expect(await protection()).toBe(true);
    await writeFiles(folder, { 'project.yml': project('kept', undefined) });
    await deploy(folder);
    expect(await protection()).toBe(true);
    await writeFiles(folder, { 'project.yml': project('kept', { terminationProtection: false }) });
    await deploy(folder);
    expect(await protection()).toBe(false);
  });
});

describe('express mode', () => {
  test('always has the rollback on, and fx asks whether what changed is ready, for a rollback too', async () => {
    const folder = await folderOf({ 'project.yml': project('fast', { mode: 'express' }), 'a.ts': answers(1) });
    const config = { Mode: 'EXPRESS', DisableRollback: false };
    const asked = ({ calls }: Pick<Deployed, 'calls'>) =>
      calls
        .filter(({ name }) => /GetFunctionConfiguration|GetProvisioned/.test(name))
        .map(({ name, input }) => [name, String(input['FunctionName']).replace(/^.*:function:/, '')]);
    const first = await deploy(folder);
    expect(inputsOf(first, 'CreateStack').at(-1)).toMatchObject({ DeploymentConfig: config });
    expect(asked(first)).toEqual([['lambda:GetFunctionConfiguration', 'fast-staging-a:1']]);
    expect(asked(await deploy(folder))).toEqual([]);
    await writeFiles(folder, { 'a.ts': answers(2) });
    const second = await deploy(folder);
    expect(inputsOf(second, 'UpdateStack')).toMatchObject([{ DeploymentConfig: config }]);
    expect(asked(second)).toEqual([['lambda:GetFunctionConfiguration', 'fast-staging-a:2']]);
    aws.calls();
    expect(await aws.fx(folder, ['rollback', '--env', 'staging'])).toMatchObject({ exitCode: 0 });
    expect(inputsOf({ ...second, calls: aws.calls() }, 'UpdateStack')).toMatchObject([{ DeploymentConfig: config }]);
  });
});
