import type { APIGatewayProxyEventV2, Context } from 'aws-lambda';
import { startLocal } from 'fx-serverless/local';
import { describe, expect, test } from 'vitest';
import { handler } from '../src/hello.ts';

test('greets by name', async () => {
  const event = { pathParameters: { name: 'Ann' } } as unknown as APIGatewayProxyEventV2;
  expect(await handler(event, {} as Context, () => {})).toEqual({ message: 'Hello, Ann!' });
});

// needs Docker or Podman, and Amazon's public registry for the base image
describe.skipIf(process.env.NO_CONTAINERS === '1')('the image', () => {
  test('answers', { timeout: 600_000 }, async () => {
    await using local = await startLocal();
    const { outputs } = await local.deploy();
    const response = await fetch(`${outputs.HttpApiUrl}/hello/Ann`);
    expect(await response.json()).toEqual({ message: 'Hello, Ann!' });
  });
});
