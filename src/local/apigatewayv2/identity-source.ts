// What authorization reads of a request: the values of identity sources, and the ARN that policies name.
import type { ApiRequest } from './event.ts';

/**
 * The value of an identity source, such as `$request.header.Authorization`. Undefined if the request does not have it.
 * https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-lambda-authorizer.html
 */
export function identityValue(request: ApiRequest, source: string): string | undefined {
  const [, place = '', name = ''] =
    /^\$(request\.header|request\.querystring|context|stageVariables)\.(.+)$/.exec(source) ?? [];
  switch (place) {
    case 'request.header': {
      const values = request.headers.filter(([key]) => key === name.toLowerCase()).map(([, value]) => value);
      return values.length === 0 ? undefined : values.join(',');
    }
    case 'request.querystring':
      return new URLSearchParams(request.rawQuery).get(name) ?? undefined;
    case 'stageVariables':
      return request.stage.variables[name];
    case 'context':
      return contextValue(request, name);
    default:
      return undefined;
  }
}

function contextValue(request: ApiRequest, name: string): string | undefined {
  const values: Readonly<Record<string, string>> = {
    accountId: request.accountId,
    apiId: request.api.id,
    httpMethod: request.method,
    path: request.path,
    protocol: request.protocol,
    routeKey: request.route.key,
    stage: request.stage.name,
    'identity.sourceIp': request.sourceIp,
  };
  return values[name];
}

/** `arn:aws:execute-api:<region>:<account>:<api>/<stage>/<method>/<path>`, with the path of the request. */
export function routeArn({ api, stage, accountId, method, path, region }: ApiRequest): string {
  const below = path.startsWith(`/${stage.name}/`) ? path.slice(stage.name.length + 1) : path;
  return `arn:aws:execute-api:${region}:${accountId}:${api.id}/${stage.name}/${method}${below}`;
}
