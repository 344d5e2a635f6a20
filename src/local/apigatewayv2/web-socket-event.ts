// The events that a WebSocket API sends to functions and to its authorizer.
// https://docs.aws.amazon.com/apigateway/latest/developerguide/api-gateway-mapping-template-reference.html#apigateway-websocket-api-mapping-template-reference
import { randomBase64 } from '../random.ts';
import { listed, logTime } from './event.ts';
import type { Api, Stage } from './state.ts';

/** A client, from its handshake on. */
export interface Connection {
  readonly id: string;
  readonly api: Pick<Api, 'id'>;
  readonly stage: Pick<Stage, 'name' | 'variables'>;
  readonly accountId: string;
  readonly region: string;
  readonly host: string;
  readonly sourceIp: string;
  /** Names as the client wrote them. */
  readonly headers: readonly (readonly [name: string, value: string])[];
  readonly rawQuery: string;
  readonly connectedAt: number;
  /** What the authorizer said, for every later event. */
  readonly authorizer: Readonly<Record<string, unknown>> | undefined;
}

export type EventKind =
  | { readonly type: 'CONNECT' }
  | { readonly type: 'MESSAGE'; readonly messageId: string }
  | { readonly type: 'DISCONNECT'; readonly code: number; readonly reason: string };

export function requestContext(connection: Connection, routeKey: string, kind: EventKind, now: number) {
  const userAgent = connection.headers.find(([name]) => name.toLowerCase() === 'user-agent')?.[1];
  return {
    routeKey,
    ...(connection.authorizer === undefined ? {} : { authorizer: connection.authorizer }),
    ...(kind.type === 'MESSAGE' ? { messageId: kind.messageId } : {}),
    ...(kind.type === 'DISCONNECT' ? { disconnectStatusCode: kind.code, disconnectReason: kind.reason } : {}),
    eventType: kind.type,
    extendedRequestId: randomBase64(11),
    requestTime: logTime(now),
    messageDirection: 'IN',
    stage: connection.stage.name,
    connectedAt: connection.connectedAt,
    requestTimeEpoch: now,
    identity: { ...(userAgent === undefined ? {} : { userAgent }), sourceIp: connection.sourceIp },
    requestId: randomBase64(11),
    domainName: connection.host,
    connectionId: connection.id,
    apiId: connection.api.id,
  };
}

/** The headers and the query of the handshake: in the events of $connect and of the authorizer. */
function handshake({ headers, rawQuery }: Connection) {
  const query = [...new URLSearchParams(rawQuery)];
  return {
    headers: Object.fromEntries(headers),
    multiValueHeaders: listed(headers),
    ...(query.length === 0
      ? {}
      : { queryStringParameters: Object.fromEntries(query), multiValueQueryStringParameters: listed(query) }),
  };
}

export function socketEvent(
  connection: Connection,
  { routeKey, kind, now }: { readonly routeKey: string; readonly kind: EventKind; readonly now: number },
  body?: string,
) {
  const { variables } = connection.stage;
  return {
    ...(kind.type === 'CONNECT' ? handshake(connection) : {}),
    ...(kind.type === 'DISCONNECT'
      ? { headers: { Host: connection.host }, multiValueHeaders: { Host: [connection.host] } }
      : {}),
    requestContext: requestContext(connection, routeKey, kind, now),
    ...(Object.keys(variables).length > 0 ? { stageVariables: variables } : {}),
    ...(body === undefined ? {} : { body }),
    isBase64Encoded: false,
  };
}

/** https://docs.aws.amazon.com/apigateway/latest/developerguide/apigateway-websocket-api-lambda-auth.html */
export function connectAuthorizerEvent(connection: Connection, now: number) {
  return {
    type: 'REQUEST',
    methodArn: connectArn(connection),
    ...handshake(connection),
    stageVariables: connection.stage.variables,
    requestContext: requestContext(connection, '$connect', { type: 'CONNECT' }, now),
  };
}

export const connectArn = ({ region, accountId, api, stage }: Connection): string =>
  `arn:aws:execute-api:${region}:${accountId}:${api.id}/${stage.name}/$connect`;
