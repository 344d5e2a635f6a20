// The routes of the chat.
import { everyone, join, leave } from './members.ts';
import { sendToEveryone } from './send.ts';

interface Event {
  readonly body?: string;
  readonly requestContext: {
    readonly routeKey: string;
    readonly connectionId: string;
    readonly authorizer: { readonly principalId: string };
  };
}

export const handler = async ({ body, requestContext }: Event) => {
  const { routeKey, connectionId: connection, authorizer } = requestContext;
  const name = authorizer.principalId;
  switch (routeKey) {
    case '$connect':
      await join({ connection, name });
      break;
    case '$disconnect':
      await leave({ connection, name });
      break;
    case 'say':
      await sendToEveryone({ from: name, text: JSON.parse(body ?? '{}').text });
      break;
    case 'who':
      return {
        statusCode: 200,
        body: JSON.stringify({ here: (await everyone()).map((member) => member.name).sort() }),
      };
  }
  return { statusCode: 200 };
};
