import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Cloud, Operation, ServiceName } from './cloud.ts';
import { startTestAws } from './fixture.ts';
import type { LocalAws } from './host.ts';
import { services } from './index.ts';
import { createFunction, createRole, invoke } from './lambda/fixture.ts';
import { members, serviceModel } from './wire/model.ts';

let local: LocalAws;
let cloud: Cloud;
beforeAll(async () => {
  local = await startTestAws();
  cloud = await local.cloud();
});
afterAll(() => local.stop());

const refused = (message: string) => ({
  code: 'NotImplemented',
  status: 501,
  message: `${message} is not implemented by the fx local AWS`,
});

test('names an unsupported member in the error', async () => {
  await expect(
    cloud.call('s3', 'CreateBucket', { Bucket: 'locked', ObjectLockEnabledForBucket: true }),
  ).rejects.toMatchObject(refused('s3:CreateBucket with ObjectLockEnabledForBucket'));
  await expect(cloud.call('iotdata', 'Publish', { topic: 'a', retain: true })).rejects.toMatchObject(
    refused('iotdata:Publish with retain'),
  );
  const topicRulePayload = { sql: "SELECT * FROM 'a'", actions: [{ http: { url: 'https://example.com' } }] };
  await expect(cloud.call('iot', 'CreateTopicRule', { ruleName: 'r', topicRulePayload })).rejects.toMatchObject(
    refused('the action http of a rule of IoT'),
  );
  const assumed = { RoleArn: 'arn:aws:iam::000000000000:role/r', RoleSessionName: 'me' };
  await expect(cloud.call('sts', 'AssumeRole', { ...assumed, Policy: '{}' })).rejects.toMatchObject(
    refused('sts:AssumeRole with Policy'),
  );
});

test('accepts supported and empty members', async () => {
  await cloud.call('s3', 'CreateBucket', { Bucket: 'plain', ACL: undefined });
  await expect(cloud.call('s3', 'HeadBucket', { Bucket: 'plain' })).resolves.toMatchObject({
    BucketRegion: 'us-east-1',
  });
});

describe('every operation', () => {
  test.each(Object.keys(services) as ServiceName[])('of %s rejects each unsupported member', async (name) => {
    const model = await serviceModel(name);
    const { operations } = await services[name].create(cloud);
    for (const [operation, { members: carriedOut }] of Object.entries(
      operations as Record<string, Operation<object, unknown>>,
    )) {
      const known = members(model.operations.get(operation)?.input ?? expect.fail(`${operation} is not of ${name}`));
      const names = known.map(([member]) => member);
      expect(
        carriedOut.filter((member) => !(names as string[]).includes(member)),
        operation,
      ).toEqual([]);
      for (const member of names.filter((other) => !(carriedOut as readonly string[]).includes(other))) {
        const call = cloud.call as (...called: unknown[]) => Promise<unknown>;
        await expect(call(name, operation, { [member]: 'x' })).rejects.toMatchObject(
          refused(`${name}:${operation} with ${member}`),
        );
      }
    }
  });
});

describe('a function’s own calls', () => {
  // unsigned: the local AWS reads only the access key, the region and the service
  const source = `
    const call = async (service, target, input) => {
      const credential = [process.env.AWS_ACCESS_KEY_ID, '20260101', process.env.AWS_REGION, service, 'aws4_request'].join('/');
      const response = await fetch(process.env.AWS_ENDPOINT_URL, {
        method: 'POST',
        headers: { authorization: 'AWS4-HMAC-SHA256 Credential=' + credential, 'x-amz-target': target, 'content-type': 'application/x-amz-json-1.0' },
        body: JSON.stringify(input),
      });
      return { status: response.status, ...(await response.json()) };
    };
    export const handler = ({ service, target, input }) => call(service, target, input);`;

  const send = (queue: string) => ({
    service: 'sqs',
    target: 'AmazonSQS.SendMessage',
    input: { QueueUrl: `${cloud.endpoint}/${cloud.accountId}/${queue}`, MessageBody: 'hello' },
  });

  test('run as its role: allowed by its policies, denied otherwise', async () => {
    await cloud.call('sqs', 'CreateQueue', { QueueName: 'mine' });
    await cloud.call('sqs', 'CreateQueue', { QueueName: 'others' });
    const Role = await createRole(cloud, {
      Effect: 'Allow',
      Action: 'sqs:SendMessage',
      Resource: `arn:aws:sqs:us-east-1:${cloud.accountId}:mine`,
    });
    const name = await createFunction(cloud, source, { Role });
    expect((await invoke(cloud, name, send('mine'))).result).toMatchObject({ status: 200 });
    expect((await invoke(cloud, name, send('others'))).result).toMatchObject({
      status: 403,
      message: `User: arn:aws:sts::${cloud.accountId}:assumed-role/${Role.split('/').at(-1)}/${name} is not authorized to perform: sqs:SendMessage on resource: arn:aws:sqs:us-east-1:${cloud.accountId}:others because no identity-based policy allows the sqs:SendMessage action`,
    });
  });

  test('are denied by an explicit deny, including in a batch', async () => {
    await cloud.call('sqs', 'CreateQueue', { QueueName: 'denied' });
    const Role = await createRole(cloud, { Effect: 'Deny', Action: 'sqs:Send*', Resource: '*' });
    const name = await createFunction(cloud, source, { Role });
    const { target: _, input, ...call } = send('denied');
    const batch = { QueueUrl: input.QueueUrl, Entries: [{ Id: 'a', MessageBody: 'x' }] };
    expect(
      (await invoke(cloud, name, { ...call, target: 'AmazonSQS.SendMessageBatch', input: batch })).result,
    ).toMatchObject({
      status: 403,
      message: expect.stringMatching(
        /not authorized to perform: sqs:SendMessage on .* with an explicit deny in an identity-based policy/,
      ),
    });
  });

  test('need no permission to get the caller identity', async () => {
    const Role = await createRole(cloud);
    const text = source
      .replace('(await response.json())', '{ text: await response.text() }')
      .replace('JSON.stringify(input)', "'Action=GetCallerIdentity'");
    const name = await createFunction(cloud, text, { Role });
    const { result } = await invoke(cloud, name, { service: 'sts', target: '' });
    expect(result).toMatchObject({
      status: 200,
      text: expect.stringContaining(
        `<Arn>arn:aws:sts::${cloud.accountId}:assumed-role/${Role.split('/').at(-1)}/${name}</Arn>`,
      ),
    });
  });
});
