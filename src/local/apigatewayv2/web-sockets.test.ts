// WebSocket APIs on the local AWS, with a real client: handshakes, routes, messages both ways, limits and the management API.
import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import {
  ApiGatewayManagementApiClient,
  DeleteConnectionCommand,
  GetConnectionCommand,
  PostToConnectionCommand,
} from '@aws-sdk/client-apigatewaymanagementapi';
import { afterAll, afterEach, describe, expect, test } from 'vitest';
import { WebSocket } from 'ws';
import { createFunction, createRole } from '../lambda/fixture.ts';
import { functionArn, startTestApi } from './test-api.ts';

const { aws, call, clock, cloud, Role } = await startTestApi();

interface SocketEvent {
  readonly queryStringParameters?: Readonly<Record<string, string>>;
  readonly requestContext: Readonly<Record<string, unknown>>;
}

/** The events of all functions, which report them here: one function may run in several processes. */
const events: SocketEvent[] = [];
const sink = createServer((incoming, outgoing) => {
  const chunks: Buffer[] = [];
  incoming.on('data', (chunk: Buffer) => chunks.push(chunk));
  incoming.on('end', () => {
    events.push(JSON.parse(Buffer.concat(chunks).toString()));
    outgoing.end();
  });
});
await new Promise<void>((done) => sink.listen(0, '127.0.0.1', done));
afterAll(() => {
  sink.closeAllConnections();
  sink.close();
});

/** Reports its event, and answers what the message or the query says. */
const fn = await createFunction(
  cloud,
  `export const handler = async (event) => {
     const { eventType } = event.requestContext;
     await fetch(process.env.SINK, { method: 'POST', body: JSON.stringify(event) });
     const said = eventType === 'MESSAGE' && event.body.startsWith('{') ? JSON.parse(event.body) : {};
     if (said.fail || event.queryStringParameters?.fail) throw new Error('no');
     const protocol = event.headers?.['Sec-WebSocket-Protocol'];
     return { statusCode: Number(event.queryStringParameters?.status ?? 200), body: JSON.stringify({ event }), headers: protocol ? { 'Sec-WebSocket-Protocol': 'chat' } : {} };
   }`,
  { Role, Environment: { Variables: { SINK: `http://127.0.0.1:${(sink.address() as AddressInfo).port}` } } },
);
const invocation = (name: string) =>
  `arn:aws:apigateway:us-east-1:lambda:path/2015-03-31/functions/${functionArn(name)}/invocations`;

let statements = 0;
async function allow(FunctionName: string, SourceArn: string) {
  await cloud.call('lambda', 'AddPermission', {
    FunctionName,
    StatementId: `s${statements++}`,
    Action: 'lambda:InvokeFunction',
    Principal: 'apigateway.amazonaws.com',
    SourceArn,
  });
}

interface SocketApi {
  readonly ApiId: string;
  readonly url: string;
  readonly routes: Readonly<Record<string, string>>;
}

/** An API with those routes; a route that ends with ! sends back what the function returns. */
async function socketApi(...keys: readonly string[]): Promise<SocketApi> {
  const { ApiId = '', ApiEndpoint } = await call('CreateApi', {
    Name: 'chat',
    ProtocolType: 'WEBSOCKET',
    RouteSelectionExpression: '$request.body.action',
  });
  const { IntegrationId } = await call('CreateIntegration', {
    ApiId,
    IntegrationType: 'AWS_PROXY',
    IntegrationUri: invocation(fn),
  });
  const routes: Record<string, string> = {};
  for (const key of keys) {
    const RouteKey = key.replace(/!$/, '');
    const responds = key.endsWith('!') ? { RouteResponseSelectionExpression: '$default' } : {};
    const { RouteId = '' } = await call('CreateRoute', {
      ApiId,
      RouteKey,
      Target: `integrations/${IntegrationId}`,
      ...responds,
    });
    if (key.endsWith('!')) await call('CreateRouteResponse', { ApiId, RouteId, RouteResponseKey: '$default' });
    routes[RouteKey] = RouteId;
  }
  await call('CreateStage', { ApiId, StageName: 'live', AutoDeploy: true });
  await allow(fn, `arn:aws:execute-api:us-east-1:000000000000:${ApiId}/*`);
  return { ApiId, url: `${ApiEndpoint}/live`, routes };
}

const sockets: WebSocket[] = [];
afterEach(() => {
  for (const socket of sockets.splice(0)) if (socket.readyState === socket.OPEN) socket.terminate();
});

async function connect(url: string, options: { protocols?: string[]; headers?: Record<string, string> } = {}) {
  const socket = new WebSocket(url, options.protocols ?? [], { headers: options.headers ?? {} });
  sockets.push(socket);
  await once(socket, 'open');
  return socket;
}

async function said(socket: WebSocket): Promise<string> {
  const [data] = (await once(socket, 'message')) as [Buffer];
  return data.toString();
}

async function asked(socket: WebSocket, message: object | string) {
  const answer = said(socket);
  socket.send(typeof message === 'string' ? message : JSON.stringify(message));
  return JSON.parse(await answer);
}

/** The status of a handshake that was refused. */
async function refusedWith(url: string, headers: Record<string, string> = {}): Promise<number | undefined> {
  const socket = new WebSocket(url, [], { headers });
  sockets.push(socket);
  const [, response] = (await once(socket, 'unexpected-response')) as [unknown, { statusCode?: number }];
  return response.statusCode;
}

describe('messages', async () => {
  const api = await socketApi('$connect', '$disconnect', '$default!', 'send!', 'quiet');

  test('go to the route that they name, and the answer comes back', async () => {
    const socket = await connect(api.url);
    const { event } = await asked(socket, { action: 'send', text: 'hi' });
    expect(event).toMatchObject({
      body: '{"action":"send","text":"hi"}',
      isBase64Encoded: false,
      requestContext: {
        routeKey: 'send',
        eventType: 'MESSAGE',
        messageDirection: 'IN',
        stage: 'live',
        apiId: api.ApiId,
      },
    });
    expect(event).not.toHaveProperty('headers');
  });

  test.each([['no JSON'], ['{"action":"other"}'], ['{}'], ['[1]']])(
    'without a route go to $default: %s',
    async (text) => {
      const socket = await connect(api.url);
      expect((await asked(socket, text)).event.requestContext.routeKey).toBe('$default');
    },
  );

  test('get no answer from a route without a response', async () => {
    const socket = await connect(api.url);
    const first = said(socket);
    socket.send('{"action":"quiet"}');
    socket.send('{"action":"send","text":"second"}');
    expect(JSON.parse(await first).event.body).toContain('second');
  });

  test('get an error if the function fails', async () => {
    const socket = await connect(api.url);
    expect(await asked(socket, { action: 'quiet', fail: true })).toEqual({
      message: 'Internal server error',
      connectionId: expect.any(String),
      requestId: expect.any(String),
    });
  });

  test('are forbidden without a route', async () => {
    const { url } = await socketApi('send');
    expect(await asked(await connect(url), 'hello')).toMatchObject({ message: 'Forbidden' });
  });

  test('of 128 KB in frames of 32 KB pass, larger ones and binary ones end the connection', async () => {
    const frame = 'x'.repeat(32_768);
    const socket = await connect(api.url);
    for (let sent = 0; sent < 3; sent++) socket.send(frame, { fin: false });
    expect((await asked(socket, frame)).event.body).toHaveLength(131_072);
    for (let sent = 0; sent < 4; sent++) socket.send(frame, { fin: false });
    socket.send('x');
    expect((await once(socket, 'close'))[0]).toBe(1009);
    const inOne = await connect(api.url);
    const heard = events.length;
    inOne.send('x'.repeat(32_769));
    expect((await once(inOne, 'close'))[0]).toBe(1009);
    expect(events.slice(heard).map(({ requestContext }) => requestContext['eventType'])).not.toContain('MESSAGE');
    const other = await connect(api.url);
    other.send(Buffer.from([1, 2]));
    expect((await once(other, 'close'))[0]).toBe(1003);
  });
});

describe('a connection', async () => {
  const api = await socketApi('$connect', '$disconnect', 'send!');

  test('is announced with its handshake, and its end with code and reason', async () => {
    const socket = await connect(`${api.url}?room=7&room=8`, { headers: { 'X-Who': 'me' } });
    const opened = events.find((event) => event.queryStringParameters?.['room'] === '8');
    expect(opened).toMatchObject({
      headers: { 'X-Who': 'me' },
      queryStringParameters: { room: '8' },
      multiValueQueryStringParameters: { room: ['7', '8'] },
      requestContext: { routeKey: '$connect', eventType: 'CONNECT' },
    });
    socket.close(4001, 'bye');
    const ended = () =>
      events
        .map(({ requestContext }) => requestContext)
        .find(({ connectionId, eventType }) => {
          return connectionId === opened?.requestContext['connectionId'] && eventType === 'DISCONNECT';
        });
    await expect
      .poll(ended)
      .toMatchObject({ routeKey: '$disconnect', disconnectStatusCode: 4001, disconnectReason: 'bye' });
  });

  test('is refused with the status of the function, or 502 if it fails', async () => {
    expect(await refusedWith(`${api.url}?status=401`)).toBe(401);
    expect(await refusedWith(`${api.url}?fail=1`)).toBe(502);
  });

  test('is refused for a stage that does not exist', async () => {
    expect(await refusedWith(api.url.replace('live', 'none'))).toBe(403);
  });

  test('has the subprotocol that the function chose', async () => {
    expect((await connect(api.url, { protocols: ['chat', 'other'] })).protocol).toBe('chat');
  });

  test('opens under the host name of the API too', async () => {
    const host = `${api.ApiId}.execute-api.us-east-1.localhost:${aws.port}`;
    const socket = new WebSocket(`ws://127.0.0.1:${aws.port}/live`, [], { headers: { host } });
    sockets.push(socket);
    await once(socket, 'open');
    expect(socket.readyState).toBe(socket.OPEN);
  });

  test('ends after ten minutes without a message, and after two hours at any rate', async () => {
    const idle = await connect(api.url);
    const ended = once(idle, 'close');
    await clock.advance(9 * 60_000);
    expect(idle.readyState).toBe(idle.OPEN);
    await clock.advance(61_000);
    expect((await ended)[0]).toBe(1001);
    const busy = await connect(api.url);
    const over = once(busy, 'close');
    for (let minutes = 0; minutes < 119; minutes += 7) {
      await asked(busy, { action: 'send' });
      await clock.advance(7 * 60_000);
    }
    await clock.advance(3 * 60_000);
    expect((await over)[0]).toBe(1001);
  });
});

describe('an authorizer of $connect', async () => {
  const authorizer = await createFunction(
    cloud,
    `export const handler = async (event) => ({
       principalId: 'u1',
       policyDocument: { Version: '2012-10-17', Statement: [{ Effect: event.queryStringParameters.token === 'good' ? 'Allow' : 'Deny', Action: 'execute-api:Invoke', Resource: event.methodArn }] },
       context: { level: '3' },
     })`,
    { Role },
  );
  const api = await socketApi('$connect', 'send!');
  const { AuthorizerId } = await call('CreateAuthorizer', {
    ApiId: api.ApiId,
    Name: 'a',
    AuthorizerType: 'REQUEST',
    AuthorizerUri: invocation(authorizer),
    IdentitySource: ['route.request.querystring.token'],
  });
  await allow(authorizer, `arn:aws:execute-api:us-east-1:000000000000:${api.ApiId}/authorizers/${AuthorizerId}`);
  const RouteId = api.routes['$connect'];
  await call('UpdateRoute', { ApiId: api.ApiId, RouteId, AuthorizationType: 'CUSTOM', AuthorizerId });

  test('lets in, and every event tells what it said', async () => {
    const socket = await connect(`${api.url}?token=good`);
    const { event } = await asked(socket, { action: 'send' });
    expect(event.requestContext.authorizer).toEqual({ principalId: 'u1', level: '3' });
  });

  test('keeps out', async () => {
    expect(await refusedWith(`${api.url}?token=bad`)).toBe(403);
    expect(await refusedWith(api.url)).toBe(401);
  });
});

describe('the management API', async () => {
  const api = await socketApi('$connect', 'send!');
  const managed = (credentials = { accessKeyId: 'local', secretAccessKey: 'local' }) =>
    new ApiGatewayManagementApiClient({
      endpoint: api.url.replace('ws:', 'http:'),
      region: 'us-east-1',
      credentials,
      maxAttempts: 1,
    });
  const connected = async () => {
    const socket = await connect(api.url);
    const { event } = await asked(socket, { action: 'send' });
    return { socket, ConnectionId: event.requestContext.connectionId as string };
  };

  test('sends, describes and ends a connection', async () => {
    const { socket, ConnectionId } = await connected();
    const message = said(socket);
    await managed().send(new PostToConnectionCommand({ ConnectionId, Data: Buffer.from('news') }));
    expect(await message).toBe('news');
    const { ConnectedAt, Identity } = await managed().send(new GetConnectionCommand({ ConnectionId }));
    expect([ConnectedAt, Identity?.SourceIp]).toEqual([expect.any(Date), '127.0.0.1']);
    const ended = once(socket, 'close');
    await managed().send(new DeleteConnectionCommand({ ConnectionId }));
    expect((await ended)[0]).toBe(1000);
    await expect(managed().send(new GetConnectionCommand({ ConnectionId }))).rejects.toMatchObject({
      name: 'GoneException',
    });
  });

  test('finds no connection that is ending, before its client has agreed to the end', async () => {
    const { ConnectionId, socket } = await connected();
    socket.pause();
    await managed().send(new DeleteConnectionCommand({ ConnectionId }));
    const post = managed().send(new PostToConnectionCommand({ ConnectionId, Data: Buffer.from('late') }));
    await expect(post).rejects.toMatchObject({ name: 'GoneException' });
    const ended = once(socket, 'close');
    socket.resume();
    await ended;
  });

  test('refuses what is too large, unknown or not allowed', async () => {
    const { ConnectionId } = await connected();
    const post = (Data: Buffer) => managed().send(new PostToConnectionCommand({ ConnectionId, Data }));
    await expect(post(Buffer.alloc(131_073, 'x'))).rejects.toMatchObject({ name: 'PayloadTooLargeException' });
    const role = await createRole(cloud, {
      Effect: 'Allow',
      Action: 'execute-api:ManageConnections',
      Resource: `arn:aws:execute-api:us-east-1:000000000000:${api.ApiId}/live/POST/@connections/*`,
    });
    const asRole = managed(cloud.credentialsFor(role, 's'));
    await asRole.send(new PostToConnectionCommand({ ConnectionId, Data: Buffer.from('x') }));
    await expect(asRole.send(new GetConnectionCommand({ ConnectionId }))).rejects.toMatchObject({
      name: 'AccessDeniedException',
    });
    expect(
      (await fetch(`${api.url.replace('ws:', 'http:')}/@connections/${encodeURIComponent(ConnectionId)}`)).status,
    ).toBe(403);
  });
});

test.each<[string, () => Promise<unknown>, string]>([
  [
    'an API without a route selection',
    () => call('CreateApi', { Name: 'a', ProtocolType: 'WEBSOCKET' }),
    'RouteSelectionExpression is invalid: it selects from $request.body',
  ],
  [
    'the stage $default',
    async () => call('CreateStage', { ApiId: (await socketApi('$default')).ApiId, StageName: '$default' }),
    '$default stage is not supported on protocolType WEBSOCKET',
  ],
  [
    'authorization of another route',
    async () => call('CreateRoute', { ApiId: (await socketApi()).ApiId, RouteKey: 'x', AuthorizationType: 'AWS_IAM' }),
    'Authorization is only supported on the $connect route',
  ],
  [
    'a timeout over 29 seconds',
    async () =>
      call('CreateIntegration', {
        ApiId: (await socketApi()).ApiId,
        IntegrationType: 'AWS_PROXY',
        IntegrationUri: invocation(fn),
        TimeoutInMillis: 29_001,
      }),
    'Timeout should be between 50 ms and 29000 ms',
  ],
])('%s is refused', async (_, act, message) => {
  await expect(act()).rejects.toMatchObject({ code: 'BadRequestException', message });
});
