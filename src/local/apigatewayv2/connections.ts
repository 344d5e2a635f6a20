// The management API of a WebSocket API's connections: POST, GET and DELETE at `/<stage>/@connections/<id>`.
// https://docs.aws.amazon.com/apigateway/latest/developerguide/apigateway-how-to-call-websocket-api-connections.html
import type { IncomingMessage } from 'node:http';
import { type HttpResponse, readBody } from '../http-servers.ts';
import { decide } from '../iam/authorization.ts';
import type { Api, ApiContext } from './state.ts';
import { messageBytes, type WebSockets } from './web-sockets.ts';

function error(status: number, type: string, message: string): HttpResponse {
  const headers = { 'content-type': 'application/json', 'x-amzn-errortype': type };
  return { status, headers, body: JSON.stringify({ message }) };
}

const forbidden = error(403, 'ForbiddenException', 'Forbidden');

export async function manageConnection(
  { cloud }: ApiContext,
  api: Api,
  sockets: WebSockets,
  incoming: IncomingMessage,
): Promise<HttpResponse> {
  const body = await readBody(incoming, messageBytes);
  const [, stage = '', encoded = ''] = /^\/([^/]+)\/@connections\/([^/?]+)(?:\?|$)/.exec(incoming.url ?? '') ?? [];
  if (stage === '' || !Object.hasOwn(api.stages, stage)) return forbidden;
  const id = decodeURIComponent(encoded);
  const method = incoming.method ?? 'GET';
  const signer = signerOf(incoming);
  if (signer === undefined) return error(403, 'MissingAuthenticationTokenException', 'Missing Authentication Token');
  const arn = `arn:aws:execute-api:${cloud.region}:${cloud.accountId}:${api.id}/${stage}/${method}/@connections/${encoded}`;
  const principal = cloud.principalOf(signer);
  if (principal.kind === 'role' && decide(cloud, principal.arn, 'execute-api:ManageConnections', arn) !== 'allowed') {
    const message = `User: ${principal.arn} is not authorized to perform: execute-api:ManageConnections on resource: ${arn}`;
    return error(403, 'AccessDeniedException', message);
  }
  if (!/^[A-Za-z0-9_\-+/]+=*$/.test(id)) return error(400, 'BadRequestException', `Invalid connectionId: ${id}`);
  const open = sockets.find(api.id, id);
  if (open === undefined || open.connection.stage.name !== stage) return error(410, 'GoneException', 'Gone');
  switch (method) {
    case 'POST':
      if (body === undefined) return error(413, 'PayloadTooLargeException', 'Payload too large');
      sockets.send(open, body.toString('utf8'));
      return { status: 200, headers: {}, body: '' };
    case 'DELETE':
      open.socket.close(1000, 'Connection Closed Normally');
      return { status: 204, headers: {}, body: '' };
    case 'GET': {
      const { connection, lastActiveAt } = open;
      const userAgent = connection.headers.find(([name]) => name.toLowerCase() === 'user-agent')?.[1];
      const described = {
        connectedAt: new Date(connection.connectedAt).toISOString(),
        identity: { sourceIp: connection.sourceIp, ...(userAgent === undefined ? {} : { userAgent }) },
        lastActiveAt: new Date(lastActiveAt).toISOString(),
      };
      return { status: 200, headers: { 'content-type': 'application/json' }, body: JSON.stringify(described) };
    }
    default:
      return forbidden;
  }
}

/** The access key of a signature for execute-api. */
function signerOf({ headers: { authorization = '' } }: IncomingMessage): string | undefined {
  const [, key, service] = /Credential=([^/]+)\/[^/]+\/[^/]+\/([^/]+)\//.exec(authorization) ?? [];
  return service === 'execute-api' ? key : undefined;
}
