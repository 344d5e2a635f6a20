// Samples of `websocket`.
import type { Sample } from './_sample.ts';

const aws =
  'https://docs.aws.amazon.com/apigateway/latest/developerguide/apigateway-websocket-api-mapping-template-reference.html';
const context = {
  messageDirection: 'IN',
  stage: 'live',
  connectedAt: 1764410000000,
  requestTime: '29/Nov/2026:09:53:20 +0000',
  requestTimeEpoch: 1764410000000,
  requestId: 'JKJaXmPLvHcESHA=',
  extendedRequestId: 'JKJaXmPLvHcESHA=',
  identity: { sourceIp: '203.0.113.10' },
  domainName: 'a1b2c3d4e5.execute-api.us-east-1.amazonaws.com',
  connectionId: 'JKJaXfPLvHcCESA=',
  apiId: 'a1b2c3d4e5',
};

export const websocket: Sample = {
  about: 'a message of a client',
  aws,
  event: {
    requestContext: { ...context, routeKey: 'send', messageId: 'JKJaXfPLvHcCESA=', eventType: 'MESSAGE' },
    body: '{"action":"send","text":"Hello"}',
    isBase64Encoded: false,
  },
};

export const websocketConnect: Sample = {
  about: 'a client that connects',
  aws,
  event: {
    headers: { Host: 'a1b2c3d4e5.execute-api.us-east-1.amazonaws.com', 'Sec-WebSocket-Version': '13' },
    multiValueHeaders: {
      Host: ['a1b2c3d4e5.execute-api.us-east-1.amazonaws.com'],
      'Sec-WebSocket-Version': ['13'],
    },
    requestContext: { ...context, routeKey: '$connect', eventType: 'CONNECT' },
    isBase64Encoded: false,
  },
};

export const websocketDisconnect: Sample = {
  about: 'a client that is gone',
  aws,
  event: {
    headers: { Host: 'a1b2c3d4e5.execute-api.us-east-1.amazonaws.com' },
    multiValueHeaders: { Host: ['a1b2c3d4e5.execute-api.us-east-1.amazonaws.com'] },
    requestContext: {
      ...context,
      routeKey: '$disconnect',
      eventType: 'DISCONNECT',
      disconnectStatusCode: 1000,
      disconnectReason: '',
    },
    isBase64Encoded: false,
  },
};
