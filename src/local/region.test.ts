import { expect, test } from 'vitest';
import { startTestAws } from './fixture.ts';

test('a stop waits for the services that are starting', async () => {
  const aws = await startTestAws();
  const cloud = await aws.cloud();
  const listed = cloud.call('sns', 'ListTopics', {});
  await aws.stop();
  expect(await listed).toEqual({ Topics: [] });
});

test('after a stop, no service starts', async () => {
  const aws = await startTestAws();
  const cloud = await aws.cloud();
  await aws.stop();
  await expect(cloud.call('sns', 'ListTopics', {})).rejects.toMatchObject({
    code: 'ServiceUnavailable',
    message: 'the fx local AWS has stopped',
  });
});
