// Sends to everyone in the room. fx sets WEBSOCKET_ENDPOINT and grants the right to post.
import { ApiGatewayManagementApiClient, PostToConnectionCommand } from '@aws-sdk/client-apigatewaymanagementapi';
import { everyone } from './members.ts';

const api = new ApiGatewayManagementApiClient({ endpoint: process.env.WEBSOCKET_ENDPOINT ?? '' });

export async function sendToEveryone(message: object): Promise<number> {
  const members = await everyone();
  const Data = Buffer.from(JSON.stringify(message));
  // if a member has just left, the others still get the message
  const sent = await Promise.allSettled(
    members.map(({ connection }) => api.send(new PostToConnectionCommand({ ConnectionId: connection, Data }))),
  );
  return sent.filter(({ status }) => status === 'fulfilled').length;
}
