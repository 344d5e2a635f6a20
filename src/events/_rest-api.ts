// The section `rest` of project.yml: the settings of the REST API, or of several, by name.
import { duration } from '../base/duration.ts';
import type { Span } from '../base/error.ts';
import type { Plain } from '../base/located.ts';
import {
  described,
  flag,
  integer,
  list,
  located,
  mapOf,
  object,
  oneOf,
  type Read,
  type Schema,
  text,
  verbatim,
} from '../base/schema.ts';
import { accessLogSchema } from './_access-log.ts';
import { apiName, authorizerNameSchema, furtherApis, sharedFields, stageNameSchema } from './_api-settings.ts';
import { corsSchema } from './_cors.ts';
import { restAuthorizerSchema } from './_rest-authorizer.ts';
import { longestRestWait } from './_rest-integration.ts';
import { apiKeysSchema, usagePlanSchema } from './_rest-key-schema.ts';

const gatewayResponse = object({
  required: {},
  optional: {
    status: described('The status.', integer({ least: 100, most: 599 }), { examples: [404] }),
    headers: described('Headers: a value in single quotes, or a part of the request.', mapOf(text()), {
      examples: [{ 'x-reason': "'none'" }],
    }),
    templates: described('The body, by content type.', mapOf(text()), {
      examples: [{ 'application/json': '{"error": $context.error.messageString}' }],
    }),
  },
});

const defaultTtl = 300;
const cache = object({
  required: {
    size: oneOf(
      ['0.5', '1.6', '6.1', '13.5', '28.4', '58.2', '118', '237'],
      'The size of the cache in GB. AWS charges by the hour.',
      {
        examples: ['0.5'],
      },
    ),
  },
  optional: {
    ttl: described(
      'How long responses are kept, up to 1h.',
      duration({ least: 0, most: 3600, expected: 'a time from 0s to 1h' }),
      { default: defaultTtl, examples: ['5m'] },
    ),
    encrypted: described('Encrypt what is kept.', flag, { default: false, examples: [true] }),
  },
});

const canary = object({
  required: {
    percent: described('The share of requests that goes to the canary.', integer({ least: 0, most: 100 }), {
      examples: [10],
    }),
  },
  optional: {
    deploymentId: described('The deployment of the canary, if it is not that of the stage.', verbatim, {
      examples: ['a1b2c3'],
    }),
    stageVariables: described('Variables of the canary in place of those of the stage.', mapOf(text()), {
      examples: [{ table: 'orders-new' }],
    }),
    useStageCache: described('Use the cache of the stage.', flag, { default: false, examples: [true] }),
  },
});

const fields = {
  ...sharedFields({
    domains: 'The domain name of a regional API, or several.',
    aws: 'https://docs.aws.amazon.com/apigateway/latest/developerguide/how-to-custom-domains.html',
  }),
  name: described('The name of the API in AWS.', text({ longest: 1024 }), {
    default: '${name}-${env}-rest',
    examples: ['shop'],
  }),
  id: described(
    'The id of an API that exists already, or a reference to it. Needs root.',
    located(verbatim) as Schema<{ readonly value: Plain; readonly at: Span }>,
    { examples: ['a1b2c3d4e5', '${stack:network.RestApiId}'] },
  ),
  root: described('The id of the root resource of that API.', verbatim, { examples: ['x1y2z3'] }),
  parents: described(
    'The ids of resources that the API has already, by path.',
    mapOf(verbatim, { pattern: /^\//, expected: 'a path' }),
    {
      examples: [{ '/orders': 'p1q2r3' }],
    },
  ),
  endpoint: oneOf(
    ['regional', 'edge', 'private'],
    'Where the API answers: in its region, through CloudFront, or in VPCs.',
    {
      default: 'regional',
      examples: ['private'],
    },
  ),
  vpcEndpoints: described('The VPC endpoints of a private API.', list(verbatim, { least: 1 }), {
    examples: [['vpce-0123456789abcdef0']],
  }),
  policy: described(
    'The resource policy: IAM statements. Without Resource, one is about every route.',
    list(verbatim, { least: 1 }),
    {
      examples: [
        [
          {
            Effect: 'Allow',
            Principal: '*',
            Action: 'execute-api:Invoke',
            Condition: { IpAddress: { 'aws:SourceIp': '203.0.113.0/24' } },
          },
        ],
      ],
      aws: 'https://docs.aws.amazon.com/apigateway/latest/developerguide/apigateway-resource-policies.html',
    },
  ),
  cors: described(
    'Cross-origin requests to every path; true for every origin. The API answers preflights; a function adds the headers to its own answers.',
    corsSchema,
    {
      examples: [true, { allowOrigins: ['https://shop.example.com'] }],
      aws: 'https://docs.aws.amazon.com/apigateway/latest/developerguide/how-to-cors.html',
    },
  ),
  authorizers: described('The authorizers that routes may name.', mapOf(restAuthorizerSchema, apiName), {
    examples: [{ users: { cognito: 'Users' } }],
  }),
  authorizer: described(
    'The authorizer of every route that names none: one of authorizers, iam, or none.',
    authorizerNameSchema,
    { default: 'none', examples: ['users'] },
  ),
  apiKeys: described('API keys by name.', apiKeysSchema, {
    examples: [['mobile'], { mobile: { description: 'The mobile app' } }],
  }),
  apiKeySource: oneOf(
    ['header', 'authorizer'],
    'Where the key of a request is: in x-api-key, or in what the authorizer answers.',
    {
      default: 'header',
      examples: ['authorizer'],
    },
  ),
  usagePlans: described(
    'Plans by name: quotas and limits of keys. Without one, all keys share a plan without limits.',
    mapOf(usagePlanSchema, apiName),
    {
      examples: [{ basic: { quota: { limit: 100_000, period: 'month' }, throttle: { rate: 10, burst: 5 } } }],
    },
  ),
  models: described(
    'JSON Schemas (draft 4) by name, for request.body.',
    mapOf(verbatim, { pattern: /^[A-Za-z0-9]+$/, expected: 'a name of letters and digits' }),
    {
      examples: [{ Order: { type: 'object', required: ['item'] } }],
      aws: 'https://docs.aws.amazon.com/apigateway/latest/developerguide/models-mappings-models.html',
    },
  ),
  gatewayResponses: described(
    'What the API answers itself, by type, such as DEFAULT_4XX or UNAUTHORIZED.',
    mapOf(gatewayResponse, { pattern: /^[A-Z0-9_]+$/, expected: 'a type such as DEFAULT_4XX' }),
    {
      examples: [{ DEFAULT_4XX: { headers: { 'x-reason': "'client'" } } }],
      aws: 'https://docs.aws.amazon.com/apigateway/latest/developerguide/supported-gateway-response-types.html',
    },
  ),
  binaryTypes: described('Content types that are binary, such as image/png or */*.', list(text(), { least: 1 }), {
    examples: [['image/*']],
  }),
  compression: described('Compress responses from this size, in bytes.', integer({ least: 0, most: 10_485_760 }), {
    examples: [1024],
  }),
  stage: described('The name of the stage, the first part of every path.', stageNameSchema, {
    default: 'live',
    examples: ['v1'],
  }),
  stageFrom: oneOf(
    ['stack', 'deployment'],
    'What makes the stage: a resource of the stack, or the deployment, as in stacks of the Serverless Framework. Such a stage has no settings in the template.',
    { default: 'stack', examples: ['deployment'] },
  ),
  stageVariables: described(
    'Variables of the stage, for templates, URLs and functions.',
    mapOf(text(), { pattern: /^\w+$/, expected: 'a name of letters, digits and _' }),
    {
      examples: [{ table: 'orders' }],
    },
  ),
  canary: described('Send a share of requests to another deployment.', canary, {
    examples: [{ percent: 10, deploymentId: 'a1b2c3' }],
    aws: 'https://docs.aws.amazon.com/apigateway/latest/developerguide/canary-release.html',
  }),
  cache: described('A cache for responses. Every GET is kept unless its route says cache: false.', cache, {
    examples: [{ size: '0.5' }],
  }),
  tracing: described('Trace requests with X-Ray.', flag, { default: false, examples: [true] }),
  accessLogs: described(
    'Log each request; true for a JSON line in a log group of its own. Needs logRole once an account.',
    accessLogSchema,
    {
      default: false,
      examples: [true],
    },
  ),
  executionLogs: oneOf(
    ['error', 'info', 'data'],
    'What API Gateway logs of each request: errors, all, or all with bodies.',
    { examples: ['error'] },
  ),
  logRole: described(
    'Give API Gateway the right to write logs, once for the whole account and region. It stays when the stack goes.',
    flag,
    {
      default: false,
      examples: [true],
      aws: 'https://docs.aws.amazon.com/apigateway/latest/developerguide/set-up-logging.html',
    },
  ),
  waf: described('The ARN of a web ACL of AWS WAF.', verbatim, {
    examples: ['arn:aws:wafv2:eu-west-1:111122223333:regional/webacl/shop/1234'],
  }),
  timeout: described(
    'How long the API waits for an integration, up to 29s.',
    duration({ least: 1, most: longestRestWait, expected: 'a time from 1s to 29s' }),
    { default: longestRestWait, examples: ['10s'] },
  ),
} as const;

const elsewhere = {
  endpointType: 'endpoint',
  vpcEndpointIds: 'vpcEndpoints',
  resourcePolicy: 'policy',
  restApiId: 'id',
  restApiRootResourceId: 'root',
  restApiResources: 'parents',
  usagePlan: 'usagePlans',
  apiKeySourceType: 'apiKeySource',
  binaryMediaTypes: 'binaryTypes',
  minimumCompressionSize: 'compression',
  disableDefaultEndpoint: 'defaultEndpoint: false',
  logs: 'accessLogs and executionLogs',
};

const api = object({ required: {}, optional: fields, elsewhere });
export type RestApiSettings = Read<typeof api>;

export const restSection = object({
  about: 'The REST API of the routes in `rest` events.',
  required: {},
  optional: {
    ...fields,
    apis: furtherApis(api, { admin: { authorizer: 'iam' } }),
  },
  elsewhere,
});
export type RestSection = Read<typeof restSection>;

/** Settings that only a stage with a resource of its own has: CloudFormation takes no `StageDescription` for a stage that is there. */
export const stageSettings = [
  'stageVariables',
  'canary',
  'cache',
  'throttle',
  'metrics',
  'tracing',
  'accessLogs',
  'executionLogs',
  'waf',
] as const satisfies readonly (keyof RestApiSettings)[];
