// A pipe in a stack, from a queue to a queue.
import { afterEach, beforeEach, expect, it } from 'vitest';
import { type Rig, startRig } from '../test-rig.ts';
import { allow, deploysTo } from './test-deploy.ts';

let rig: Rig;
beforeEach(async () => {
  rig = await startRig();
});
afterEach(async () => {
  await rig[Symbol.asyncDispose]();
});
const { deploy } = deploysTo(() => rig);

it('a pipe is created, updated in place and deleted', async () => {
  const resources = {
    In: { Type: 'AWS::SQS::Queue' },
    Out: { Type: 'AWS::SQS::Queue' },
    Role: {
      Type: 'AWS::IAM::Role',
      Properties: {
        AssumeRolePolicyDocument: {
          Version: '2012-10-17',
          Statement: [{ Effect: 'Allow', Principal: { Service: 'pipes.amazonaws.com' }, Action: 'sts:AssumeRole' }],
        },
        Policies: [{ PolicyName: 'all', PolicyDocument: allow('sqs:*') }],
      },
    },
  };
  const arn = (id: string) => ({ 'Fn::GetAtt': [id, 'Arn'] });
  const pipe = (more: object) => ({
    Type: 'AWS::Pipes::Pipe',
    Properties: { Name: 'p', Source: arn('In'), Target: arn('Out'), RoleArn: arn('Role'), ...more },
  });
  await deploy({ ...resources, P: pipe({ TargetParameters: { InputTemplate: '<$.body>' }, Tags: { a: '1' } }) });
  const described = () => rig.cloud.call('pipes', 'DescribePipe', { Name: 'p' });
  expect(await described()).toMatchObject({ CurrentState: 'RUNNING', Tags: { a: '1' } });
  await deploy({ ...resources, P: pipe({ DesiredState: 'STOPPED', Tags: { b: '2' } }) });
  expect(await described()).toMatchObject({ CurrentState: 'STOPPED', Tags: { b: '2' }, TargetParameters: {} });
  await deploy(resources);
  await expect(described()).rejects.toMatchObject({ code: 'NotFoundException' });
});
