// A `websocket` event as users write it: the route alone, or with settings of its own.
import type { Span } from '../base/error.ts';
import { byKind, converted, described, flag, object, type Schema, text } from '../base/schema.ts';
import { apiReferenceSchema, authorizerNameSchema } from './_api-settings.ts';
import { socketWaitSchema } from './_websocket-api.ts';

/** An entry: the route, and what it has of its own. */
export interface WebsocketEvent {
  readonly route: string;
  /** One of `websocket.apis`; undefined for the API of `websocket` itself. */
  readonly api?: { readonly value: string; readonly at: Span };
  readonly authorizer?: { readonly value: string; readonly at: Span };
  /** What the function returns goes back to the client. */
  readonly respond?: boolean;
  /** Seconds. */
  readonly timeout?: number;
  readonly operationName?: string;
}

const expected = 'a route: $connect, $disconnect, $default, or a name that messages select';
// https://docs.aws.amazon.com/apigateway/latest/developerguide/apigateway-websocket-api-develop-routes.html
const route = text({ pattern: /^(\$(connect|disconnect|default)|[^\s$]\S{0,127})$/, expected });

const short: Schema<WebsocketEvent> = converted(route, (key) => ({ value: { route: key } }));
const long: Schema<WebsocketEvent> = object({
  required: {
    route: described('$connect, $disconnect, $default, or a name that messages select.', route, {
      examples: ['sendMessage'],
    }),
  },
  optional: {
    api: described('The API that has the route: one of websocket.apis.', apiReferenceSchema, {
      examples: ['prices'],
    }),
    authorizer: described(
      'Who may connect, for $connect: the name of one of websocket.authorizers, iam, or none.',
      authorizerNameSchema,
      { examples: ['members', 'iam'] },
    ),
    respond: described('Send what the function returns back to the client.', flag, {
      default: false,
      examples: [true],
    }),
    timeout: socketWaitSchema,
    operationName: described('A name for the route, such as in generated clients.', text({ longest: 64 }), {
      examples: ['sendMessage'],
    }),
  },
  elsewhere: { routeKey: 'route', routeResponseSelectionExpression: 'respond: true', integrationTimeout: 'timeout' },
});

export const websocketEventSchema: Schema<WebsocketEvent> = byKind({ scalar: short, map: long, expected });
