// The loopback port of the local AWS: finds the service and region of a request, and answers in the service's protocol.
import { randomUUID } from 'node:crypto';
import { existsSync } from 'node:fs';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { Readable } from 'node:stream';
import {
  AwsError,
  type Blobs,
  type Cloud,
  type Exchange,
  type Principal,
  type Request,
  type ServiceName,
  type Upgrade,
} from './cloud.ts';
import { answerControl, type Controls } from './control.ts';
import { answerRegistry, registryPath } from './ecr/registry.ts';
import { regionOf } from './ecr/token.ts';
import { type Following, readWishes } from './following.ts';
import { frontOf } from './http2-front.ts';
import { controlPath, followPath, identityPath, packagePath } from './identity.ts';
import { isLoopbackHost } from './loopback.ts';
import type { NamedOperation } from './operation.ts';
import { formAnswer, isFormUpload, readFormUpload } from './post-object.ts';
import { checkCredential, checkPresigned, formerAccessKey, hoistedHeaders } from './presigned.ts';
import { decodeChunked, readXml } from './wire/body.ts';
import { spokenModel } from './wire/compatible.ts';
import { members, type ServiceModel, serviceModel } from './wire/model.ts';
import { parseRequest } from './wire/request.ts';
import { type WireResponse, writeError, writeOutput } from './wire/response.ts';
import { serviceOf } from './wire/service-name.ts';

export interface Backend {
  readonly accountId: string;
  readonly blobs: Blobs;
  readonly following: Following;
  readonly controls: Controls;
  /** The owner of an access key. */
  principalOf(accessKeyId: string): Principal;
  /** The state of a region. */
  cloud(region: string): Promise<Cloud>;
  /** Answers a request whose host names an API or a domain of one. False if it names none. */
  answerHost(host: string, exchange: Exchange): Promise<boolean>;
  /** Opens a WebSocket connection to such an API. False if the host names none. */
  upgradeHost(host: string, upgrade: Upgrade): Promise<boolean>;
  perform(region: string, called: NamedOperation, call: { input: unknown; request: Request }): Promise<unknown>;
}

export interface Listener {
  readonly port: number;
  readonly endpoint: string;
  close(): Promise<void>;
}

/** Listens on 127.0.0.1. Rejects with EADDRINUSE if another program uses the port. */
export async function listen(port: number, backend: Backend): Promise<Listener> {
  const server = createServer((request, response) => void answer(backend, request, response));
  server.on('upgrade', (incoming, socket, head) => void upgrade(backend, { incoming, socket, head }));
  // SDK clients reuse sockets; if the server closes an idle one, the client may fail with "socket hang up".
  server.keepAliveTimeout = 75_000;
  server.requestTimeout = 0;
  const front = frontOf(server);
  await new Promise<void>((resolve, reject) => {
    front.server.once('error', reject);
    front.server.listen(port, '127.0.0.1', resolve);
  });
  const bound = (front.server.address() as AddressInfo).port;
  return {
    port: bound,
    endpoint: `http://127.0.0.1:${bound}`,
    close: () =>
      new Promise((resolve, reject) => {
        front.server.close((error) => (error === undefined ? resolve() : reject(error)));
        server.closeAllConnections();
        front.closeAllConnections();
      }),
  };
}

async function answer(backend: Backend, incoming: IncomingMessage, outgoing: ServerResponse): Promise<void> {
  const requestId = randomUUID();
  let model: ServiceModel | undefined;
  let response: WireResponse;
  try {
    const url = new URL(incoming.url ?? '/', 'http://localhost');
    checkHost(incoming);
    if (await backend.answerHost(incoming.headers.host ?? '', { incoming, outgoing })) return;
    if (url.pathname.startsWith(registryPath) && !isSigned(incoming, url)) {
      const region = regionOf(incoming.headers.authorization);
      await answerRegistry(region === undefined ? undefined : await backend.cloud(region), incoming, outgoing);
      return;
    }
    if (url.pathname === followPath && incoming.method === 'POST') {
      refuseWebPages(incoming);
      const wishes = readWishes((await readBody(incoming)).toString('utf8'));
      if (wishes === undefined) throw new AwsError('ValidationException', 'a follower sends {"inspect": {…}}');
      backend.following.follow(wishes, incoming, outgoing);
      return;
    }
    if (url.pathname.startsWith(controlPath) && incoming.method === 'POST') {
      refuseWebPages(incoming);
      const body = (await readBody(incoming)).toString('utf8');
      response = await answerControl(backend.controls, url.pathname.slice(controlPath.length), body);
    } else if (url.pathname === identityPath) {
      response = identity(backend);
    } else if (url.pathname.startsWith(packagePath)) {
      response = await packageOf(backend, url.pathname.slice(packagePath.length));
    } else if (isFormUpload(incoming, url)) {
      model = await serviceModel('s3');
      response = await upload(backend, model, incoming, { url, requestId });
    } else {
      if (url.searchParams.has('X-Amz-Credential')) {
        // S3's, whose URLs these are, until it is known
        model = await serviceModel('s3');
        checkCredential(url);
      }
      const scope = credentialScope(incoming, url);
      model = spokenModel(await serviceModel(scope.service), incoming.headers);
      if (scope.service === 's3')
        checkPresigned({ url, headers: incoming.headers }, (await backend.cloud(scope.region)).now());
      const body = await readBody(incoming);
      const { operation, input } = await parseRequest(model, {
        method: incoming.method ?? 'GET',
        url,
        headers: scope.service === 's3' ? hoistedHeaders({ url, headers: incoming.headers }) : incoming.headers,
        body,
      });
      const gone = new AbortController();
      outgoing.once('close', () => gone.abort());
      const trace = incoming.headers['x-amzn-trace-id'];
      const request = {
        principal: backend.principalOf(scope.accessKeyId),
        requestId,
        signal: gone.signal,
        ...(typeof trace === 'string' ? { traceHeader: trace } : {}),
      };
      const called = { service: scope.service, name: operation.name };
      const output = await backend.perform(scope.region, called, { input, request });
      response = writeOutput(model, operation, (output ?? {}) as Record<string, unknown>, requestId);
    }
  } catch (error) {
    response = writeError(model, error, requestId);
  }
  try {
    send(incoming, outgoing, response);
  } catch (error) {
    // Node rejects invalid header values, such as object metadata beyond Latin-1.
    send(incoming, outgoing, writeError(model, error, requestId));
  }
}

/** An object that a form sends: https://docs.aws.amazon.com/AmazonS3/latest/API/RESTObjectPOST.html */
async function upload(
  backend: Backend,
  model: ServiceModel,
  incoming: IncomingMessage,
  { url, requestId }: { readonly url: URL; readonly requestId: string },
): Promise<WireResponse> {
  const body = await readBody(incoming);
  const posted = await readFormUpload(
    { headers: incoming.headers, pathname: url.pathname, body },
    (await backend.cloud('us-east-1')).now(),
  );
  const request = {
    principal: backend.principalOf(posted.accessKeyId),
    requestId,
    signal: new AbortController().signal,
    isForm: true as const,
  };
  const Tagging = posted.tagging === undefined ? undefined : await tagsIn(model, posted.tagging);
  const input = Tagging === undefined ? posted.input : { ...posted.input, Tagging };
  const output = await backend.perform(posted.region, { service: 's3', name: 'PutObject' }, { input, request });
  const { ETag: etag = '' } = (output ?? {}) as { ETag?: string };
  return formAnswer(posted, { etag, endpoint: `http://${incoming.headers.host ?? ''}` });
}

/** A form has tags as XML, a request for PutObject as a query. */
async function tagsIn(model: ServiceModel, xml: string): Promise<string> {
  const operation = model.operations.get('PutObjectTagging');
  const schema =
    operation === undefined ? undefined : members(operation.input).find(([name]) => name === 'Tagging')?.[1];
  if (schema === undefined) throw new Error('PutObjectTagging has tags');
  const { TagSet = [] } = ((await readXml(model, schema, Buffer.from(xml))) ?? {}) as {
    TagSet?: { Key?: string; Value?: string }[];
  };
  return new URLSearchParams(TagSet.map(({ Key = '', Value = '' }): [string, string] => [Key, Value])).toString();
}

async function upgrade(backend: Backend, upgraded: Upgrade): Promise<void> {
  const { incoming, socket } = upgraded;
  socket.on('error', () => socket.destroy());
  const isOpened = await backend.upgradeHost(incoming.headers.host ?? '', upgraded).catch(() => false);
  if (!isOpened) socket.end('HTTP/1.1 404 Not Found\r\ncontent-length: 0\r\nconnection: close\r\n\r\n');
}

/** A web page could run functions under a debugger, or throw the state away. */
function refuseWebPages({ headers: { origin } }: IncomingMessage): void {
  if (origin !== undefined) throw new AwsError('AccessDenied', 'Forbidden', 403);
}

function checkHost({ headers: { host = '' } }: IncomingMessage): void {
  if (isLoopbackHost(host)) return;
  throw new AwsError(
    'AccessDenied',
    `the fx local AWS answers only under loopback names, not ${JSON.stringify(host.replace(/:\d+$/, ''))}`,
    403,
  );
}

/** Needs no other check: nobody can guess the sha256 of a blob. */
async function packageOf({ blobs }: Backend, sha256: string): Promise<WireResponse> {
  const headers = { 'content-type': 'application/octet-stream' };
  if (/^[0-9a-f]{64}$/.test(sha256) && existsSync(blobs.path(sha256))) {
    return { status: 200, headers, body: await blobs.read(sha256) };
  }
  throw new AwsError('NoSuchKey', 'The specified key does not exist.', 404);
}

function identity(backend: Backend): WireResponse {
  const body = JSON.stringify({ service: 'fx local AWS', accountId: backend.accountId, pid: process.pid });
  return { status: 200, headers: { 'content-type': 'application/json' }, body };
}

/** API Gateway's own API has the same path, but its requests are signed; those of container engines are not. */
function isSigned({ headers: { authorization = '' } }: IncomingMessage, url: URL): boolean {
  return authorization.startsWith('AWS4-') || url.searchParams.has('X-Amz-Credential');
}

interface Scope {
  readonly accessKeyId: string;
  readonly region: string;
  readonly service: ServiceName;
}

// Every AWS client signs with `…/<region>/<service>/aws4_request`, in a header or, in a presigned URL, in the query:
// https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_sigv-create-signed-request.html
function credentialScope(incoming: IncomingMessage, url: URL): Scope {
  const former = formerAccessKey(url);
  if (former !== undefined) return { accessKeyId: former, region: 'us-east-1', service: 's3' };
  const free = unsigned(url);
  if (free !== undefined && incoming.headers.authorization === undefined) return free;
  const credential =
    /Credential=([^,\s]+)/.exec(incoming.headers.authorization ?? '')?.[1] ?? url.searchParams.get('X-Amz-Credential');
  if (!credential) throw new AwsError('MissingAuthenticationTokenException', 'Missing Authentication Token', 403);
  const [accessKeyId = '', , region = '', signingName = ''] = credential.split('/');
  const service = serviceOf(signingName, url.pathname, incoming.headers['x-amz-target']);
  if (service === undefined) {
    throw new AwsError(
      'UnknownServiceException',
      `the fx local AWS does not support the service ${JSON.stringify(signingName)}`,
      501,
    );
  }
  if (!/^[a-z]{2}(-[a-z]+)+-\d$/.test(region)) {
    throw new AwsError('InvalidSignatureException', `there is no region ${JSON.stringify(region)}`, 403);
  }
  return { accessKeyId, region, service };
}

/** What needs no signature: the links in SNS's messages. https://docs.aws.amazon.com/sns/latest/dg/SendMessageToHttp.confirm.html */
function unsigned({ searchParams }: URL): Scope | undefined {
  const action = searchParams.get('Action');
  if (action !== 'ConfirmSubscription' && action !== 'Unsubscribe') return undefined;
  const arn = searchParams.get(action === 'Unsubscribe' ? 'SubscriptionArn' : 'TopicArn') ?? '';
  const region = arn.split(':')[3] || 'us-east-1';
  return /^[a-z]{2}(-[a-z]+)+-\d$/.test(region) ? { accessKeyId: '', region, service: 'sns' } : undefined;
}

async function readBody(incoming: IncomingMessage): Promise<Buffer> {
  const chunks: Buffer[] = [];
  for await (const chunk of incoming) chunks.push(chunk as Buffer);
  const body = Buffer.concat(chunks);
  const hash = String(incoming.headers['x-amz-content-sha256'] ?? '');
  const encoding = String(incoming.headers['content-encoding'] ?? '');
  return encoding.includes('aws-chunked') || hash.startsWith('STREAMING-') ? decodeChunked(body) : body;
}

function send(incoming: IncomingMessage, outgoing: ServerResponse, response: WireResponse): void {
  const bodiless = incoming.method === 'HEAD' || response.status === 204 || response.status === 304;
  const headers: Record<string, string | number> = { ...response.headers };
  if (typeof response.body === 'string' || response.body instanceof Uint8Array) {
    if (!bodiless) headers['content-length'] = Buffer.byteLength(response.body);
  }
  outgoing.writeHead(response.status, headers);
  if (bodiless) outgoing.end();
  else if (response.body instanceof Readable) stream(response.body, outgoing);
  else outgoing.end(response.body);
}

/** Ends the body with its client, so that whatever produces it does not wait. */
function stream(body: Readable, outgoing: ServerResponse): void {
  outgoing.once('close', () => body.destroy());
  body.once('error', () => outgoing.destroy());
  body.pipe(outgoing);
}
