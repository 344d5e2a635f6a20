// The integration of a route of a REST API: a proxy, templates, a URL or none.
import type { Plain } from '../../../base/located.ts';
import { isMap } from '../../../base/plain.ts';
import type { Cursor } from '../../cursor.ts';
import { placeOf } from '../../draft.ts';
import { type Service, withOurIds } from '../service.ts';
import { routeOf } from './api.ts';
import { clean, type EventContext, type Settings } from './rule.ts';

const integrationNames: Readonly<Record<string, string>> = {
  lambda: 'lambda',
  aws: 'lambda',
  'lambda-proxy': 'proxy',
  lambda_proxy: 'proxy',
  'aws-proxy': 'proxy',
  aws_proxy: 'proxy',
  http: 'http',
  'http-proxy': 'http-proxy',
  http_proxy: 'http-proxy',
  mock: 'mock',
};

/** What a function gets through the Serverless Framework's `integration: lambda`: body, method, headers, query and path. */
const defaultTemplate = [
  '#set($parameters = $input.params())',
  '{',
  '  "body": $input.json("$"),',
  '  "method": "$context.httpMethod",',
  '  "principalId": "$context.authorizer.principalId",',
  '  "stage": "$context.stage",',
  ...(['headers', 'query', 'path'] as const).map(
    (name) =>
      `  "${name}": {#foreach($key in $parameters.${name === 'headers' ? 'header' : name === 'query' ? 'querystring' : 'path'}.keySet())"$key": "$util.escapeJavaScript($parameters.${name === 'headers' ? 'header' : name === 'query' ? 'querystring' : 'path'}.get($key))"#if($foreach.hasNext), #end#end},`,
  ),
  '  "cognitoPoolClaims": {"sub": "$context.authorizer.claims.sub"},',
  '  "requestPath": "$context.resourcePath"',
  '}',
].join('\n');

export function integrationOf({ service, config }: EventContext): Settings {
  const written = (
    config.child('integration')?.text() ?? (config.has('request') && hasTemplates(config) ? 'lambda' : 'lambda-proxy')
  ).toLowerCase();
  const kind = integrationNames[written] ?? 'proxy';
  const request = config.child('request');
  const response = config.child('response');
  const isAsync = config.child('async')?.flag() === true;
  const connection = config.child('connectionId')?.plain() ?? request?.child('connectionId')?.plain();
  config.child('connectionType')?.plain();
  const transfer = (response?.child('transferMode') ?? config.child('transferMode'))?.text()?.toLowerCase();
  const uri = request?.child('uri')?.plain();
  const method = request?.child('method')?.text();
  const isTemplated = kind !== 'proxy' && kind !== 'http-proxy';
  const fromRequest = request === undefined ? undefined : requestOf(service, request, routeOf(config), isTemplated);
  const isLambda = kind === 'lambda' && !isAsync;
  const requested =
    isLambda && !isMap((fromRequest as Record<string, Plain> | undefined)?.['templates'] ?? null)
      ? { ...(fromRequest as Record<string, Plain> | undefined), templates: { 'application/json': defaultTemplate } }
      : fromRequest;
  if (isLambda) {
    service.draft.changed(placeOf(config), 'the function gets the request through a template, and its errors are 502', {
      remedy: 'remove integration to let the function answer requests itself, or add responses with a selection',
    });
  }
  return {
    ...(kind === 'proxy' ? {} : { integration: kind }),
    ...(isAsync ? { async: true, integration: 'lambda' } : {}),
    ...(transfer === 'stream' ? { stream: true } : {}),
    uri,
    httpMethod: method?.toUpperCase(),
    vpcLink: connection === undefined ? undefined : withOurIds(service, connection),
    request: requested === undefined || Object.keys(requested).length === 0 ? undefined : (requested as Plain),
    responses: responsesOf(service, response, isTemplated),
  };
}

const hasTemplates = (config: Cursor) => {
  const request = config.child('request');
  return request?.has('template') === true;
};

function requestOf(service: Service, request: Cursor, route: string, isTemplated: boolean): Record<string, Plain> {
  const result: Record<string, Plain> = {};
  const parameters = request.child('parameters');
  const flags = (cursor: Cursor | undefined, target: string) => {
    if (cursor === undefined) return;
    const values = Object.fromEntries(
      cursor.entries().map(([key, value]) => {
        const required = value.isMap ? value.child('required')?.flag() : value.flag();
        const mapped = value.isMap ? value.child('mappedValue') : undefined;
        if (mapped !== undefined) {
          mapped.plain();
          service.draft.dropped(placeOf(mapped), 'a value for a parameter is not carried over', {
            remedy: 'write it under request.mapping',
          });
        }
        return [key, required ?? false];
      }),
    );
    if (Object.keys(values).length > 0) result[target] = values;
  };
  flags(parameters?.child('querystrings') ?? request.child('querystrings'), 'query');
  flags(parameters?.child('headers') ?? request.child('headers'), 'headers');
  const paths = parameters?.child('paths');
  if (paths !== undefined) {
    service.draft.carried(placeOf(paths), 'the parameters of a path are those in its braces');
    for (const [name, value] of paths.entries()) {
      value.plain();
      if (!route.includes(`{${name}`)) {
        service.draft.dropped(placeOf(value), `the path ${route} has no parameter ${name}`, { remedy: 'nothing' });
      }
    }
  }
  const schemas = request.child('schemas') ?? request.child('schema');
  if (schemas !== undefined) {
    const bodies = Object.fromEntries(schemas.entries().map(([type, schema]) => [type, schemaOf(schema)]));
    const [only, ...more] = Object.values(bodies);
    result['body'] = more.length === 0 && only !== undefined ? only : (bodies as Plain);
  }
  const templates = request.child('template');
  if (templates !== undefined) {
    const plain = templates.plain();
    if (isTemplated && isMap(plain)) result['templates'] = plain as Plain;
  }
  const passthrough = request.child('passThrough')?.text();
  if (passthrough !== undefined) result['passthrough'] = passthrough.toLowerCase();
  const content = request.child('contentHandling')?.text();
  if (content !== undefined) result['content'] = content === 'CONVERT_TO_BINARY' ? 'binary' : 'text';
  return result;
}

/** A schema in place, or `{schema, name, description}`. */
function schemaOf(cursor: Cursor): Plain {
  const inner = cursor.isMap && cursor.has('schema') && cursor.has('name') ? cursor.child('schema') : undefined;
  const plain = (inner ?? cursor).plain();
  cursor.plain();
  return withoutDialect(plain);
}

/** API Gateway knows draft 4 only, so a newer dialect is no use to it. */
function withoutDialect(plain: Plain): Plain {
  if (!isMap(plain)) return plain;
  const { $schema, ...rest } = plain as Record<string, Plain>;
  void $schema;
  return rest;
}

function responsesOf(service: Service, response: Cursor | undefined, isTemplated: boolean): Plain | undefined {
  if (response === undefined) return undefined;
  const headers = response.child('headers')?.plain();
  const template = response.child('template')?.plain();
  const content = response.child('contentHandling')?.text();
  const codes = response.child('statusCodes');
  const templatesOf = (value: Plain | undefined): Settings =>
    value === undefined || value === ''
      ? {}
      : { templates: typeof value === 'string' ? { 'application/json': value } : value };
  const shared: Settings = {
    ...(headers === undefined ? {} : { headers: headersOf(headers) }),
    ...templatesOf(template),
    ...(content === undefined ? {} : { content: content === 'CONVERT_TO_BINARY' ? 'binary' : 'text' }),
  };
  const result: Record<string, Plain> = {};
  for (const [code, settings] of codes?.entries() ?? []) {
    const own = settings.child('headers')?.plain();
    const pattern = settings.child('pattern')?.plain();
    const ownTemplate = settings.child('template')?.plain();
    result[code] = clean({
      ...shared,
      ...(own === undefined
        ? {}
        : {
            headers: {
              ...(isMap(headers ?? null) ? (headersOf(headers ?? null) as Record<string, Plain>) : {}),
              ...(headersOf(own) as Record<string, Plain>),
            },
          }),
      ...(pattern === undefined || pattern === '' ? {} : { selection: pattern }),
      ...templatesOf(ownTemplate),
    });
  }
  if (result['200'] === undefined && (Object.keys(shared).length > 0 || codes !== undefined))
    result['200'] = clean(shared);
  if (!isTemplated) {
    if (response.keys().every((key) => key === 'transferMode')) return undefined;
    service.draft.changed(
      placeOf(response),
      'a function behind a proxy answers with status and headers itself, so response has no effect',
    );
    return undefined;
  }
  return Object.keys(result).length === 0 ? undefined : result;
}

/** Values are text in project.yml. */
const headersOf = (headers: Plain): Plain =>
  isMap(headers) ? Object.fromEntries(Object.entries(headers).map(([key, value]) => [key, String(value)])) : headers;
