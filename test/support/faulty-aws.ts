// A loopback proxy before an AWS endpoint that makes chosen calls fail, or kills fx at one of them.
import { createServer, type IncomingMessage, request, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

/** How a call fails. `throttled`: TooManyRequests or the service's equivalent; `denied`: access denied; `expired`: the credentials have
 * expired; `reset`: the request never arrives; `lost`: it arrives, its response does not; `truncated`: half of the response's body; `slow`: the
 * response takes two seconds; `status`: that status, without a body, or with one of XML. */
export type Fault = Refusal | 'reset' | 'lost' | 'truncated' | 'slow' | WholeAnswer;

export interface WholeAnswer {
  readonly status: number;
  readonly xml?: string;
}
type Refusal = 'throttled' | 'denied' | 'expired';

const slowMs = 2_000;

export interface FaultyCall {
  /** Counts from 1. */
  readonly number: number;
  readonly service: string;
  /** `UpdateStack`, or `PUT /2015-03-31/functions/…` if the protocol has no operation name. */
  readonly operation: string;
}

export interface FaultyAws {
  readonly endpoint: string;
  readonly calls: readonly FaultyCall[];
  stop(): Promise<void>;
}

/** `faultOf` decides for each call before it is forwarded; `forwarded` is called after the response. */
export async function startFaultyAws(
  target: string,
  faultOf: (call: FaultyCall) => Fault | undefined,
  forwarded: (call: FaultyCall) => void = () => {},
): Promise<FaultyAws> {
  const calls: FaultyCall[] = [];
  const server = createServer((incoming, outgoing) => {
    void (async () => {
      const body = await bodyOf(incoming);
      const call = { number: calls.length + 1, ...describe(incoming, body) };
      calls.push(call);
      const fault = faultOf(call);
      if (fault === 'reset') return incoming.socket.destroy();
      if (fault === 'throttled' || fault === 'denied' || fault === 'expired' || typeof fault === 'object')
        return refuse(outgoing, call, fault);
      if (fault === 'slow') await new Promise((done) => setTimeout(done, slowMs));
      const answer = await forward(target, incoming, body, endpoint);
      forwarded(call);
      if (fault === 'lost') return outgoing.destroy();
      outgoing.writeHead(answer.status, answer.headers);
      if (fault !== 'truncated') return outgoing.end(answer.body);
      outgoing.write(answer.body.subarray(0, answer.body.length >> 1), () => outgoing.destroy());
    })();
  });
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
  const endpoint = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  return {
    endpoint,
    calls,
    async stop() {
      server.closeAllConnections();
      await new Promise((done) => server.close(done));
    },
  };
}

/** What a control plane with this rate limit does to a call: nothing, or throttle it. */
export function rateLimit(callsASecond: number, isLimited: (call: FaultyCall) => boolean) {
  const times: number[] = [];
  return (call: FaultyCall): Fault | undefined => {
    if (!isLimited(call)) return undefined;
    const now = performance.now();
    while (times.length > 0 && now - (times[0] ?? 0) >= 1_000) times.shift();
    if (times.length >= callsASecond) return 'throttled';
    times.push(now);
    return undefined;
  };
}

/** Calls of Lambda's control plane, as opposed to invocations. */
export const isLambdaControl = ({ service, operation }: FaultyCall): boolean =>
  service === 'lambda' && !operation.includes('/invocations');

async function bodyOf(incoming: IncomingMessage): Promise<Buffer> {
  const chunks: Buffer[] = [];
  for await (const chunk of incoming) chunks.push(chunk as Buffer);
  return Buffer.concat(chunks);
}

function describe({ method, url = '/', headers }: IncomingMessage, body: Buffer): Omit<FaultyCall, 'number'> {
  const service = /Credential=[^/]+\/\d+\/[^/]+\/([^/]+)\//.exec(headers.authorization ?? '')?.[1] ?? '';
  const target = String(headers['x-amz-target'] ?? '')
    .split('.')
    .at(-1);
  const action = /(?:^|&)Action=([A-Za-z]+)/.exec(body.toString('latin1', 0, 4_096))?.[1];
  return { service, operation: action ?? (target || `${method} ${url.split('?')[0]}`) };
}

interface Answer {
  readonly status: number;
  readonly headers: IncomingMessage['headers'];
  readonly body: Buffer;
}

function forward(target: string, incoming: IncomingMessage, body: Buffer, own: string): Promise<Answer> {
  const { method = 'GET', url = '/', headers } = incoming;
  // CloudFormation reads templates only from its own AWS
  const text = body.toString('latin1').replaceAll(encodeURIComponent(own), encodeURIComponent(target));
  const sent = Buffer.from(text, 'latin1');
  const length = headers['content-length'] === undefined ? {} : { 'content-length': sent.length };
  return new Promise((resolve, reject) => {
    const onward = request(target + url, { method, headers: { ...headers, ...length } }, (answer) => {
      bodyOf(answer).then(
        (received) =>
          resolve({ status: answer.statusCode ?? 500, headers: withoutTransfer(answer.headers), body: received }),
        reject,
      );
    });
    onward.once('error', reject);
    onward.end(sent);
  });
}

function withoutTransfer({ 'transfer-encoding': _, ...headers }: IncomingMessage['headers']) {
  return headers;
}

function refuse(outgoing: ServerResponse, { service }: FaultyCall, fault: Refusal | WholeAnswer) {
  if (typeof fault === 'object') {
    const type = fault.xml === undefined ? {} : { 'content-type': 'text/xml' };
    return outgoing.writeHead(fault.status, type).end(fault.xml);
  }
  const isLambda = service === 'lambda';
  const [status, code, message] =
    fault === 'denied'
      ? [403, isLambda ? 'AccessDeniedException' : 'AccessDenied', 'User is not authorized to perform this action']
      : fault === 'expired'
        ? [
            isLambda ? 403 : 400,
            isLambda ? 'ExpiredTokenException' : 'ExpiredToken',
            'The security token included in the request is expired',
          ]
        : isLambda
          ? [429, 'TooManyRequestsException', 'Rate Exceeded.']
          : service === 's3'
            ? [503, 'SlowDown', 'Please reduce your request rate.']
            : [400, 'Throttling', 'Rate exceeded'];
  if (service === 's3')
    return outgoing.writeHead(status).end(`<Error><Code>${code}</Code><Message>${message}</Message></Error>`);
  if (service === 'cloudformation' || service === 'sts') {
    return outgoing
      .writeHead(status, { 'content-type': 'text/xml' })
      .end(
        `<ErrorResponse><Error><Type>Sender</Type><Code>${code}</Code><Message>${message}</Message></Error></ErrorResponse>`,
      );
  }
  outgoing
    .writeHead(status, { 'content-type': 'application/json', 'x-amzn-errortype': code })
    .end(JSON.stringify({ __type: code, message, Message: message }));
}
