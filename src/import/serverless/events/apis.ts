// Routes: http (a REST API), httpApi, websocket, and rules of a load balancer.
import type { Plain } from '../../../base/located.ts';
import { isMap } from '../../../base/plain.ts';
import type { Cursor } from '../../cursor.ts';
import { placeOf } from '../../draft.ts';
import { idIn, normalized, type Service, withOurIds } from '../service.ts';
import { add, clean, type EventContext, type EventRule, reference, type Settings } from './rule.ts';

/** `get users/{id}` and `{method, path}` → `GET /users/{id}`. */
function routeOf(config: Cursor): string {
  const text = config.isMap ? undefined : config.text();
  const [first = '', second] = (text ?? '').trim().split(/\s+/);
  const method = config.isMap ? (config.child('method')?.text() ?? '*') : second === undefined ? '*' : first;
  const path = config.isMap ? (config.child('path')?.text() ?? '/') : (second ?? first);
  if (path === '*' || (path === '' && text === '*')) return '$default';
  const upper = method === '*' ? 'ANY' : method.toUpperCase();
  return `${upper} ${path.startsWith('/') ? path : `/${path}`}`;
}

/** The name of an authorizer, free or with the same settings. */
function named(service: Service, section: string, name: string, settings: Plain, config: Cursor): string {
  const base = name.replace(/[^A-Za-z0-9_-]+/g, '-').replace(/^[^A-Za-z]+/, '') || 'authorizer';
  for (let count = 1; ; count++) {
    const candidate = count === 1 ? base : `${base}${count}`;
    const known = service.draft.get([section, 'authorizers', candidate]);
    if (known === undefined) {
      service.draft.set([section, 'authorizers', candidate], settings, placeOf(config));
      return candidate;
    }
    if (JSON.stringify(known) === JSON.stringify(settings)) return candidate;
  }
}

/** A function of this service by its key, its ARN as an intrinsic, or one of another stack. */
function functionOrArn(service: Service, value: Plain | undefined): Settings {
  if (typeof value === 'string') {
    const own = service.functions.get(value);
    if (own !== undefined) return { function: own };
    return { arn: value };
  }
  const id = idIn(value ?? null);
  const key = [...service.functions.keys()].find((candidate) => `${normalized(candidate)}LambdaFunction` === id);
  const own = key === undefined ? undefined : service.functions.get(key);
  return own === undefined ? { arn: value === undefined ? undefined : withOurIds(service, value) } : { function: own };
}

const lastOf = (text: string) => text.split(/[:/]/).at(-1) ?? text;
const sourcesOf = (value: Plain | undefined): Plain | undefined =>
  typeof value === 'string' ? value.split(',').map((item) => item.trim()) : value;

function restAuthorizer(context: EventContext, authorizer: Cursor): Settings {
  const { service } = context;
  const isMapped = authorizer.isMap && !isIntrinsicCursor(authorizer);
  const text = authorizer.text();
  const type = (isMapped ? authorizer.child('type')?.text() : undefined)?.toUpperCase();
  if (text?.toLowerCase() === 'aws_iam' || type === 'AWS_IAM') return { authorizer: 'iam' };
  const name = isMapped ? authorizer.child('name')?.text() : undefined;
  const arn = isMapped ? authorizer.child('arn')?.plain() : undefined;
  const scopes = isMapped ? authorizer.child('scopes')?.plain() : undefined;
  const id = isMapped ? authorizer.child('authorizerId')?.plain() : undefined;
  const target = arn ?? (isMapped ? name : authorizer.plain());
  const ttl = isMapped ? authorizer.child('resultTtlInSeconds')?.plain() : undefined;
  const identity = isMapped ? authorizer.child('identitySource')?.plain() : undefined;
  const validation = isMapped ? authorizer.child('identityValidationExpression')?.plain() : undefined;
  if (isMapped) {
    authorizer.child('managedExternally')?.plain();
    const claims = authorizer.child('claims');
    claims?.plain();
    if (claims !== undefined) {
      service.draft.changed(placeOf(claims), 'the function gets all claims of a token', {
        remedy: 'they are in event.requestContext.authorizer.claims',
      });
    }
  }
  if (id !== undefined) {
    const settings = clean({
      id: withOurIds(service, id),
      type: type === 'COGNITO_USER_POOLS' ? 'cognito' : undefined,
    });
    return { authorizer: named(service, 'rest', name ?? 'shared', settings, authorizer), scopes };
  }
  const written = JSON.stringify(target ?? '');
  const pool = idIn(target ?? null);
  const poolType = pool === undefined ? undefined : service.resources.get(pool)?.child('Type')?.text();
  const isCognito =
    type === 'COGNITO_USER_POOLS' || written.includes(':cognito-idp:') || poolType === 'AWS::Cognito::UserPool';
  const defaultName = pool ?? (typeof target === 'string' ? lastOf(target) : 'authorizer');
  if (isCognito) {
    const settings = clean({ cognito: reference(service, target), identitySource: identity, ttl: ttl ?? 300 });
    return { authorizer: named(service, 'rest', name ?? defaultName, settings, authorizer), scopes };
  }
  const settings = clean({
    ...functionOrArn(service, target),
    type: type === 'REQUEST' ? 'request' : 'token',
    identitySource: type === 'REQUEST' ? sourcesOf(identity) : identity,
    validation,
    ttl: ttl ?? 300,
  });
  return { authorizer: named(service, 'rest', name ?? defaultName, settings, authorizer), scopes };
}

function isIntrinsicCursor(cursor: Cursor): boolean {
  const keys = cursor.keys();
  return keys.length === 1 && (keys[0] === 'Ref' || keys[0]?.startsWith('Fn::') === true);
}

/** true, or a map with the Serverless Framework's names. */
function corsOf(cors: Cursor | undefined, service: Service): Plain | undefined {
  if (cors === undefined) return undefined;
  if (!cors.isMap) return cors.flag() === true ? true : undefined;
  const list = (...names: readonly string[]): readonly Plain[] | undefined => {
    for (const name of names) {
      const value = cors.child(name)?.plain();
      if (value !== undefined)
        return typeof value === 'string' ? value.split(',').map((item) => item.trim()) : ([value].flat() as Plain[]);
    }
    return undefined;
  };
  const origins = list('origins', 'origin', 'allowedOrigins') ?? ['*'];
  const credentials = (cors.child('allowCredentials')?.flag() ?? false) && !origins.includes('*');
  const cacheControl = cors.child('cacheControl');
  if (cacheControl !== undefined) {
    cacheControl.plain();
    service.draft.changed(placeOf(cacheControl), 'the API answers preflights without Cache-Control', {
      remedy: 'maxAge is what browsers keep them by',
    });
  }
  return clean({
    allowOrigins: origins,
    allowHeaders: list('headers', 'allowedHeaders'),
    allowMethods: list('methods', 'allowedMethods')?.map((method) => String(method).toUpperCase()),
    exposeHeaders: list('exposedResponseHeaders'),
    allowCredentials: credentials ? true : undefined,
    maxAge: cors.child('maxAge')?.plain(),
  });
}

export const http: EventRule = (context) => {
  const { service, config } = context;
  const route = routeOf(config);
  ensureRest(context);
  if (route === '$default' || !config.isMap)
    return void add(context, 'rest', route === '$default' ? 'ANY /{proxy+}' : route);
  const authorizer = config.child('authorizer');
  const settings: Settings = {
    ...(authorizer === undefined ? {} : restAuthorizer(context, authorizer)),
    ...(config.child('private')?.flag() === true ? { apiKey: true } : {}),
    cors: corsOf(config.child('cors'), service),
    ...integrationOf(context),
    operationName: config.child('operationId')?.plain(),
  };
  const millis = config.child('timeoutInMillis')?.number();
  const more = { ...settings, ...(millis === undefined ? {} : { timeout: Math.max(1, Math.floor(millis / 1000)) }) };
  for (const documentation of ['documentation', 'swagger']) config.child(documentation)?.plain();
  const caching = config.child('caching');
  const cache = caching === undefined ? undefined : cacheOf(caching);
  const all = { ...more, cache };
  const isAlone = Object.values(all).every((value) => value === undefined);
  add(context, 'rest', isAlone ? route : { route, ...all });
};

/** serverless-api-gateway-caching. */
function cacheOf(caching: Cursor): Plain | undefined {
  const isOn = caching.child('enabled')?.flag() ?? true;
  const ttl = caching.child('ttlInSeconds')?.plain();
  const keys = caching
    .child('cacheKeyParameters')
    ?.items()
    .flatMap((item) => item.child('name')?.text() ?? []);
  const names = keys?.map((name) => name.replace(/^request\./, 'method.request.'));
  caching.plain();
  return isOn ? clean({ ttl, keys: names }) : false;
}

/** The path begins with the stage, and the API is optimized for the edge, as the Serverless Framework makes it. */
function ensureRest({ service }: EventContext): void {
  const { draft } = service;
  if (draft.has(['rest', 'id'])) return;
  if (!draft.has(['rest', 'stage'])) draft.set(['rest', 'stage'], '\uE000env\uE001');
  if (!draft.has(['rest', 'endpoint'])) draft.set(['rest', 'endpoint'], 'edge');
}

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

function integrationOf({ service, config }: EventContext): Settings {
  const written = (
    config.child('integration')?.text() ?? (config.has('request') && hasTemplates(config) ? 'lambda' : 'lambda-proxy')
  ).toLowerCase();
  const kind = integrationNames[written] ?? 'proxy';
  const request = config.child('request');
  const response = config.child('response');
  const isAsync = config.child('async')?.flag() === true;
  const connection = config.child('connectionId')?.plain() ?? request?.child('connectionId')?.plain();
  config.child('connectionType')?.plain();
  config.child('transferMode')?.plain();
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

export const httpApi: EventRule = (context) => {
  const { service, config } = context;
  const route = routeOf(config);
  if (!config.isMap) return void add(context, 'http', route);
  const authorizer = config.child('authorizer');
  const all: Settings = {
    ...(authorizer === undefined ? {} : httpAuthorizerUse(service, authorizer)),
    timeout: config.child('timeout')?.plain(),
    payload: config.child('payload')?.text(),
    operationName: config.child('operationId')?.plain(),
  };
  for (const documentation of ['documentation', 'swagger']) config.child(documentation)?.plain();
  const isAlone = Object.values(all).every((value) => value === undefined);
  add(context, 'http', isAlone ? route : { route, ...all });
};

function httpAuthorizerUse(service: Service, authorizer: Cursor): Settings {
  const text = authorizer.text();
  const type = authorizer.child('type')?.text();
  if (text === 'aws_iam' || type === 'aws_iam') return { authorizer: 'iam' };
  const name = text ?? authorizer.child('name')?.text();
  const scopes = authorizer.child('scopes')?.plain();
  const id = authorizer.child('id')?.plain();
  if (id !== undefined)
    return {
      authorizer: named(service, 'http', name ?? 'shared', clean({ id: withOurIds(service, id) }), authorizer),
      scopes,
    };
  return { authorizer: (name ?? 'none').replace(/[^A-Za-z0-9_-]+/g, '-'), scopes };
}

/** `provider.httpApi.authorizers`. */
export function httpAuthorizers(service: Service, authorizers: Cursor): void {
  for (const [key, cursor] of authorizers.entries()) {
    const type = cursor.child('type')?.text() ?? 'jwt';
    const name = key.replace(/[^A-Za-z0-9_-]+/g, '-');
    const identity = sourcesOf(cursor.child('identitySource')?.plain());
    const path = ['http', 'authorizers', name];
    if (type === 'request') {
      const own = cursor.child('functionName')?.plain();
      const arn = cursor.child('functionArn')?.plain();
      const isSimple = cursor.child('enableSimpleResponses')?.flag() === true;
      const payload = cursor.child('payloadVersion')?.text() ?? '2.0';
      cursor.child('managedExternally')?.plain();
      cursor.child('name')?.plain();
      service.draft.set(
        path,
        clean({
          ...functionOrArn(service, own ?? arn),
          identitySource: identity,
          ttl: cursor.child('resultTtlInSeconds')?.plain(),
          responses: isSimple ? undefined : 'policy',
          payload: payload === '2.0' ? undefined : payload,
        }),
        placeOf(cursor),
      );
      continue;
    }
    cursor.child('name')?.plain();
    const issuer = cursor.child('issuerUrl')?.plain();
    const audience = cursor.child('audience')?.plain();
    service.draft.set(
      path,
      clean({
        jwt: {
          issuer: issuer === undefined ? null : withOurIds(service, issuer),
          audience: [audience ?? []].flat() as Plain,
        },
        identitySource: identity,
      }),
      placeOf(cursor),
    );
  }
}

export const httpCorsOf = corsOf;

export const websocket: EventRule = (context) => {
  const { service, config } = context;
  if (!service.draft.has(['websocket', 'stage'])) service.draft.set(['websocket', 'stage'], '\uE000env\uE001');
  if (!config.isMap) return void add(context, 'websocket', config.text() ?? '$default');
  const route = config.child('route')?.plain();
  const authorizer = config.child('authorizer');
  const respond = config.child('routeResponseSelectionExpression');
  respond?.plain();
  const all: Settings = {
    authorizer: authorizer === undefined ? undefined : socketAuthorizer(service, authorizer),
    respond: respond === undefined ? undefined : true,
  };
  const isAlone = Object.values(all).every((value) => value === undefined);
  add(context, 'websocket', isAlone && typeof route === 'string' ? route : { route, ...all });
};

function socketAuthorizer(service: Service, authorizer: Cursor): string {
  const text = authorizer.text();
  if (text?.toLowerCase() === 'aws_iam' || authorizer.child('type')?.text()?.toLowerCase() === 'aws_iam') return 'iam';
  const isMapped = authorizer.isMap && !isIntrinsicCursor(authorizer);
  const name = isMapped ? authorizer.child('name')?.text() : undefined;
  const target = isMapped ? (authorizer.child('arn')?.plain() ?? name) : authorizer.plain();
  const identity = isMapped ? authorizer.child('identitySource')?.plain() : undefined;
  const settings = clean({
    ...functionOrArn(service, target),
    identitySource: identity ?? 'route.request.header.Auth',
  });
  return named(
    service,
    'websocket',
    name ?? (typeof target === 'string' ? lastOf(target) : 'authorizer'),
    settings,
    authorizer,
  );
}

export const alb: EventRule = (context) => {
  const { service, config } = context;
  const conditions = config.child('conditions');
  const list = (key: string) => {
    const value = conditions?.child(key)?.plain();
    return value === undefined ? undefined : ([value].flat() as Plain[]);
  };
  const headers = conditions
    ?.child('header')
    ?.each()
    .map((header) => [header.child('name')?.text() ?? '', header.child('values')?.plain() ?? []] as const);
  const authorizer = config.child('authorizer')?.plain();
  const health = config.child('healthCheck');
  add(context, 'alb', {
    listener: reference(service, config.child('listenerArn')?.plain()),
    priority: config.child('priority')?.plain(),
    conditions: clean({
      path: list('path'),
      host: list('host'),
      method: list('method'),
      ip: list('ip'),
      header: headers === undefined ? undefined : Object.fromEntries(headers),
      query: conditions?.child('query')?.plain(),
    }),
    multiValueHeaders: config.child('multiValueHeaders')?.plain(),
    targetGroupName: config.child('targetGroupName')?.plain(),
    authenticate: authorizer,
    healthCheck: health === undefined ? undefined : healthOf(health),
  });
};

function healthOf(health: Cursor): Plain {
  if (!health.isMap) return health.flag() ?? true;
  const seconds = (key: string) => health.child(key)?.plain();
  return clean({
    path: health.child('path')?.plain(),
    interval: seconds('intervalSeconds'),
    timeout: seconds('timeoutSeconds'),
    healthyThreshold: health.child('healthyThresholdCount')?.plain(),
    unhealthyThreshold: health.child('unhealthyThresholdCount')?.plain(),
    matcher: health.child('matcher')?.child('httpCode')?.plain(),
  });
}
