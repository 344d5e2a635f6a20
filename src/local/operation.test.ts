import { afterAll, beforeAll, expect, test } from 'vitest';
import type { Cloud } from './cloud.ts';
import { startTestAws } from './fixture.ts';
import type { LocalAws } from './host.ts';

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

test('what would have to be ignored is refused by name', async () => {
  await expect(
    cloud.call('s3', 'CreateBucket', { Bucket: 'locked', ObjectLockEnabledForBucket: true }),
  ).rejects.toMatchObject(refused('s3:CreateBucket with ObjectLockEnabledForBucket'));
  await expect(cloud.call('events', 'PutRule', { Name: 'r', EventPattern: '{}' })).rejects.toMatchObject(
    refused('events:PutRule with EventPattern'),
  );
  await expect(cloud.call('events', 'DescribeRule', { Name: 'r', EventBusName: 'mine' })).rejects.toMatchObject(
    refused('an event bus other than the default one'),
  );
  const assumed = { RoleArn: 'arn:aws:iam::000000000000:role/r', RoleSessionName: 'me' };
  await expect(cloud.call('sts', 'AssumeRole', { ...assumed, Policy: '{}' })).rejects.toMatchObject(
    refused('sts:AssumeRole with Policy'),
  );
});

test('what is carried out, or is absent, goes through', async () => {
  await cloud.call('s3', 'CreateBucket', { Bucket: 'plain', ACL: undefined });
  await expect(cloud.call('s3', 'HeadBucket', { Bucket: 'plain' })).resolves.toMatchObject({
    BucketRegion: 'us-east-1',
  });
});
