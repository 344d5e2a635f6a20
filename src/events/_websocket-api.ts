// The section `websocket` of project.yml: the settings of the WebSocket API, or of several, by name.
import { duration } from '../base/duration.ts';
import type { Span } from '../base/error.ts';
import type { Plain } from '../base/located.ts';
import {
  byKind,
  converted,
  described,
  list,
  mapOf,
  object,
  type Read,
  type Schema,
  text,
  verbatim,
} from '../base/schema.ts';
import { accessLogSchema } from './_access-log.ts';
import {
  apiName,
  authorizerNameSchema,
  functionReferenceSchema,
  furtherApis,
  sharedFields,
  stageNameSchema,
  stageVariablesSchema,
} from './_api-settings.ts';

/** The longest that a WebSocket API waits for a function, in seconds.
 * https://docs.aws.amazon.com/apigateway/latest/developerguide/apigateway-execution-service-websocket-limits-table.html */
export const longestSocketWait = 29;

export const socketWaitSchema = described(
  'How long the API waits for the function, up to 29s.',
  duration({ least: 1, most: longestSocketWait, expected: 'a time from 1s to 29s' }),
  { default: 29, examples: ['10s'] },
);

export interface SocketAuthorizer {
  /** A function of the project, or the ARN of another. */
  readonly function?: { readonly value: string; readonly at: Span };
  readonly arn?: Plain;
  readonly identity: readonly string[];
}

const source = text({
  pattern: /^(route\.request\.(header|querystring)|context|stageVariables)\.\S+$/,
  expected: 'a source such as route.request.header.Authorization or route.request.querystring.token',
});
// https://docs.aws.amazon.com/apigateway/latest/developerguide/apigateway-websocket-api-lambda-auth.html
const authorizer: Schema<SocketAuthorizer> = converted(
  object({
    required: {},
    optional: {
      function: described('Asks a function of this project.', functionReferenceSchema, {
        examples: ['authorize'],
      }),
      arn: described('Asks a function outside this project, by its ARN.', verbatim, {
        examples: ['arn:aws:lambda:eu-west-1:111122223333:function:authorize:live'],
      }),
      identitySource: described(
        'Where the token is. A handshake without one of them gets 401, and no function is asked.',
        byKind<readonly string[]>({
          scalar: converted(source, (one) => ({ value: [one] })),
          list: list(source),
          expected: 'a source, or a list of them',
        }),
        { default: 'route.request.header.Authorization', examples: [['route.request.querystring.token']] },
      ),
    },
    elsewhere: { name: 'function', functionName: 'function', functionArn: 'arn' },
  }),
  ({ function: named, arn, identitySource = ['route.request.header.Authorization'] }) => {
    if ((named === undefined) === (arn === undefined)) return { wrong: 'an authorizer has one of function and arn' };
    return {
      value: {
        identity: identitySource,
        ...(named === undefined ? {} : { function: named }),
        ...(arn === undefined ? {} : { arn }),
      },
    };
  },
);

const fields = {
  ...sharedFields({
    domains: 'The domain name of the API, or several. Not one of another kind of API.',
    aws: 'https://docs.aws.amazon.com/apigateway/latest/developerguide/websocket-api-custom-domain-names.html',
  }),
  name: described('The name of the API in AWS.', text({ longest: 128 }), {
    default: '${name}-${env}-websocket',
    examples: ['chat'],
  }),
  routeSelection: described(
    'Where the route is in a message of JSON.',
    text({ pattern: /^\$\{?request\.body\.[\w.]+\}?$/, expected: 'a selection such as $request.body.action' }),
    { default: '$request.body.action', examples: ['$request.body.type'] },
  ),
  authorizers: described('The authorizers that $connect may name.', mapOf(authorizer, apiName), {
    examples: [{ members: { function: 'authorize', identitySource: ['route.request.querystring.token'] } }],
    aws: 'https://docs.aws.amazon.com/apigateway/latest/developerguide/apigateway-websocket-api-lambda-auth.html',
  }),
  authorizer: described(
    'Who may connect: the name of one of authorizers, iam, or none. AWS asks when a client connects, for no later message.',
    authorizerNameSchema,
    { default: 'none', examples: ['members'] },
  ),
  senders: described(
    'Functions without a websocket event that may send to clients too: they get the same rights and the same variable.',
    list(functionReferenceSchema, { least: 1 }),
    { examples: [['report']] },
  ),
  accessLogs: described('Log each event; true for a JSON line in a log group of its own.', accessLogSchema, {
    default: false,
    examples: [true],
    aws: 'https://docs.aws.amazon.com/apigateway/latest/developerguide/websocket-api-logging.html',
  }),
  timeout: socketWaitSchema,
  stage: described('The name of the stage, the last part of the URL.', stageNameSchema, {
    default: 'live',
    examples: ['v1'],
  }),
  stageVariables: stageVariablesSchema,
} as const;

const elsewhere = {
  routeSelectionExpression: 'routeSelection',
  websocketsApiRouteSelectionExpression: 'routeSelection',
  logs: 'accessLogs',
  disableDefaultEndpoint: 'defaultEndpoint: false',
};

const api = object({ required: {}, optional: fields, elsewhere });
export type SocketApiSettings = Read<typeof api>;

export const websocketSection = object({
  about: 'The WebSocket API of the routes in `websocket` events.',
  required: {},
  optional: {
    ...fields,
    apis: furtherApis(api, { prices: { routeSelection: '$request.body.type' } }),
  },
  elsewhere,
});
export type WebsocketSection = Read<typeof websocketSection>;
