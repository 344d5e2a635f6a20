// A project for clients that fx did not write: one function that shows its event, one that streams, one that talks to WebSocket clients.
import { mkdtempSync, rmSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect } from 'vitest';
import { fx, resultOf } from '../support/fx.ts';
import { writeFiles } from '../support/project.ts';

/** Answers with its event, or with what the query `answer` says. */
const echo = `export const handler = async (event) => {
  const answer = event.queryStringParameters?.answer;
  if (answer) return JSON.parse(answer);
  const origin = event.requestContext.resourcePath === undefined ? {} : { 'access-control-allow-origin': event.headers.origin ?? event.headers.Origin };
  const headers = { 'content-type': 'application/json', 'x-count': '7', 'x-secret': 'no', ...origin };
  return { statusCode: 200, headers, body: JSON.stringify(event) };
};
`;

/** Writes one part, and the next only when somebody has opened the gate: then the part before has arrived. */
const stream = `export const handler = awslambda.streamifyResponse(async (event, stream) => {
  const origin = event.headers.origin ?? event.headers.Origin ?? '*';
  const out = awslambda.HttpResponseStream.from(stream, {
    statusCode: 200, headers: { 'content-type': 'text/plain', ...(event.resource ? { 'access-control-allow-origin': origin } : {}) },
  });
  for (const part of ['one ', 'two ']) {
    out.write(part);
    await fetch(process.env.GATE + '/wait');
  }
  out.end('three');
});
`;

/** Answers `ask`, pushes what `push` says, ends the connection at `end`; $disconnect reports how it ended. */
const room = `const call = (event, method, body) => fetch(
  process.env.WEBSOCKET_ENDPOINT + '/@connections/' + encodeURIComponent(event.requestContext.connectionId),
  { method, body, headers: { authorization: 'AWS4-HMAC-SHA256 Credential=' + process.env.AWS_ACCESS_KEY_ID + '/20261129/us-east-1/execute-api/aws4_request, SignedHeaders=host, Signature=0a' } },
);
export const handler = async (event) => {
  const { routeKey, disconnectStatusCode: code, disconnectReason: reason } = event.requestContext;
  const said = event.body === undefined ? {} : JSON.parse(event.body);
  if (routeKey === '$connect') return { statusCode: event.queryStringParameters?.refuse === undefined ? 200 : 403 };
  if (routeKey === '$disconnect') await fetch(process.env.GATE + '/ended', { method: 'POST', body: JSON.stringify({ code, reason }) });
  if (routeKey === 'push') await call(event, 'POST', said.text);
  if (routeKey === 'end') await call(event, 'DELETE');
  return { statusCode: 200, body: JSON.stringify({ heard: said.text?.length }) };
};
`;

/** The origins of pages: two that may call the APIs, and a stranger. Each also opens the gate that streams wait at. */
export interface Origins {
  readonly shop: string;
  readonly admin: string;
  readonly stranger: string;
}

export interface Client extends Origins {
  readonly outputs: Readonly<Record<string, string>>;
  /** Lets a stream go on. */
  openGate(): void;
  /** How the next WebSocket connection ended, as `$disconnect` was told. */
  ended(): Promise<{ readonly code: number; readonly reason: string }>;
}

/** Deploys it once for the tests of a suite, and ends all of it after them. Call it where the suite is described: vitest takes no hooks later. */
export function clientProject(): () => Client {
  let client: Client | undefined;
  const stops: (() => unknown)[] = [];
  beforeAll(async () => {
    client = await deployForClients(stops);
  });
  afterAll(async () => {
    for (const stop of stops.reverse()) await stop();
  });
  return () => {
    if (client === undefined) throw new Error('the project is not deployed yet');
    return client;
  };
}

async function deployForClients(stops: (() => unknown)[]): Promise<Client> {
  const waiting: (() => void)[] = [];
  let opened = 0;
  const openGate = () => {
    const next = waiting.shift();
    if (next === undefined) opened += 1;
    else next();
  };
  const ends: { code: number; reason: string }[] = [];
  const awaited: ((end: { code: number; reason: string }) => void)[] = [];
  const serve = async () => {
    const server = createServer((incoming, outgoing) => {
      const chunks: Buffer[] = [];
      incoming.on('data', (chunk: Buffer) => chunks.push(chunk));
      incoming.once('end', () => {
        if (incoming.url === '/wait' && opened === 0) return void waiting.push(() => outgoing.end());
        if (incoming.url === '/wait') opened -= 1;
        if (incoming.url === '/open') openGate();
        if (incoming.url === '/ended') {
          const end = JSON.parse(Buffer.concat(chunks).toString());
          const take = awaited.shift();
          if (take === undefined) ends.push(end);
          else take(end);
        }
        outgoing.setHeader('content-type', 'text/html').end('<!doctype html><title>page</title>');
      });
    });
    await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
    stops.push(() => {
      server.closeAllConnections();
      server.close();
    });
    return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  };
  const [shop, admin, stranger] = [await serve(), await serve(), await serve()];
  const folder = mkdtempSync(join(tmpdir(), 'fx-test-'));
  stops.push(() => rmSync(folder, { recursive: true, force: true }));
  stops.push(() => fx(folder, ['local', 'stop']));
  await writeFiles(folder, {
    'echo.mjs': echo,
    'stream.mjs': stream,
    'room.mjs': room,
    'project.yml': `name: clients
defaults: {variables: {GATE: "${shop}"}}
http:
  cors: {allowOrigins: ["${shop}"], allowMethods: [GET, PUT], allowHeaders: [content-type, x-token], exposeHeaders: [x-count], allowCredentials: true}
rest:
  cors: {allowOrigins: ["${shop}", "${admin}"], allowHeaders: [content-type, x-token]}
functions:
  echo:
    handler: echo.handler
    url: {authType: NONE, cors: {allowOrigins: ["${shop}"], allowMethods: [GET, PUT], allowHeaders: [content-type, x-token], exposeHeaders: [x-count]}}
    events:
      - http: ANY /echo/{rest+}
      - http: GET /item/{id}
      - http: {route: GET /signed, authorizer: iam}
      - rest: ANY /echo/{rest+}
      - rest: GET /item/{id}
      - rest: {route: GET /signed, authorizer: iam, cors: false}
  stream:
    handler: stream.handler
    url: {authType: NONE, invokeMode: RESPONSE_STREAM, cors: {allowOrigins: ["${shop}"]}}
    events:
      - rest: {route: GET /stream, stream: true}
  room:
    handler: room.handler
    events:
      - websocket: $connect
      - websocket: $disconnect
      - websocket: {route: ask, respond: true}
      - websocket: push
      - websocket: end
`,
  });
  const done = await fx(folder, ['deploy', '--json']);
  expect(done.exitCode, done.stderr + done.stdout).toBe(0);
  const { outputs } = resultOf(done) as { readonly outputs: Readonly<Record<string, string>> };
  const ended = () =>
    new Promise<{ code: number; reason: string }>((take) => {
      const end = ends.shift();
      if (end === undefined) awaited.push(take);
      else take(end);
    });
  return { shop, admin, stranger, outputs, openGate, ended };
}
