// The ResourceTypes and the RoleARN of requests.
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Rig, startRig, template, thing } from './test-rig.ts';

let rig: Rig;
beforeAll(async () => {
  rig = await startRig();
});
afterAll(async () => {
  await rig[Symbol.asyncDispose]();
});

const TemplateBody = template({ A: thing() });

describe('ResourceTypes', () => {
  const create = (StackName: string, ResourceTypes: string[]) =>
    rig.run('CreateStack', { StackName, TemplateBody, ResourceTypes });

  it.each(['Test::Fx::Thing', 'Test::Fx::*', 'Test::*'])('allow a type by %s', async (type) => {
    const name = `allowed-${type.length}`;
    await create(name, ['AWS::EC2::*', type]);
    expect(await rig.status(name)).toBe('CREATE_COMPLETE');
  });

  it.each([['AWS::EC2::*'], ['AWS::EC2:*'], ['Test::F*']])('refuse a type that %s does not name', async (type) => {
    const refusal = {
      code: 'ValidationError',
      message: `Resource type Test::Fx::Thing is not allowed by parameter ResourceTypes [${type}]`,
    };
    await expect(create('refused', [type])).rejects.toMatchObject(refusal);
    await rig.run('CreateStack', { StackName: 'old', TemplateBody }).catch(() => undefined);
    const request = { StackName: 'old', TemplateBody, ResourceTypes: [type] };
    await expect(rig.call('UpdateStack', request)).rejects.toMatchObject(refusal);
    await expect(rig.call('CreateChangeSet', { ...request, ChangeSetName: 'c' })).rejects.toMatchObject(refusal);
  });
});

it('ResourceTypes come before the types that are not provisioned here', async () => {
  const request = { StackName: 'topics', TemplateBody: template({ A: { Type: 'AWS::SNS::Topic' } }) };
  await expect(rig.call('CreateStack', { ...request, ResourceTypes: ['AWS::EC2::*'] })).rejects.toThrow(
    'Resource type AWS::SNS::Topic is not allowed by parameter ResourceTypes [AWS::EC2::*]',
  );
});

describe('RoleARN', () => {
  const roleTrusting = async (RoleName: string, Service: string) => {
    const Statement = [{ Effect: 'Allow', Principal: { Service }, Action: 'sts:AssumeRole' }];
    const AssumeRolePolicyDocument = JSON.stringify({ Version: '2012-10-17', Statement });
    return (await rig.cloud.call('iam', 'CreateRole', { RoleName, AssumeRolePolicyDocument })).Role?.Arn;
  };

  it('is shown if CloudFormation may assume the role', async () => {
    const RoleARN = await roleTrusting('for-cloudformation', 'cloudformation.amazonaws.com');
    await rig.run('CreateStack', { StackName: 'with-role', TemplateBody, RoleARN });
    const { Stacks } = await rig.call('DescribeStacks', { StackName: 'with-role' });
    expect(Stacks?.[0]?.RoleARN).toBe(RoleARN);
  });

  it('is refused if the role does not exist or trusts another service', async () => {
    const missing = 'arn:aws:iam::000000000000:role/missing';
    for (const RoleARN of [missing, await roleTrusting('for-lambda', 'lambda.amazonaws.com')]) {
      const refusal = { code: 'ValidationError', message: `Role ${RoleARN} is invalid or cannot be assumed` };
      const request = { StackName: 'no-role', TemplateBody, RoleARN };
      await expect(rig.call('CreateStack', request)).rejects.toMatchObject(refusal);
      const changeSet = { ...request, ChangeSetName: 'c', ChangeSetType: 'CREATE' as const };
      await expect(rig.call('CreateChangeSet', changeSet)).rejects.toMatchObject(refusal);
      await rig.run('CreateStack', { StackName: 'roleless', TemplateBody }).catch(() => undefined);
      await expect(rig.call('UpdateStack', { ...request, StackName: 'roleless' })).rejects.toMatchObject(refusal);
    }
  });
});
