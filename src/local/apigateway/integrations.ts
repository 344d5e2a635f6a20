// API Gateway's operations on the integrations of methods.
import type { Integration, Method } from '@aws-sdk/client-api-gateway';
import { badRequest, notFound } from '../api-gateway.ts';
import type { Operations } from '../cloud.ts';
import { checkConstraints, notImplemented } from '../constraint.ts';
import { checkRequestMappings } from './mapping-rules.ts';
import { invalidPath, isTrue, type Patch, patchedList, patchedMap, readPatches } from './patch.ts';
import { type ApiContext, defined, existingMethod, keepMethod } from './state.ts';
import { lambdaUri } from './uri.ts';

export const unknownIntegration = 'Invalid Integration identifier specified';
const settings = [
  'type',
  'integrationHttpMethod',
  'uri',
  'connectionType',
  'connectionId',
  'credentials',
  'requestParameters',
  'requestTemplates',
  'passthroughBehavior',
  'cacheNamespace',
  'cacheKeyParameters',
  'contentHandling',
  'timeoutInMillis',
  'tlsConfig',
  'responseTransferMode',
] as const;

export function integrationOperations(context: ApiContext): Operations<'apigateway'> {
  const keep = (place: ReturnType<typeof existingMethod>, integration: Integration | undefined) => {
    const { methodIntegration: _, ...others } = place.method;
    const method: Method = integration === undefined ? others : { ...others, methodIntegration: integration };
    keepMethod(context, place, method.httpMethod ?? '', method);
    return integration ?? {};
  };
  return {
    PutIntegration: {
      members: ['restApiId', 'resourceId', 'httpMethod', ...settings],
      run({ restApiId, resourceId, httpMethod, integrationHttpMethod, ...input }) {
        checkEnums(input);
        const place = existingMethod(context, { restApiId, resourceId, httpMethod });
        const given = { ...input, httpMethod: integrationHttpMethod };
        return keep(place, newIntegration(given, place.method, place.resource.id));
      },
    },
    GetIntegration: {
      members: ['restApiId', 'resourceId', 'httpMethod'],
      run: (input) => integrationOf(existingMethod(context, input).method),
    },
    UpdateIntegration: {
      members: ['restApiId', 'resourceId', 'httpMethod', 'patchOperations'],
      run({ patchOperations, ...reference }) {
        const patches = readPatches('updateIntegrationInput', patchOperations);
        const place = existingMethod(context, reference);
        const integration = patches.reduce(patched, integrationOf(place.method));
        return keep(place, checkIntegration(integration, place.method));
      },
    },
    DeleteIntegration: {
      members: ['restApiId', 'resourceId', 'httpMethod'],
      run(input) {
        const place = existingMethod(context, input);
        integrationOf(place.method);
        keep(place, undefined);
        return {};
      },
    },
  };
}

export function integrationOf({ methodIntegration }: Method): Integration {
  if (methodIntegration === undefined) throw notFound(unknownIntegration);
  return methodIntegration;
}

function checkEnums(input: Integration): void {
  checkConstraints('ValidationException', [
    ['putIntegrationInput.type', input.type, { oneOf: ['HTTP', 'MOCK', 'AWS_PROXY', 'HTTP_PROXY', 'AWS'] }],
    ['putIntegrationInput.connectionType', input.connectionType, { oneOf: ['INTERNET', 'VPC_LINK'] }],
    ['putIntegrationInput.contentHandling', input.contentHandling, { oneOf: ['CONVERT_TO_BINARY', 'CONVERT_TO_TEXT'] }],
    ['putIntegrationInput.responseTransferMode', input.responseTransferMode, { oneOf: ['BUFFERED', 'STREAM'] }],
  ]);
}

/** With AWS's defaults. */
export function newIntegration(given: Integration, method: Method, resourceId: string): Integration {
  const isHttp = given.type === 'HTTP' || given.type === 'HTTP_PROXY';
  const integration: Integration = {
    ...given,
    ...(isHttp ? { connectionType: given.connectionType ?? 'INTERNET' } : {}),
    passthroughBehavior: given.passthroughBehavior ?? 'WHEN_NO_MATCH',
    timeoutInMillis: given.timeoutInMillis ?? 29_000,
    cacheNamespace: given.cacheNamespace ?? resourceId,
    cacheKeyParameters: given.cacheKeyParameters ?? [],
  };
  return checkIntegration(integration, method);
}

// https://docs.aws.amazon.com/apigateway/latest/developerguide/response-transfer-mode.html
const longestMs = 29_000;
const longestStreamMs = 900_000;

function checkIntegration(integration: Integration, method: Method): Integration {
  const { type = '', uri = '', httpMethod, passthroughBehavior, timeoutInMillis = longestMs } = integration;
  if (!['WHEN_NO_MATCH', 'WHEN_NO_TEMPLATES', 'NEVER'].includes(passthroughBehavior ?? '')) {
    throw badRequest(
      'Invalid passthrough behavior specified. Must be one of: [WHEN_NO_MATCH, WHEN_NO_TEMPLATES, NEVER]',
    );
  }
  if (type !== 'MOCK') {
    if (!httpMethod) throw badRequest('Enumeration value for HttpMethod must be non-empty');
    if (type.startsWith('AWS')) checkAwsUri(type, uri);
    else if (!/^https?:\/\/[^/]|^\$\{|^https?:\/\/\$\{/.test(uri)) {
      throw badRequest('Invalid HTTP endpoint specified for URI');
    }
  }
  if (integration.connectionType === 'VPC_LINK') throw notImplemented('a REST API integration with a VPC link');
  const isStream = integration.responseTransferMode === 'STREAM';
  if (isStream && !type.endsWith('_PROXY')) {
    throw badRequest('Response transfer mode STREAM is only supported for AWS_PROXY and HTTP_PROXY integrations');
  }
  const longest = isStream ? longestStreamMs : longestMs;
  if (timeoutInMillis < 50 || timeoutInMillis > longest) {
    throw badRequest(`Timeout should be between 50 ms and ${longest} ms`);
  }
  checkRequestMappings(integration, method);
  return defined(integration);
}

function checkAwsUri(type: string, uri: string): void {
  if (!uri.startsWith('arn:')) throw badRequest('Invalid ARN specified in the request');
  if (!/^arn:[^:]+:apigateway:[^:]*:[^:]+:(path|action)\/./.test(uri)) {
    throw badRequest('AWS ARN for integration must contain path or action');
  }
  if (type !== 'AWS_PROXY') return;
  if (/^arn:[^:]+:apigateway:[^:]*:firehose:/.test(uri)) throw notImplemented('a proxy integration with Firehose');
  if (lambdaUri(uri) === undefined) {
    throw badRequest(
      "Integrations of type 'AWS_PROXY' currently only supports Lambda function and Firehose stream invocations.",
    );
  }
}

// https://docs.aws.amazon.com/apigateway/latest/api/patch-operations.html#UpdateIntegration-Patch
function patched(integration: Integration, patch: Patch): Integration {
  const { op, segments, value = '' } = patch;
  const [first = '', second, third] = segments;
  if (first === 'requestParameters' || first === 'requestTemplates') {
    if (second === undefined || third !== undefined) throw invalidPath(patch);
    return { ...integration, [first]: patchedMap(integration[first], op, second, value) };
  }
  if (first === 'cacheKeyParameters') {
    const names = second === undefined ? value.split(',') : [second];
    return { ...integration, cacheKeyParameters: patchedList(integration.cacheKeyParameters, op, names) };
  }
  if (first === 'tlsConfig' && second === 'insecureSkipVerification') {
    return { ...integration, tlsConfig: { insecureSkipVerification: isTrue(value) } };
  }
  if (op !== 'replace' || second !== undefined) throw invalidPath(patch);
  switch (first) {
    case 'httpMethod':
    case 'uri':
    case 'credentials':
    case 'cacheNamespace':
    case 'passthroughBehavior':
    case 'contentHandling':
    case 'connectionType':
    case 'connectionId':
    case 'responseTransferMode':
      return { ...integration, [first]: value === '' ? undefined : value };
    case 'timeoutInMillis':
      return { ...integration, timeoutInMillis: Number(value) };
    default:
      throw invalidPath(patch);
  }
}
