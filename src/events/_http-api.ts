// The section `http` of project.yml: the settings of the HTTP API, or of several, by name.
import { duration } from '../base/duration.ts';
import type { Span } from '../base/error.ts';
import type { Plain } from '../base/located.ts';
import { described, located, mapOf, object, oneOf, type Read, type Schema, text, verbatim } from '../base/schema.ts';
import { accessLogSchema } from './_access-log.ts';
import { apiName, authorizerNameSchema, furtherApis, sharedFields, stageVariablesSchema } from './_api-settings.ts';
import { corsSchema } from './_cors.ts';
import { authorizerSchema } from './_http-authorizer.ts';

/** The longest that an HTTP API waits for a function, in seconds.
 * https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-quotas.html */
export const longestWait = 30;

export const payloadSchema = oneOf(['1.0', '2.0'], 'The format of the event that the function gets.', {
  default: '2.0',
  examples: ['1.0'],
});
export const waitSchema = described(
  'How long the API waits for the function, up to 30s.',
  duration({ least: 1, most: longestWait, expected: 'a time from 1s to 30s' }),
  { default: 30, examples: ['10s'] },
);

const fields = {
  ...sharedFields({
    domains: 'The domain name of the API, or several.',
    aws: 'https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-custom-domain-names.html',
  }),
  name: described('The name of the API in AWS.', text({ longest: 128 }), {
    default: '${name}-${env}',
    examples: ['shop'],
  }),
  id: described(
    'The id of an API that exists already, or a reference to it; fx adds only routes to it.',
    located(verbatim) as Schema<{ readonly value: Plain; readonly at: Span }>,
    { examples: ['a1b2c3d4e5', '${stack:network.HttpApiId}'] },
  ),
  cors: described(
    'Cross-origin resource sharing; true for every origin. The API answers preflights itself.',
    corsSchema,
    {
      examples: [true, { allowOrigins: ['https://shop.example.com'], allowMethods: ['GET', 'POST'] }],
      aws: 'https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-cors.html',
    },
  ),
  authorizers: described('The authorizers that routes may name.', mapOf(authorizerSchema, apiName), {
    examples: [{ users: { jwt: { issuer: 'https://login.example.com/', audience: ['shop'] } } }],
  }),
  authorizer: described(
    'The authorizer of every route that names none: one of authorizers, iam, or none.',
    authorizerNameSchema,
    { default: 'none', examples: ['users'] },
  ),
  accessLogs: described('Log each request; true for a JSON line in a log group of its own.', accessLogSchema, {
    default: false,
    examples: [true],
    aws: 'https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-logging.html',
  }),
  payload: payloadSchema,
  timeout: waitSchema,
  stage: described(
    'The name of the stage; another than $default is the first part of every path.',
    text({
      pattern: /^(\$default|[A-Za-z0-9_-]{1,128})$/,
      expected: '$default, or a name of letters, digits, - and _',
    }),
    { default: '$default', examples: ['v1'] },
  ),
  stageVariables: stageVariablesSchema,
} as const;

const elsewhere = {
  allowOrigins: 'cors.allowOrigins',
  disableDefaultEndpoint: 'defaultEndpoint: false',
  disableExecuteApiEndpoint: 'defaultEndpoint: false',
  logs: 'accessLogs',
  payloadFormatVersion: 'payload',
  routeSettings: 'throttle and metrics, here or at a route',
  mutualTls: 'domain.mutualTls',
};

const api = object({ required: {}, optional: fields, elsewhere });
export type HttpApiSettings = Read<typeof api>;

export const httpSection = object({
  about: 'The HTTP API of the routes in `http` events.',
  required: {},
  optional: {
    ...fields,
    apis: furtherApis(api, { admin: { authorizer: 'iam' } }),
  },
  elsewhere,
});
export type HttpSection = Read<typeof httpSection>;
