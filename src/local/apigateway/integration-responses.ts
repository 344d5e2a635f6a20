// API Gateway's operations on the responses of integrations: how an answer becomes the method's response.
import type { Integration, IntegrationResponse } from '@aws-sdk/client-api-gateway';
import { badRequest, notFound } from '../api-gateway.ts';
import type { Operations } from '../cloud.ts';
import { checkConstraints } from '../constraint.ts';
import { integrationOf, unknownIntegration } from './integrations.ts';
import { checkResponseMappings } from './mapping-rules.ts';
import { checkStatus, unknownStatus } from './methods.ts';
import { invalidPath, type Patch, patchedMap, readPatches } from './patch.ts';
import { type ApiContext, defined, existingMethod, existingPart, existingResource, keepMethod, own } from './state.ts';

export function integrationResponseOperations(context: ApiContext): Operations<'apigateway'> {
  const keep = (
    place: ReturnType<typeof existingMethod>,
    status: string,
    response: IntegrationResponse | undefined,
  ): IntegrationResponse => {
    const { integrationResponses: before, ...others } = integrationOf(place.method);
    const responses = patchedMap(before, response === undefined ? 'remove' : 'add', status, response ?? {});
    const methodIntegration: Integration =
      responses === undefined ? others : { ...others, integrationResponses: responses };
    keepMethod(context, place, place.method.httpMethod ?? '', { ...place.method, methodIntegration });
    return response ?? {};
  };
  return {
    PutIntegrationResponse: {
      members: [
        'restApiId',
        'resourceId',
        'httpMethod',
        'statusCode',
        'selectionPattern',
        'responseParameters',
        'responseTemplates',
        'contentHandling',
      ],
      run({ restApiId, resourceId, httpMethod, ...input }) {
        checkStatus(input.statusCode);
        checkConstraints('ValidationException', [
          [
            'putIntegrationResponseInput.contentHandling',
            input.contentHandling,
            { oneOf: ['CONVERT_TO_BINARY', 'CONVERT_TO_TEXT'] },
          ],
        ]);
        const place = existingMethod(context, { restApiId, resourceId, httpMethod });
        integrationOf(place.method);
        const response = newResponse(input);
        checkResponseMappings(response, place.method);
        return keep(place, input.statusCode ?? '', response);
      },
    },
    GetIntegrationResponse: {
      members: ['restApiId', 'resourceId', 'httpMethod', 'statusCode'],
      run({ statusCode, ...reference }) {
        checkStatus(statusCode);
        const { method } = existingMethod(context, reference);
        return existingPart(integrationOf(method).integrationResponses, statusCode, unknownStatus);
      },
    },
    UpdateIntegrationResponse: {
      members: ['restApiId', 'resourceId', 'httpMethod', 'statusCode', 'patchOperations'],
      run({ statusCode, patchOperations, ...reference }) {
        const patches = readPatches('updateIntegrationResponseInput', patchOperations);
        const place = existingMethod(context, reference);
        const before = existingPart(integrationOf(place.method).integrationResponses, statusCode, unknownStatus);
        const response = defined(patches.reduce(patched, before));
        checkResponseMappings(response, place.method);
        return keep(place, statusCode ?? '', response);
      },
    },
    DeleteIntegrationResponse: {
      members: ['restApiId', 'resourceId', 'httpMethod', 'statusCode'],
      run({ statusCode, ...reference }) {
        const { resource } = existingResource(context, reference.restApiId, reference.resourceId);
        // here an unknown method counts as an unknown integration, the same as on AWS
        if (own(resource.methods, reference.httpMethod)?.methodIntegration === undefined) {
          throw notFound(unknownIntegration);
        }
        const place = existingMethod(context, reference);
        existingPart(integrationOf(place.method).integrationResponses, statusCode, unknownStatus);
        return keep(place, statusCode ?? '', undefined);
      },
    },
  };
}

/** AWS stores an empty template as null. */
export function newResponse(response: IntegrationResponse): IntegrationResponse {
  const templates = Object.entries(response.responseTemplates ?? {});
  const wrong = templates.find(([type]) => !/^[\w.+*-]+\/[\w.+*-]+(\s*;.*)?$|^\$default$/.test(type));
  if (wrong !== undefined) {
    throw badRequest(`Validation Result: warnings : [], errors : [Invalid content type specified: ${wrong[0]}]`);
  }
  const responseTemplates = Object.fromEntries(templates.map(([type, text]) => [type, text || null]));
  return defined({
    ...response,
    responseTemplates: response.responseTemplates === undefined ? undefined : (responseTemplates as never),
  });
}

// https://docs.aws.amazon.com/apigateway/latest/api/patch-operations.html#UpdateIntegrationResponse-Patch
function patched(response: IntegrationResponse, patch: Patch): IntegrationResponse {
  const { op, segments, value = '' } = patch;
  const [first = '', second, third] = segments;
  if (first === 'responseParameters' || first === 'responseTemplates') {
    if (second === undefined || third !== undefined) throw invalidPath(patch);
    return { ...response, [first]: patchedMap(response[first], op, second, value) };
  }
  if (op !== 'replace' || second !== undefined) throw invalidPath(patch);
  if (first === 'selectionPattern') return { ...response, selectionPattern: value };
  if (first === 'contentHandling') {
    return { ...response, contentHandling: value === '' ? undefined : (value as 'CONVERT_TO_TEXT') };
  }
  throw invalidPath(patch);
}
