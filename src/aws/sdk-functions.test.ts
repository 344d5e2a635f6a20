// How fx distinguishes Lambda's responses to a moved alias.
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { expect, onTestFinished, test } from 'vitest';
import { sdkAws } from './sdk.ts';

/** A Lambda with one response to everything. */
async function answering(
  status: number,
  type: string | undefined,
  message?: string,
): Promise<ReturnType<typeof sdkAws>> {
  const server = createServer((_, response) => {
    response.writeHead(status, type === undefined ? {} : { 'x-amzn-errortype': type }).end(JSON.stringify({ message }));
  });
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
  onTestFinished(() => {
    server.closeAllConnections();
    server.close();
  });
  const { port } = server.address() as AddressInfo;
  return sdkAws({
    region: 'us-east-1',
    endpoint: `http://127.0.0.1:${port}`,
    credentials: { accessKeyId: 'a', secretAccessKey: 'a' },
    signal: new AbortController().signal,
  });
}

test.each([
  [200, undefined, 'moved'],
  [404, 'ResourceNotFoundException', 'gone'],
  // while provisioned concurrency is being allocated, a rollback continues with the others
  [409, 'ResourceConflictException', 'busy'],
] as const)('%s %s is %s', async (status, type, move) => {
  const { functions } = await answering(status, type);
  expect(await functions.moveAlias({ functionName: 'f', alias: 'live', version: '2' })).toBe(move);
});

test('a version that CloudFront has copies of is in use, and another invalid value is an error', async () => {
  const type = 'InvalidParameterValueException';
  const input = { functionName: 'f', version: '2' };
  const replicated =
    'Lambda was unable to delete arn:aws:lambda:us-east-1:111122223333:function:f:2 because it is a replicated function.';
  expect(await (await answering(400, type, replicated)).functions.deleteVersion(input)).toBe('used');
  const other = (await answering(400, type, 'no')).functions.deleteVersion(input);
  await expect(other).rejects.toMatchObject({ code: 'AWS_REFUSED' });
});
