// APIs over several deploys: routes that move or change their parameters, APIs of other stacks, settings that come and go.
import { once } from 'node:events';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { WebSocket } from 'ws';
import { fx, resultOf, stopAfter } from '../support/fx.ts';
import { folderOf, writeFiles } from '../support/project.ts';

interface Deployed {
  readonly release: number;
  readonly outputs: Readonly<Record<string, string>>;
}

/** Each function answers with its name, and with the parameters of the path. */
const source = (name: string) =>
  `export const handler = async (event) => ({ statusCode: 200, body: JSON.stringify({ by: '${name}', ...event.pathParameters }) });\n`;

async function project(yaml: string) {
  const folder = await folderOf({ 'project.yml': yaml, 'a.mjs': source('a'), 'b.mjs': source('b') });
  stopAfter(folder);
  return {
    folder,
    async deploy(text = yaml): Promise<Deployed> {
      await writeFiles(folder, { 'project.yml': text });
      const done = await fx(folder, ['deploy', '--json']);
      expect(done.exitCode, done.stdout + done.stderr).toBe(0);
      return resultOf(done) as Deployed;
    },
  };
}

const get = async (url: string) => {
  const response = await fetch(url);
  return [response.status, await response.json()];
};
const functions = (a: string, b: string) =>
  `functions:\n  a: {handler: a.handler, events: [${a}]}\n  b: {handler: b.handler, events: [${b}]}\n`;

test('a route moves to another function, and its parameter gets another name, in place', async () => {
  const text = (a: string, b: string) =>
    `name: shop\n${functions(`{http: "${a}"}, {rest: "GET /x"}, {websocket: {route: say, respond: true}}`, `{http: "${b}"}, {rest: "GET /y"}, {websocket: {route: who, respond: true}}`)}`;
  const first = text('GET /orders/{id}', 'GET /other');
  const { deploy } = await project(first);
  const { outputs } = await deploy();
  expect(await get(`${outputs['HttpApiUrl']}/orders/7`)).toEqual([200, { by: 'a', id: '7' }]);
  expect(await get(`${outputs['RestApiUrl']}/x`)).toEqual([200, { by: 'a' }]);

  const moved = text('GET /other', 'GET /orders/{order}')
    .replace('GET /x', 'GET /z')
    .replace('GET /y', 'GET /x')
    .replace('GET /z', 'GET /y')
    .replace('route: say', 'route: later')
    .replace('route: who', 'route: say')
    .replace('route: later', 'route: who');
  expect((await deploy(moved)).outputs).toEqual(outputs);
  expect(await get(`${outputs['HttpApiUrl']}/orders/7`)).toEqual([200, { by: 'b', order: '7' }]);
  expect(await get(`${outputs['RestApiUrl']}/x`)).toEqual([200, { by: 'b' }]);
  const socket = new WebSocket(outputs['WebSocketApiUrl'] ?? '');
  await once(socket, 'open');
  socket.send('{"action": "say"}');
  const [answer] = (await once(socket, 'message')) as [Buffer];
  expect(JSON.parse(answer.toString())).toEqual({ by: 'b' });
  socket.terminate();
});

test('settings of an API come and go', async () => {
  const bare = `name: shop\n${functions('{http: GET /a}', '{http: GET /b}')}`;
  const { deploy } = await project(bare);
  const { outputs } = await deploy();
  const url = `${outputs['HttpApiUrl']}/a`;
  const full = `${bare}http: {cors: true, authorizer: iam, accessLogs: true, throttle: {rate: 5, burst: 1}, metrics: true, stageVariables: {x: y}, description: d}\n`;
  await deploy(full);
  expect((await fetch(url)).status).toBe(403);
  const preflight = { method: 'OPTIONS', headers: { origin: 'https://a.b', 'access-control-request-method': 'GET' } };
  expect((await fetch(url, preflight)).headers.get('access-control-allow-origin')).toBe('*');
  await deploy(bare);
  expect(await get(url)).toEqual([200, { by: 'a' }]);
  expect(await get(url)).toEqual([200, { by: 'a' }]);
  expect((await fetch(url, preflight)).headers.get('access-control-allow-origin')).toBeNull();
});

test('routes on APIs of another stack, and what is left to that stack', async () => {
  const folder = await folderOf({
    'fx.workspace.yml': 'projects:\n  network: network\n  shop: {folder: shop, dependsOn: [network]}\n',
    'network/project.yml': `name: network\n${functions('{http: GET /home}', '{rest: GET /home}')}outputs: {HttpId: !Ref HttpApi, RestId: !Ref RestApi, RestRoot: !GetAtt RestApi.RootResourceId}\n`,
    'network/a.mjs': source('home'),
    'network/b.mjs': source('rest home'),
    'shop/project.yml': `name: shop\nhttp: {id: "\${project:network.HttpId}"}\nrest: {id: "\${project:network.RestId}", root: "\${project:network.RestRoot}"}\n${functions('{http: "GET /orders/{id}"}', '{rest: "GET /orders/{id}"}')}`,
    'shop/a.mjs': source('a'),
    'shop/b.mjs': source('b'),
  });
  stopAfter(folder);
  const done = await fx(folder, ['deploy']);
  expect(done.exitCode, done.stdout + done.stderr).toBe(0);
  const { outputs } = resultOf(await fx(join(folder, 'network'), ['info', '--json'])) as Deployed;
  expect(await get(`${outputs['HttpApiUrl']}/orders/1`)).toEqual([200, { by: 'a', id: '1' }]);
  expect(await get(`${outputs['HttpApiUrl']}/home`)).toEqual([200, { by: 'home' }]);
  expect(await get(`${outputs['RestApiUrl']}/orders/1`)).toEqual([200, { by: 'b', id: '1' }]);
  expect(await get(`${outputs['RestApiUrl']}/home`)).toEqual([200, { by: 'rest home' }]);
  const removed = await fx(join(folder, 'shop'), ['remove', '--yes']);
  expect(removed.exitCode, removed.stderr).toBe(0);
  expect(await get(`${outputs['HttpApiUrl']}/orders/1`)).toEqual([404, { message: 'Not Found' }]);
  expect(await get(`${outputs['HttpApiUrl']}/home`)).toEqual([200, { by: 'home' }]);
  expect(await get(`${outputs['RestApiUrl']}/home`)).toEqual([200, { by: 'rest home' }]);
});
