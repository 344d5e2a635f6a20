// fx mcp, as a client sees it: messages over standard input and output of the built command line, against the local AWS.
import { Ajv2020 } from 'ajv/dist/2020.js';
import { describe, expect, test } from 'vitest';
import type { Io } from '../../src/cli/io.ts';
import { readJsonSchemas } from '../../src/cli/json-schema.ts';
import { toolsOf } from '../../src/cli/mcp/tools.ts';
import { type Running, startFx, stopAfter } from '../support/fx.ts';
import { folderOf, handler, writeFiles } from '../support/project.ts';

type Message = Readonly<Record<string, unknown>> & { readonly id?: number | null };
interface Answer {
  readonly isError?: true;
  readonly content: readonly { readonly text: string }[];
  readonly structuredContent: Readonly<Record<string, unknown>>;
}

/** Each request is answered before the next; all messages at the end. */
class Client {
  readonly #server: Running;
  #id = 0;

  constructor(folder: string, ...words: readonly string[]) {
    this.#server = startFx(folder, ['mcp', ...words], { isOpen: true });
  }

  send(message: object): void {
    this.#server.write(`${JSON.stringify({ jsonrpc: '2.0', ...message })}\n`);
  }

  async ask(method: string, params: object = {}): Promise<number> {
    const id = ++this.#id;
    this.send({ id, method, params });
    await this.#server.saying(new RegExp(`^\\{"jsonrpc":"2.0","id":${id},`, 'm'));
    return id;
  }

  call(name: string, input: object = {}): Promise<number> {
    return this.ask('tools/call', { name, arguments: input });
  }

  write(text: string): void {
    this.#server.write(text);
  }

  saying(pattern: RegExp): Promise<void> {
    return this.#server.saying(pattern);
  }

  async end(): Promise<Ended> {
    this.#server.end();
    const { exitCode, stdout, stderr } = await this.#server.ended;
    expect([exitCode, stderr]).toEqual([0, '']);
    const messages = stdout
      .trimEnd()
      .split('\n')
      .map((line) => JSON.parse(line) as Message);
    expect(messages.every((message) => message['jsonrpc'] === '2.0')).toBe(true);
    const of = (id: number | null) => messages.filter((message) => message.id === id);
    return { messages, errors: of(null), result: (id) => of(id)[0]?.['result'], error: (id) => of(id)[0]?.['error'] };
  }
}

interface Ended {
  readonly messages: readonly Message[];
  /** Of what was no request. */
  readonly errors: readonly Message[];
  result(id: number): unknown;
  error(id: number): unknown;
}

const project = `name: shop
functions:
  orders: {handler: orders.handler}
environments:
  prod: {account: "111122223333", region: eu-west-1, protected: true}
`;

test('deploys with --allow-write, reads what it deployed, and reports progress', async () => {
  const folder = await folderOf({ 'project.yml': project, 'orders.mjs': handler });
  stopAfter(folder);
  const client = new Client(folder, '--allow-write');
  const hello = await client.ask('initialize', { protocolVersion: '2025-06-18', capabilities: {}, clientInfo: {} });
  client.send({ method: 'notifications/initialized' });
  const ping = await client.ask('ping');
  const list = await client.ask('tools/list');
  const params = { name: 'deploy', arguments: { message: '-first' }, _meta: { progressToken: 'one' } };
  const deploy = await client.ask('tools/call', params);
  const invoke = await client.call('invoke', { function: 'orders', data: '{"id": 1}' });
  const releases = await client.call('releases_list', { number: 5 });
  await writeFiles(folder, { 'project.yml': project.replace('orders.handler', 'none.handler') });
  const wrong = await client.call('plan');
  const refused = await client.call('deploy', { env: 'prod' });
  const usage = await client.call('invoke', { function: 'orders', twice: true });
  // the client cancels at the first step: no response comes
  await writeFiles(folder, { 'project.yml': project.replace('orders.handler}', 'orders.handler, memory: 256}') });
  client.send({
    id: 'cancelled',
    method: 'tools/call',
    params: { name: 'deploy', _meta: { progressToken: 'two' } },
  });
  await client.saying(/"progressToken":"two"/);
  client.send({ method: 'notifications/cancelled', params: { requestId: 'cancelled' } });
  const after = await client.ask('ping');
  const ended = await client.end();

  expect(ended.result(hello)).toMatchObject({ protocolVersion: '2025-06-18', serverInfo: { name: 'fx' } });
  expect(ended.result(ping)).toEqual({});
  expect(ended.result(after)).toEqual({});
  const { tools } = ended.result(list) as { tools: { name: string; outputSchema: object; inputSchema: object }[] };
  const answer = (id: number, name: string): Answer => {
    const found = ended.result(id) as Answer;
    const valid = new Ajv2020({ formats: { 'date-time': true } }).compile(
      tools.find((tool) => tool.name === name)?.outputSchema ?? false,
    );
    expect([valid(found.structuredContent), valid.errors]).toEqual([true, null]);
    expect(JSON.parse(found.content[0]?.text ?? '')).toEqual(found.structuredContent);
    return found;
  };
  expect(answer(deploy, 'deploy').structuredContent).toMatchObject({ result: { changed: true, release: 1 } });
  const steps = ended.messages.filter(({ method }) => method === 'notifications/progress');
  expect(steps.slice(0, 2)).toMatchObject([
    { params: { progressToken: 'one', progress: 1, message: expect.any(String) } },
    { params: { progress: 2 } },
  ]);
  expect(answer(invoke, 'invoke').structuredContent).toMatchObject({ result: { payload: { ok: true } } });
  expect(answer(releases, 'releases_list').structuredContent).toMatchObject({
    result: [{ number: 1, message: '-first', live: 'yes' }],
  });
  expect(answer(wrong, 'plan')).toMatchObject({ isError: true, structuredContent: { error: { exitCode: 4 } } });
  expect(answer(refused, 'deploy')).toMatchObject({
    isError: true,
    structuredContent: { error: { code: 'DECLINED', message: '"prod" is protected: fx mcp only reads it' } },
  });
  expect(answer(usage, 'invoke')).toMatchObject({
    isError: true,
    structuredContent: { error: { code: 'USAGE', message: 'there is no input "twice"' } },
  });
  expect(ended.messages.filter(({ id }) => (id as unknown) === 'cancelled')).toEqual([]);
});

test('without --allow-write, only reads; says what is wrong with a message', async () => {
  const folder = await folderOf({ 'project.yml': project, 'orders.mjs': handler });
  const client = new Client(folder);
  const hello = await client.ask('initialize', { protocolVersion: '1999-01-01' });
  const list = await client.ask('tools/list');
  const write = await client.call('deploy');
  const unknown = await client.call('deplo');
  const noMethod = await client.ask('resources/list');
  client.write('{"jsonrpc": "2.0", \n[]\n\n{"id": 9, "method": "ping"}\n');
  const input = await client.ask('tools/call', { name: 'validate', arguments: [] });
  const valid = await client.call('validate');
  const event = await client.call('events_show', { name: 'sqs', set: ['Records.0.body=-x'] });
  const ended = await client.end();

  expect(ended.result(hello)).toMatchObject({ protocolVersion: '2025-11-25' });
  const { tools } = ended.result(list) as { tools: { name: string; annotations: object }[] };
  expect(tools.map(({ name }) => name)).toEqual(
    expect.arrayContaining(['info', 'releases_list', 'plan', 'logs', 'metrics', 'cost', 'doctor', 'envs', 'env']),
  );
  expect(tools.every(({ annotations }) => 'readOnlyHint' in annotations && annotations.readOnlyHint === true)).toBe(
    true,
  );
  expect(ended.error(write)).toEqual({
    code: -32602,
    message: 'the tool "deploy" changes an environment: fx mcp --allow-write offers it',
  });
  expect(ended.error(unknown)).toEqual({ code: -32602, message: 'there is no tool "deplo"' });
  expect(ended.error(noMethod)).toEqual({ code: -32601, message: 'there is no method "resources/list"' });
  expect(ended.error(input)).toEqual({ code: -32602, message: 'arguments is an object' });
  expect(ended.errors.map(({ error }) => (error as { code: number }).code)).toEqual([-32700, -32600, -32600]);
  expect(ended.result(valid)).toMatchObject({ structuredContent: { result: { environment: 'local', resources: 5 } } });
  expect(ended.result(event)).toMatchObject({ structuredContent: { result: { Records: [{ body: '-x' }, {}] } } });
});

describe('the tools', async () => {
  const io = { variables: {} } as Io;
  const tools = await toolsOf(io, await readJsonSchemas());

  test('have names and schemas that clients take', () => {
    const ajv = new Ajv2020({ formats: { 'date-time': true }, allowUnionTypes: true });
    for (const { shown, args, options } of tools.values()) {
      expect(shown.name).toMatch(/^[a-z_]+$/);
      expect(Object.keys(args).filter((name) => Object.hasOwn(options, name))).toEqual([]);
      ajv.compile(shown.inputSchema);
      ajv.compile(shown.outputSchema);
    }
  });

  test('that read have no option to write, to reveal secrets or to run without an end', () => {
    const reading = [...tools.values()].filter(({ writes }) => !writes);
    const options = new Set(reading.flatMap((tool) => Object.keys(tool.options)));
    for (const name of ['output', 'reveal', 'follow', 'live', 'watch', 'html', 'save', 'update', 'edit', 'changeSet']) {
      expect([name, options.has(name)]).toEqual([name, false]);
    }
  });
});
