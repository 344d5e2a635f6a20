// Cross-origin requests to a REST API: it has no setting for them, so each path gets an OPTIONS method that answers preflights.
// https://docs.aws.amazon.com/apigateway/latest/developerguide/how-to-cors.html
import type { Value } from '../cfn/resource.ts';
import type { Cors } from './_cors.ts';

const header = (name: string): string => `method.response.header.${name}`;
const quoted = (text: string): string => `'${text}'`;

/** The properties of the OPTIONS method; `methods` are those of the path. */
export function preflightMethod(cors: Cors, methods: readonly string[]): Readonly<Record<string, Value>> {
  const { allowOrigins = ['*'], allowHeaders = ['*'], allowCredentials = false, maxAge } = cors;
  const named = methods.includes('ANY') ? ['GET', 'POST', 'PUT', 'PATCH', 'DELETE', 'HEAD'] : methods;
  // a wildcard means nothing in a request with cookies: https://developer.mozilla.org/docs/Web/HTTP/Reference/Headers/Access-Control-Allow-Headers
  const allowMethods = cors.allowMethods?.includes('*') === false ? cors.allowMethods : [...named, 'OPTIONS'];
  const answered: Record<string, string> = {
    'Access-Control-Allow-Origin': allowOrigins[0] ?? '*',
    'Access-Control-Allow-Methods': [...new Set(allowMethods)].join(','),
    'Access-Control-Allow-Headers': allowHeaders.join(','),
    ...(allowCredentials ? { 'Access-Control-Allow-Credentials': 'true' } : {}),
    ...(maxAge === undefined ? {} : { 'Access-Control-Max-Age': String(maxAge) }),
    ...(allowOrigins.length > 1 ? { Vary: 'Origin' } : {}),
  };
  return {
    HttpMethod: 'OPTIONS',
    AuthorizationType: 'NONE',
    ApiKeyRequired: false,
    Integration: {
      Type: 'MOCK',
      PassthroughBehavior: 'WHEN_NO_TEMPLATES',
      ContentHandling: 'CONVERT_TO_TEXT',
      RequestTemplates: { 'application/json': '{"statusCode":204}' },
      IntegrationResponses: [
        {
          StatusCode: '204',
          ResponseParameters: Object.fromEntries(
            Object.entries(answered).map(([name, value]) => [header(name), quoted(value)]),
          ),
          ...(allowOrigins.length > 1
            ? { ResponseTemplates: { 'application/json': originTemplate(allowOrigins) } }
            : {}),
        },
      ],
    },
    MethodResponses: [
      {
        StatusCode: '204',
        ResponseParameters: Object.fromEntries(Object.keys(answered).map((name) => [header(name), true])),
      },
    ],
  };
}

/** Answers with the origin of the request if it is one of the list: a header can have only one. */
function originTemplate(origins: readonly string[]): string {
  const known = origins.map((origin) => `$origin == "${origin}"`).join(' || ');
  return [
    '#set($origin = $input.params("Origin"))',
    '#if($origin == "") #set($origin = $input.params("origin")) #end',
    `#if(${known})`,
    '#set($context.responseOverride.header.Access-Control-Allow-Origin = $origin)',
    '#end',
  ].join('\n');
}

/** Headers for the answers that API Gateway makes itself, so that a page may read its errors too. */
export function gatewayHeaders({
  allowOrigins = ['*'],
  allowCredentials = false,
}: Cors): Readonly<Record<string, string>> {
  // the answer to any page that asks, but not with its cookies: for those, only the first origin reads errors
  const isEchoed = allowOrigins.length > 1 && !allowCredentials;
  const origin = isEchoed ? 'method.request.header.Origin' : quoted(allowOrigins[0] ?? '*');
  return {
    'gatewayresponse.header.Access-Control-Allow-Origin': origin,
    ...(allowCredentials ? { 'gatewayresponse.header.Access-Control-Allow-Credentials': quoted('true') } : {}),
  };
}
