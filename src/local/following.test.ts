// What a follower of the local AWS gets, over HTTP.
import { once } from 'node:events';
import { get, type IncomingMessage, request } from 'node:http';
import { createInterface } from 'node:readline';
import { describe, expect, onTestFinished, test } from 'vitest';
import { startTestAws } from './fixture.ts';
import type { Served } from './following.ts';
import { HttpServers } from './http-servers.ts';

async function started() {
  const aws = await startTestAws();
  onTestFinished(() => aws.stop());
  const { following } = await aws.cloud();
  const servers = new HttpServers({ following });
  onTestFinished(() => servers.closeAll());
  return { aws, following, servers };
}

async function post(endpoint: string, body: string, headers: Record<string, string> = {}): Promise<IncomingMessage> {
  const asked = request(`${endpoint}/_local/follow`, { method: 'POST', agent: false, headers });
  onTestFinished(() => void asked.destroy());
  asked.on('error', () => {});
  asked.end(body);
  const [response] = (await once(asked, 'response')) as [IncomingMessage];
  response.on('error', () => {});
  return response;
}

async function followed(endpoint: string) {
  const response = await post(endpoint, '{"inspect": {}}');
  const lines = createInterface({ input: response })[Symbol.asyncIterator]();
  return { response, next: async () => JSON.parse((await lines.next()).value as string) as Served };
}

describe('a follower', () => {
  test('gets each request with the function that it ran, and what else ran', async () => {
    const { aws, following, servers } = await started();
    const port = await servers.open('one', undefined, (incoming, outgoing) => {
      const error = { type: 'Error', message: 'no' };
      // as a service that is called on the way
      if (incoming.url === '/a') following.ran({ functionName: 'fn', cold: true, error }, 2);
      outgoing.writeHead(incoming.url === '/a' ? 502 : 404).end();
    });
    const ask = async (path: string) => {
      const [answer] = (await once(get({ port, path, agent: false }), 'response')) as [IncomingMessage];
      await once(answer.resume(), 'end');
    };
    await ask('/unseen');
    const follower = await followed(aws.endpoint);
    await ask('/a');
    expect(await follower.next()).toEqual({
      kind: 'request',
      method: 'GET',
      path: '/a',
      status: 502,
      ms: expect.any(Number),
      functionName: 'fn',
      cold: true,
      error: { type: 'Error', message: 'no' },
    });
    await ask('/b?c=d');
    expect(await follower.next()).toMatchObject({ path: '/b?c=d', status: 404 });
    following.ran({ functionName: 'jobs', cold: false }, 1.26);
    expect(await follower.next()).toEqual({ kind: 'invocation', functionName: 'jobs', cold: false, ms: 1.3 });
    follower.response.destroy();
    while (following.isFollowed) await new Promise((done) => setImmediate(done));
  });

  test('that does not read loses events, and learns how many', async () => {
    const { aws, following } = await started();
    const follower = await followed(aws.endpoint);
    follower.response.pause();
    const message = 'x'.repeat(100_000);
    for (let line = 0; line < 2_000; line++) {
      following.publish({ kind: 'log', functionName: 'fn', time: 0, message });
      if (line % 100 === 0) await new Promise((done) => setImmediate(done));
    }
    follower.response.resume();
    let count = 0;
    let event = await follower.next();
    for (; event.kind === 'log'; event = await follower.next()) {
      if (event.message === message) count += 1;
      following.publish({ kind: 'log', functionName: 'fn', time: 0, message: '' });
    }
    expect(event).toEqual({ kind: 'dropped', count: expect.any(Number) });
    // what fits into the buffers of a connection: far less than the 200 MB that were sent
    expect(count).toBeLessThan(500);
  });

  test('is no web page, and says what it wants', async () => {
    const { aws, following } = await started();
    expect((await post(aws.endpoint, '{"inspect": {}}', { origin: 'https://example.com' })).statusCode).toBe(403);
    expect((await post(aws.endpoint, 'inspect')).statusCode).toBe(400);
    expect(following.isFollowed).toBe(false);
  });
});
