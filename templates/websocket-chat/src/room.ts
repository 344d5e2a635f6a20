import {
  ApiGatewayManagementApiClient,
  GoneException,
  PostToConnectionCommand,
} from '@aws-sdk/client-apigatewaymanagementapi';
import type { APIGatewayProxyWebsocketHandlerV2 } from 'aws-lambda';
import { everyone, join, leave } from './members.ts';

// fx sets the address, and grants the right to send
const api = new ApiGatewayManagementApiClient({ endpoint: process.env.WEBSOCKET_ENDPOINT ?? '' });

export const handler: APIGatewayProxyWebsocketHandlerV2 = async ({ body, requestContext }) => {
  const { routeKey, connectionId } = requestContext;
  if (routeKey === '$connect') await join(connectionId);
  if (routeKey === '$disconnect') await leave(connectionId);
  if (routeKey === 'say') await sendToEveryone({ text: JSON.parse(body ?? '{}').text });
  return { statusCode: 200 };
};

async function sendToEveryone(message: object): Promise<void> {
  const Data = JSON.stringify(message);
  await Promise.all(
    (await everyone()).map(async (ConnectionId) => {
      try {
        await api.send(new PostToConnectionCommand({ ConnectionId, Data }));
      } catch (error) {
        if (!(error instanceof GoneException)) throw error;
        await leave(ConnectionId);
      }
    }),
  );
}
