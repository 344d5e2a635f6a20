import {
  ChangeSetNotFoundException,
  CloudFormationClient,
  CreateStackCommand,
  DeleteStackCommand,
  DescribeChangeSetCommand,
  DescribeStackResourcesCommand,
  DescribeStacksCommand,
  InsufficientCapabilitiesException,
  paginateDescribeStackEvents,
  UpdateStackCommand,
  waitUntilStackCreateComplete,
  waitUntilStackDeleteComplete,
} from '@aws-sdk/client-cloudformation';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startTestAws } from '../fixture.ts';
import type { LocalAws } from '../host.ts';
import { ensureSchemas } from './test-rig.ts';

let aws: LocalAws;
let client: CloudFormationClient;
beforeAll(async () => {
  ensureSchemas();
  aws = await startTestAws();
  client = new CloudFormationClient({
    endpoint: aws.endpoint,
    region: 'eu-west-1',
    credentials: { accessKeyId: 'x', secretAccessKey: 'y' },
  });
});
afterAll(async () => {
  client.destroy();
  await aws.stop();
});

const body = (retention: number) => `
AWSTemplateFormatVersion: 2010-09-09
Description: Größe & <Zeichen>
Resources:
  Group: {Type: AWS::Logs::LogGroup, Properties: {RetentionInDays: ${retention}}}
  Handle: {Type: AWS::CloudFormation::WaitConditionHandle, DependsOn: Group}
Outputs:
  Name: {Value: !Ref Group}
`;

describe('CloudFormation over HTTP, with the SDK’s client', () => {
  it('takes a stack through its life', async () => {
    const { StackId = '' } = await client.send(
      new CreateStackCommand({ StackName: 'wire', TemplateBody: body(7), Tags: [{ Key: 'a', Value: 'b' }] }),
    );
    await waitUntilStackCreateComplete({ client, maxWaitTime: 10, minDelay: 1, maxDelay: 1 }, { StackName: 'wire' });
    const { Stacks = [] } = await client.send(new DescribeStacksCommand({ StackName: StackId }));
    expect(Stacks[0]).toMatchObject({
      StackName: 'wire',
      StackStatus: 'CREATE_COMPLETE',
      Description: 'Größe & <Zeichen>',
      Tags: [{ Key: 'a', Value: 'b' }],
      Outputs: [{ OutputKey: 'Name', OutputValue: expect.stringMatching(/^wire-Group-/) }],
      CreationTime: expect.any(Date),
    });
    const events = [];
    for await (const page of paginateDescribeStackEvents({ client }, { StackName: 'wire' })) {
      events.push(...(page.StackEvents ?? []));
    }
    expect(events).toHaveLength(8);
    expect(events[0]?.Timestamp).toBeInstanceOf(Date);
    const { StackResources = [] } = await client.send(new DescribeStackResourcesCommand({ StackName: 'wire' }));
    expect(StackResources.map(({ ResourceStatus }) => ResourceStatus)).toEqual(['CREATE_COMPLETE', 'CREATE_COMPLETE']);
    await expect(
      client.send(new UpdateStackCommand({ StackName: 'wire', TemplateBody: body(7) })),
    ).rejects.toMatchObject({
      name: 'ValidationError',
      message: 'No updates are to be performed.',
      $metadata: { httpStatusCode: 400 },
    });
    await client.send(new DeleteStackCommand({ StackName: 'wire' }));
    await waitUntilStackDeleteComplete({ client, maxWaitTime: 10, minDelay: 1, maxDelay: 1 }, { StackName: 'wire' });
  });

  it('returns errors that the client knows by name', async () => {
    await expect(client.send(new DescribeStacksCommand({ StackName: 'nope' }))).rejects.toMatchObject({
      name: 'ValidationError',
      message: 'Stack with id nope does not exist',
    });
    const role = '{"Resources": {"R": {"Type": "AWS::IAM::Role", "Properties": {"AssumeRolePolicyDocument": {}}}}}';
    await expect(client.send(new CreateStackCommand({ StackName: 'iam', TemplateBody: role }))).rejects.toBeInstanceOf(
      InsufficientCapabilitiesException,
    );
    await expect(
      client.send(
        new DescribeChangeSetCommand({ ChangeSetName: 'arn:aws:cloudformation:eu-west-1:000000000000:changeSet/x/y' }),
      ),
    ).rejects.toBeInstanceOf(ChangeSetNotFoundException);
  });
});
