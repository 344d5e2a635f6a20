// The integration of a REST API's method: with the function as a proxy or through templates, with a URL, or made up.
import { duration } from '../base/duration.ts';
import type { Plain } from '../base/located.ts';
import { described, flag, mapOf, object, oneOf, type Read, text, verbatim } from '../base/schema.ts';
import type { Value } from '../cfn/resource.ts';
import { invocationUri } from './_api-invoke.ts';

export const integrationKinds = ['proxy', 'lambda', 'http', 'http-proxy', 'mock'] as const;

/** https://docs.aws.amazon.com/apigateway/latest/developerguide/limits.html: seconds, more on request; streams up to 15 minutes. */
export const longestRestWait = 29;
export const longestStream = 900;

const templates = mapOf(text(), { pattern: /.+\/.+/, expected: 'a content type such as application/json' });
const contentHandling = oneOf(['text', 'binary'], 'Convert the body: to text, or to binary.', { examples: ['binary'] });

export const requestSchema = object({
  required: {},
  optional: {
    query: described('Query parameters that the method has: true for those that a request must have.', mapOf(flag), {
      examples: [{ page: false, term: true }],
    }),
    headers: described('Headers that the method has: true for those that a request must have.', mapOf(flag), {
      examples: [{ 'x-tenant': true }],
    }),
    body: described(
      'The JSON Schema that a body must fit: one of rest.models by name, or a schema; by content type if there are several.',
      verbatim,
      { examples: ['Order', { type: 'object', required: ['item'], properties: { item: { type: 'string' } } }] },
    ),
    templates: described('What the integration gets, by content type of the request. Not for proxies.', templates, {
      examples: [{ 'application/json': '{"id": "$input.params(\'id\')"}' }],
    }),
    mapping: described(
      'Parameters of the integration, each from one of the request.',
      mapOf(text(), {
        pattern: /^integration\.request\./,
        expected: 'a parameter such as integration.request.header.x',
      }),
      { examples: [{ 'integration.request.header.x-tenant': 'method.request.header.x-tenant' }] },
    ),
    passthrough: oneOf(
      ['when_no_match', 'when_no_templates', 'never'],
      'What becomes of a body whose content type has no template.',
      { default: 'when_no_match', examples: ['never'] },
    ),
    content: contentHandling,
  },
  elsewhere: {
    parameters: 'query and headers',
    querystrings: 'query',
    template: 'templates',
    schemas: 'body',
    schema: 'body',
    passThrough: 'passthrough',
    contentHandling: 'content',
  },
});
export type RestRequest = Read<typeof requestSchema>;

const response = object({
  required: {},
  optional: {
    selection: described(
      'The regular expression of the errors, or of the statuses of a URL, that become this response; without it, it is the usual one.',
      text(),
      { examples: ['.*not found.*'] },
    ),
    headers: described(
      'Headers of the response: a value in single quotes, or a part of the integration’s response.',
      mapOf(text()),
      { examples: [{ 'content-type': "'text/html'", location: 'integration.response.body.url' }] },
    ),
    templates: described('The body, by content type.', templates, {
      examples: [{ 'application/json': '$input.json("$.result")' }],
    }),
    model: described(
      'The model of the body, for documentation: one of rest.models, or a name of AWS such as Empty.',
      text(),
      {
        examples: ['Order'],
      },
    ),
    content: contentHandling,
  },
  elsewhere: { pattern: 'selection', template: 'templates', contentHandling: 'content' },
});

export const responsesSchema = mapOf(response, {
  pattern: /^[1-5]\d\d$/,
  expected: 'a status such as 200',
});

export const integrationFields = {
  integration: oneOf(
    integrationKinds,
    'proxy: the function gets the request and answers it. lambda: templates say what it gets. http, http-proxy: a URL. mock: neither.',
    { default: 'proxy', examples: ['lambda'] },
  ),
  uri: described(
    'The URL of an http integration; a path parameter is {id}.',
    text({ pattern: /^https?:\/\/\S+$|^\$\{?stageVariables\./, expected: 'a URL' }),
    {
      examples: ['https://stock.example.com/items/{id}'],
    },
  ),
  httpMethod: oneOf(
    ['GET', 'POST', 'PUT', 'PATCH', 'DELETE', 'HEAD', 'OPTIONS', 'ANY'],
    'The method of an http integration, if it is not that of the route.',
    { examples: ['GET'] },
  ),
  vpcLink: described('The id of the VPC link of an http integration.', verbatim, { examples: ['a1b2c3'] }),
  credentials: described('The ARN of a role that API Gateway calls the integration as.', verbatim, {
    examples: ['arn:aws:iam::111122223333:role/api'],
  }),
  async: described('Call the function without waiting for it. Needs integration: lambda.', flag, {
    default: false,
    examples: [true],
  }),
  stream: described('Send the response while the function writes it, for up to 15 minutes.', flag, {
    default: false,
    examples: [true],
    aws: 'https://docs.aws.amazon.com/apigateway/latest/developerguide/response-transfer-mode.html',
  }),
  timeout: described(
    'How long the API waits, up to 29s; with stream up to 15m.',
    duration({ least: 1, most: longestStream, expected: 'a time from 1s to 29s, or to 15m with stream' }),
    { default: 29, examples: ['10s'] },
  ),
  request: described('What the method takes, and what the integration gets.', requestSchema, {
    examples: [{ query: { page: true } }],
  }),
  responses: described('The responses by status. Not for proxies.', responsesSchema, {
    examples: [{ 200: { headers: { 'content-type': "'text/html'" } } }],
  }),
} as const;

export interface IntegrationSettings {
  readonly integration?: (typeof integrationKinds)[number];
  readonly uri?: string;
  readonly httpMethod?: string;
  readonly vpcLink?: Plain;
  readonly credentials?: Plain;
  readonly async?: boolean;
  readonly stream?: boolean;
  readonly timeout?: number;
  readonly request?: RestRequest;
  readonly responses?: Read<typeof responsesSchema>;
}

const integrationTypes = {
  proxy: 'AWS_PROXY',
  lambda: 'AWS',
  http: 'HTTP',
  'http-proxy': 'HTTP_PROXY',
  mock: 'MOCK',
} as const;
const handling = { text: 'CONVERT_TO_TEXT', binary: 'CONVERT_TO_BINARY' } as const;

/** The `Integration` of a method, and its `MethodResponses`. `alias` is the function's. */
export function integrationOf(
  settings: IntegrationSettings,
  {
    method,
    alias,
    wait,
    cacheKeys,
    modelOf,
  }: {
    readonly method: string;
    readonly alias: Value;
    readonly wait: number | undefined;
    readonly cacheKeys: readonly string[];
    /** The name of a model of the API, as a value that waits for it. */
    readonly modelOf: (name: string) => Value;
  },
): { readonly Integration: Value; readonly MethodResponses?: Value } {
  const { integration = 'proxy', request = {}, responses = new Map(), vpcLink, credentials } = settings;
  const isFunction = integration === 'proxy' || integration === 'lambda';
  const timeout = settings.timeout ?? wait;
  const parameters = {
    // https://docs.aws.amazon.com/apigateway/latest/developerguide/set-up-lambda-integration-async.html
    ...(settings.async === true ? { 'integration.request.header.X-Amz-Invocation-Type': "'Event'" } : {}),
    ...Object.fromEntries(request.mapping ?? []),
  };
  const answers = integration === 'proxy' || integration === 'http-proxy' ? [] : answersOf(responses, modelOf);
  return {
    Integration: {
      Type: integrationTypes[integration],
      ...(isFunction
        ? {
            IntegrationHttpMethod: 'POST',
            Uri: settings.stream === true ? streamingUri(alias) : invocationUri(alias),
          }
        : {}),
      ...(integration === 'http' || integration === 'http-proxy'
        ? { IntegrationHttpMethod: settings.httpMethod ?? method, Uri: settings.uri ?? '' }
        : {}),
      ...(settings.stream === true ? { ResponseTransferMode: 'STREAM' } : {}),
      ...(timeout === undefined ? {} : { TimeoutInMillis: timeout * 1000 }),
      ...(vpcLink === undefined ? {} : { ConnectionType: 'VPC_LINK', ConnectionId: vpcLink }),
      ...(credentials === undefined ? {} : { Credentials: credentials }),
      ...(request.templates === undefined ? {} : { RequestTemplates: Object.fromEntries(request.templates) }),
      ...(Object.keys(parameters).length === 0 ? {} : { RequestParameters: parameters }),
      ...(request.passthrough === undefined ? {} : { PassthroughBehavior: request.passthrough.toUpperCase() }),
      ...(request.content === undefined ? {} : { ContentHandling: handling[request.content] }),
      ...(cacheKeys.length === 0 ? {} : { CacheKeyParameters: [...cacheKeys] }),
      ...(answers.length === 0 ? {} : { IntegrationResponses: answers.map(({ made }) => made) }),
    },
    ...(answers.length === 0 ? {} : { MethodResponses: answers.map(({ declared }) => declared) }),
  };
}

/** https://docs.aws.amazon.com/apigateway/latest/developerguide/response-transfer-mode-lambda.html */
const streamingUri = (functionArn: Value): Value => ({
  'Fn::Sub': [
    'arn:${AWS::Partition}:apigateway:${AWS::Region}:lambda:path/2021-11-15/functions/${Function}/response-streaming-invocations',
    { Function: functionArn },
  ],
});

/** A custom integration answers nothing without a response, so there is always the usual one. */
function answersOf(
  responses: Read<typeof responsesSchema>,
  modelOf: (name: string) => Value,
): { readonly made: Value; readonly declared: Value }[] {
  const hasUsual = [...responses.values()].some(({ selection }) => selection === undefined);
  const all = hasUsual ? [...responses] : [['200', {}] as [string, Read<typeof response>], ...responses];
  return all.map(([StatusCode, { selection, headers = new Map(), templates: bodies, model, content }]) => {
    const named = (value: (written: string) => Value) =>
      Object.fromEntries([...headers].map(([name, written]) => [`method.response.header.${name}`, value(written)]));
    return {
      made: {
        StatusCode,
        ...(selection === undefined ? {} : { SelectionPattern: selection }),
        ...(headers.size === 0 ? {} : { ResponseParameters: named((written) => written) }),
        ...(bodies === undefined ? {} : { ResponseTemplates: Object.fromEntries(bodies) }),
        ...(content === undefined ? {} : { ContentHandling: handling[content] }),
      },
      declared: {
        StatusCode,
        ...(headers.size === 0 ? {} : { ResponseParameters: named(() => true) }),
        ...(model === undefined ? {} : { ResponseModels: { 'application/json': modelOf(model) } }),
      },
    };
  });
}
