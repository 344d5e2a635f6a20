// The local AWS in the test's process, behind a loopback proxy that records every call.
import { createServer, type IncomingMessage, request, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { onTestFinished } from 'vitest';
import type { Cloud, OperationName, ServiceName } from '../../src/local/cloud.ts';
import { type LocalAws, startLocalAws } from '../../src/local/host.ts';
import { isServiceName, serviceModel } from '../../src/local/wire/model.ts';
import { parseRequest } from '../../src/local/wire/request.ts';
import { clock, fx, type Run, type Running, type RunOptions, startFx } from './fx.ts';

export interface Call {
  /** For example `lambda:UpdateAlias`. */
  readonly name: string;
  readonly input: Readonly<Record<string, unknown>>;
}

export interface RecordedAws {
  readonly local: LocalAws;
  /** The calls since the last time. */
  calls(): readonly Call[];
  /** Resolves at the next call of that operation, before the response. */
  called(name: string): Promise<void>;
  /** Runs fx in a folder against this AWS. */
  fx(folder: string, words: readonly string[], options?: RunOptions): Promise<Run>;
  startFx(folder: string, words: readonly string[], options?: RunOptions): Running;
  stop(): Promise<void>;
}

export async function startRecordedAws(): Promise<RecordedAws> {
  const local = await startLocalAws({ clock });
  let calls: Call[] = [];
  const waiting = new Map<string, () => void>();
  const proxy = createServer((incoming, outgoing) => {
    void forward(local.endpoint, incoming, outgoing, (call) => {
      calls.push(call);
      waiting.get(call.name)?.();
      waiting.delete(call.name);
    });
  });
  await new Promise<void>((done) => proxy.listen(0, '127.0.0.1', done));
  const variables = {
    AWS_ENDPOINT_URL: `http://127.0.0.1:${(proxy.address() as AddressInfo).port}`,
    AWS_ACCESS_KEY_ID: 'test',
    AWS_SECRET_ACCESS_KEY: 'test',
    AWS_EC2_METADATA_DISABLED: 'true',
  };
  const withVariables = (options: RunOptions) => ({ ...options, variables: { ...variables, ...options.variables } });
  return {
    local,
    calls() {
      const taken = calls;
      calls = [];
      return taken;
    },
    called: (name) => new Promise((done) => waiting.set(name, done)),
    fx: (folder, words, options = {}) => fx(folder, words, withVariables(options)),
    startFx: (folder, words, options = {}) => startFx(folder, words, withVariables(options)),
    async stop() {
      proxy.closeAllConnections();
      await new Promise((done) => proxy.close(done));
      await local.stop();
    },
  };
}

async function forward(
  endpoint: string,
  incoming: IncomingMessage,
  outgoing: ServerResponse,
  record: (call: Call) => void,
): Promise<void> {
  const chunks: Buffer[] = [];
  for await (const chunk of incoming) chunks.push(chunk as Buffer);
  const body = Buffer.concat(chunks);
  const { method = 'GET', url = '/', headers } = incoming;
  record(await nameOf(incoming, body));
  const onward = request(endpoint + url, { method, headers }, (answer) => {
    outgoing.writeHead(answer.statusCode ?? 500, answer.headers);
    answer.pipe(outgoing);
  });
  onward.once('error', () => outgoing.destroy());
  outgoing.once('close', () => onward.destroy());
  onward.end(body);
}

async function nameOf({ method = 'GET', url = '/', headers }: IncomingMessage, body: Buffer): Promise<Call> {
  const service = /Credential=[^/]+\/\d+\/[^/]+\/([^/]+)\//.exec(headers.authorization ?? '')?.[1] ?? '';
  if (!isServiceName(service)) return { name: `${service}:?`, input: {} };
  const model = await serviceModel(service);
  const wire = { method, url: new URL(url, 'http://localhost'), headers, body };
  const { operation, input } = await parseRequest(model, wire);
  return { name: `${service}:${operation.name}`, input };
}

/** Holds an operation between services, such as CloudFormation's calls of Lambda, until it is released. The test
 * decides how long a stack is in progress. */
export function hold<S extends ServiceName>(cloud: Cloud, service: S, operation: OperationName<S>): () => void {
  const { call } = cloud;
  let release = () => {};
  const held = new Promise<void>((done) => {
    release = done;
  });
  cloud.call = (async (...args: Parameters<Cloud['call']>) => {
    if (args[0] === service && args[1] === operation) await held;
    return call(...args);
  }) as Cloud['call'];
  const letGo = () => {
    cloud.call = call;
    release();
  };
  // a failing test must not block those after it
  onTestFinished(letGo);
  return letGo;
}
