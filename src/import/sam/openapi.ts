// The OpenAPI document of a SAM API → events of the functions that its operations call.
// https://docs.aws.amazon.com/apigateway/latest/developerguide/api-gateway-swagger-extensions.html
import type { Plain } from '../../base/located.ts';
import { Cursor, Reading } from '../cursor.ts';
import { type Path, placeOf } from '../draft.ts';
import { readTemplate, textBeside } from './read-template.ts';
import { reference, type SamTemplate, withOurIds } from './template.ts';

const methods = ['get', 'put', 'post', 'delete', 'patch', 'head', 'options', 'x-amazon-apigateway-any-method'];

/** What is taken over, or says nothing. */
const known = /binary-media-types$|importexport-version$/;

/** The document of an API that lists its operations: in the template, or in a file beside it. */
export function documentOf(sam: SamTemplate, api: Cursor | undefined): Cursor | undefined {
  const body = api?.child('DefinitionBody');
  if (body?.child('paths')?.isMap === true) return body;
  const include = body?.child('Fn::Transform');
  const isInclude = include?.child('Name')?.text() === 'AWS::Include';
  const file = (isInclude ? include?.child('Parameters')?.child('Location') : api?.child('DefinitionUri'))?.text();
  const text = file === undefined ? undefined : textBeside(sam.folder, file);
  if (file === undefined || text === undefined) return undefined;
  const shown = file.replace(/^\.\//, '');
  const { value, problems } = readTemplate(text, shown);
  const document = new Cursor(value, shown, new Reading());
  return problems.length === 0 && document.child('paths')?.isMap === true ? document : undefined;
}

/** Adds the operations to functions, which are converted. */
export function operationsOf(sam: SamTemplate, id: string, document: Cursor): void {
  const { draft } = sam;
  const api = sam.apis.get(id);
  if (api === undefined) return;
  const { section, name } = api;
  document.plain();
  const path = name === undefined ? [section] : [section, 'apis', name];
  const binary = document.child('x-amazon-apigateway-binary-media-types')?.plain();
  if (binary !== undefined && section === 'rest') draft.set([...path, 'binaryTypes'], binary, placeOf(document));
  schemesOf(sam, document, path, section);
  for (const key of document.keys().filter((each) => each.startsWith('x-amazon-') && !known.test(each))) {
    const value = document.child(key);
    if (value === undefined) continue;
    draft.dropped(placeOf(value), `fx takes the routes of an API from its OpenAPI document, and no ${key}`, {
      remedy: `write what it sets under ${section}`,
      beside: path,
    });
  }
  const taken = new Set(
    Object.values((draft.get(['functions']) ?? {}) as Record<string, Plain>).flatMap(
      (settings) => JSON.stringify(settings).match(/(GET|PUT|POST|DELETE|PATCH|HEAD|OPTIONS|ANY) \/[^"]*/g) ?? [],
    ),
  );
  for (const [route, item] of document.child('paths')?.entries() ?? []) {
    for (const method of methods) {
      const operation = item.child(method);
      if (operation === undefined) continue;
      const shown =
        route === '/$default' ? '$default' : `${method.startsWith('x-') ? 'ANY' : method.toUpperCase()} ${route}`;
      if (!taken.has(shown)) operationOf(sam, { document, operation, route: shown, section, name });
    }
  }
}

interface Operation {
  readonly document: Cursor;
  readonly operation: Cursor;
  readonly route: string;
  readonly section: 'rest' | 'http';
  readonly name: string | undefined;
}

function operationOf(sam: SamTemplate, { document, operation, route, section, name }: Operation): void {
  const { draft } = sam;
  const integration = operation.child('x-amazon-apigateway-integration');
  const type = integration?.child('type')?.text()?.toLowerCase();
  const called = functionIn(sam, integration?.child('uri')?.plain());
  const path = name === undefined ? [section] : [section, 'apis', name];
  if (type === 'mock' && route.startsWith('OPTIONS ')) {
    draft.changed(placeOf(operation), 'fx answers preflights itself', {
      remedy: `write cors: true under ${path.join('.')}, unless it is there`,
    });
    return;
  }
  if (type !== 'aws_proxy' || called === undefined) {
    draft.dropped(placeOf(operation), `fx has no function to call for ${route}`, {
      remedy: `add an event to one: - ${section}: ${route}`,
      beside: path,
    });
    return;
  }
  const settings = { ...(name === undefined ? {} : { api: name }), ...securityOf(sam, { document, operation, path }) };
  const event = Object.keys(settings).length === 0 ? route : { route, ...settings };
  draft.push(['functions', called, 'events'], { [section]: event }, placeOf(operation));
  draft.carried(placeOf(operation), `the operation ${route}, as an event`);
}

/** The function whose ARN a value has in it. */
function functionIn(sam: SamTemplate, uri: Plain | undefined): string | undefined {
  const text = JSON.stringify(uri ?? null);
  for (const [id, name] of sam.functions) {
    if (
      new RegExp(
        `\\$\\{${id}(\\.\\w+)?\\}|"Fn::GetAtt":\\["${id}"|"Fn::GetAtt":"${id}\\.|"Ref":"${id}(\\.\\w+)?"`,
      ).test(text)
    )
      return name;
  }
  return undefined;
}

/** The first of the ways to sign in that an operation names, and whether it needs a key. */
function securityOf(
  sam: SamTemplate,
  { document, operation, path }: { readonly document: Cursor; readonly operation: Cursor; readonly path: Path },
): Record<string, Plain> {
  const result: Record<string, Plain> = {};
  for (const requirement of (operation.child('security') ?? document.child('security'))?.items() ?? []) {
    for (const [scheme, scopes] of requirement.entries()) {
      const list = scopes.plain();
      const definition = schemes(document)?.child(scheme);
      if (sam.draft.has([...path, 'authorizers', scheme])) {
        result['authorizer'] = scheme;
        if (Array.isArray(list) && list.length > 0) result['scopes'] = list as Plain;
      } else if (definition?.child('x-amazon-apigateway-authtype')?.text() === 'awsSigv4') result['authorizer'] = 'iam';
      else if (definition?.child('type')?.text() === 'apiKey' || scheme === 'api_key') result['apiKey'] = true;
    }
  }
  return result;
}

const schemes = (document: Cursor): Cursor | undefined =>
  document.child('components')?.child('securitySchemes') ?? document.child('securityDefinitions');

function schemesOf(sam: SamTemplate, document: Cursor, path: Path, section: 'rest' | 'http'): void {
  for (const [key, scheme] of schemes(document)?.entries() ?? []) {
    const authorizer = scheme.child('x-amazon-apigateway-authorizer');
    if (authorizer === undefined) continue;
    const own = authorizerOf(sam, scheme, authorizer, section);
    if (own !== undefined) sam.draft.set([...path, 'authorizers', key], own, placeOf(scheme));
    else
      sam.draft.dropped(placeOf(scheme), `fx has no authorizer like ${key}`, {
        remedy: 'write it under authorizers, and name it at the events',
        beside: path,
      });
  }
}

function authorizerOf(
  sam: SamTemplate,
  scheme: Cursor,
  authorizer: Cursor,
  section: 'rest' | 'http',
): Plain | undefined {
  const type = authorizer.child('type')?.text();
  const pools = authorizer.child('providerARNs')?.plain();
  if (type === 'cognito_user_pools' && Array.isArray(pools)) {
    const ours = pools.map((pool: Plain) => reference(sam, pool) ?? pool);
    return { cognito: ours.length === 1 ? (ours[0] ?? null) : ours };
  }
  const jwt = authorizer.child('jwtConfiguration');
  if (type === 'jwt' && jwt !== undefined) {
    return {
      jwt: {
        issuer: withOurIds(sam, jwt.child('issuer')?.plain() ?? null),
        audience: withOurIds(sam, [jwt.child('audience')?.plain() ?? []].flat() as Plain),
      },
    };
  }
  const called = functionIn(sam, authorizer.child('authorizerUri')?.plain());
  if (called === undefined || section === 'http') return called === undefined ? undefined : { function: called };
  const ttl = authorizer.child('authorizerResultTtlInSeconds')?.plain();
  const header = scheme.child('name')?.text();
  const sources = authorizer.child('identitySource')?.text()?.split(/,\s*/);
  return {
    function: called,
    type: type === 'request' ? 'request' : 'token',
    ...(type === 'request'
      ? sources === undefined
        ? {}
        : { identitySource: sources }
      : header === undefined
        ? {}
        : { identitySource: `method.request.header.${header}` }),
    ttl: ttl ?? 300,
  };
}
