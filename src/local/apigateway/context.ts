// The variables `$context` of mapping templates, access logs and gateway responses, and the `requestContext` of events.
// https://docs.aws.amazon.com/apigateway/latest/developerguide/api-gateway-mapping-template-reference.html#context-variable-reference
import { headerValue, logTime, type Received, type RestRequest } from './request.ts';

/** The `requestContext` of a Lambda proxy integration's or a REQUEST authorizer's event. */
export function requestContext(request: RestRequest): Record<string, unknown> {
  const { identity } = request;
  return {
    resourceId: request.resource.id,
    ...(request.authorizer === undefined ? {} : { authorizer: request.authorizer }),
    resourcePath: request.resource.path,
    ...(request.method.operationName === undefined ? {} : { operationName: request.method.operationName }),
    httpMethod: request.httpMethod,
    extendedRequestId: request.extendedRequestId,
    requestTime: logTime(request.time),
    path: request.fullPath,
    accountId: request.cloud.accountId,
    protocol: request.protocol,
    stage: request.stage.stageName,
    domainPrefix: request.api.id,
    requestTimeEpoch: request.time,
    requestId: request.requestId,
    identity: {
      cognitoIdentityPoolId: null,
      accountId: identity.accountId ?? null,
      cognitoIdentityId: null,
      caller: identity.caller ?? null,
      sourceIp: request.sourceIp,
      principalOrgId: null,
      accessKey: identity.accessKey ?? null,
      cognitoAuthenticationType: null,
      cognitoAuthenticationProvider: null,
      userArn: identity.userArn ?? null,
      userAgent: headerValue(request.headers, 'user-agent') ?? null,
      user: identity.user ?? null,
      ...(identity.apiKey === undefined ? {} : { apiKey: identity.apiKey }),
      ...(identity.apiKeyId === undefined ? {} : { apiKeyId: identity.apiKeyId }),
    },
    domainName: request.host,
    deploymentId: request.deploymentId,
    apiId: request.api.id,
  };
}

export interface ContextError {
  readonly message: string | null;
  readonly responseType: string;
  readonly validationErrorString?: string;
}

/** The variables as templates see them. A request that was refused early has only some. */
export function templateContext(
  request: Received & Partial<RestRequest>,
  error?: ContextError,
): Record<string, unknown> {
  const base =
    request.resource === undefined || request.stage === undefined || request.method === undefined
      ? earlyContext(request)
      : requestContext(request as RestRequest);
  return {
    ...base,
    ...(request.isCanary === undefined ? {} : { isCanaryRequest: request.isCanary }),
    awsEndpointRequestId: request.requestId,
    xrayTraceId: request.traceId,
    ...(error === undefined
      ? {}
      : {
          error: {
            message: error.message,
            messageString: JSON.stringify(error.message),
            responseType: error.responseType,
            validationErrorString: error.validationErrorString,
          },
        }),
  };
}

function earlyContext(request: Received & Partial<RestRequest>): Record<string, unknown> {
  return {
    accountId: request.cloud.accountId,
    apiId: request.api.id,
    domainName: request.host,
    domainPrefix: request.api.id,
    extendedRequestId: request.extendedRequestId,
    httpMethod: request.httpMethod,
    identity: { sourceIp: request.sourceIp, userAgent: headerValue(request.headers, 'user-agent') ?? null },
    path: request.fullPath,
    protocol: request.protocol,
    requestId: request.requestId,
    requestTime: logTime(request.time),
    requestTimeEpoch: request.time,
    stage: request.stage?.stageName,
    ...(request.resource === undefined ? {} : { resourceId: request.resource.id, resourcePath: request.resource.path }),
  };
}

/** The value of a dotted name, such as `identity.sourceIp`, as text. Undefined if there is none. */
export function contextText(context: Readonly<Record<string, unknown>>, name: string): string | undefined {
  let value: unknown = context;
  for (const part of name.split('.')) {
    if (typeof value !== 'object' || value === null) return undefined;
    value = (value as Record<string, unknown>)[part];
  }
  if (value === undefined || value === null) return undefined;
  return typeof value === 'object' ? JSON.stringify(value) : String(value);
}
