// What API Gateway checks in the parameter mappings of integrations.
// https://docs.aws.amazon.com/apigateway/latest/developerguide/request-response-data-mappings.html
import type { Integration, IntegrationResponse, Method } from '@aws-sdk/client-api-gateway';
import { badRequest } from '../api-gateway.ts';
import { own } from './state.ts';

const requestTargets = /^integration\.request\.(header|path|querystring)\.\S+$/;
const requestSources =
  /^(method\.request\.(header|path|querystring|multivalueheader|multivaluequerystring)\.\S+|method\.request\.body(\.\S+)?|context\.\S+|stageVariables\.\S+|'.*')$/s;
const responseTargets = /^method\.response\.header\.\S+$/;
const responseSources =
  /^(integration\.response\.(header|multivalueheader)\.\S+|integration\.response\.body(\.\S+)?|context\.\S+|stageVariables\.\S+|'.*')$/s;

/** A source from the method's request must be one of the method's parameters. */
export function checkRequestMappings({ requestParameters = {} }: Integration, method: Method): void {
  for (const [target, source] of Object.entries(requestParameters)) {
    if (!requestTargets.test(target)) throw invalid(target);
    if (!requestSources.test(source)) throw invalid(source);
    const [, , place = ''] = source.split('.');
    if (!source.startsWith('method.request.') || place === 'body') continue;
    const declared = source.replace('.multivalue', '.');
    if (own(method.requestParameters ?? {}, declared) === undefined) throw invalid(source);
  }
}

/** A target must be one of the method response's headers, if that response exists. */
export function checkResponseMappings(
  { responseParameters = {}, statusCode = '' }: IntegrationResponse,
  method: Method,
): void {
  const declared = own(method.methodResponses ?? {}, statusCode);
  for (const [target, source] of Object.entries(responseParameters)) {
    const isDeclared = declared === undefined || own(declared.responseParameters ?? {}, target) !== undefined;
    if (!responseTargets.test(target) || !isDeclared) throw invalid(target);
    if (!responseSources.test(source)) throw invalid(source);
  }
}

function invalid(parameter: string): Error {
  return badRequest(
    `Invalid mapping expression specified: Validation Result: warnings : [], errors : [Invalid mapping expression parameter specified: ${parameter}]`,
  );
}
