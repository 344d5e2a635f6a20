import { InvokeWithResponseStreamCommand, LambdaClient } from '@aws-sdk/client-lambda';
import { expect, test } from 'vitest';
import { createFunction } from './fixture.ts';
import { startTestLambda } from './test-lambda.ts';

const { cloud, Role } = await startTestLambda();
const credentials = { accessKeyId: 'a', secretAccessKey: 'b' };
const client = new LambdaClient({ endpoint: cloud.endpoint, region: 'us-east-1', credentials });

async function invoked(source: string) {
  const FunctionName = await createFunction(cloud, source, { Role });
  const answer = await client.send(
    new InvokeWithResponseStreamCommand({ FunctionName, Payload: Buffer.from('{"a":1}') }),
  );
  const chunks: string[] = [];
  let complete: unknown;
  for await (const event of answer.EventStream ?? []) {
    if (event.PayloadChunk?.Payload) chunks.push(Buffer.from(event.PayloadChunk.Payload).toString());
    if (event.InvokeComplete) complete = event.InvokeComplete;
  }
  return { chunks, complete };
}

test('an SDK client gets what the function writes, chunk by chunk', async () => {
  const source = `export const handler = awslambda.streamifyResponse(async (event, stream) => {
    stream.write('a=' + event.a);
    await new Promise((done) => setTimeout(done, 100));
    stream.end('!');
  })`;
  const { chunks, complete } = await invoked(source);
  expect(chunks).toEqual(['a=1', '!']);
  expect(complete).not.toHaveProperty('ErrorCode');
});

test('a function that does not stream answers with one chunk', async () => {
  const { chunks } = await invoked('export const handler = async (event) => event');
  expect(chunks).toEqual(['{"a":1}']);
});

test('a function that fails ends the stream with its error', async () => {
  const { chunks, complete } = await invoked('export const handler = async () => { throw new TypeError("no") }');
  expect(chunks).toEqual([]);
  expect(complete).toMatchObject({ ErrorCode: 'TypeError', ErrorDetails: expect.stringContaining('no') });
});

test('a function that fails half way ends the stream with its error, after what it wrote', async () => {
  const { chunks, complete } =
    await invoked(`export const handler = awslambda.streamifyResponse(async (event, stream) => {
    stream.write('one');
    await new Promise((done) => setTimeout(done, 20));
    throw new TypeError('half way');
  })`);
  expect(chunks).toEqual(['one']);
  expect(complete).toMatchObject({ ErrorCode: 'TypeError', ErrorDetails: expect.stringContaining('half way') });
});
