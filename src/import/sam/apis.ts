// AWS::Serverless::Api and HttpApi, and their Globals → the sections rest and http.
import type { Plain } from '../../base/located.ts';
import { isMap } from '../../base/plain.ts';
import type { Cursor } from '../cursor.ts';
import { type Path, placeOf } from '../draft.ts';
import { authOf } from './auth.ts';
import { domainOf } from './domain.ts';
import { documentOf } from './openapi.ts';
import { stageOf } from './rest-stage.ts';
import { type SamTemplate, withOurIds } from './template.ts';

/** Where the settings of an API are. */
function pathOf(sam: SamTemplate, id: string | undefined, section: 'rest' | 'http'): Path {
  const name = id === undefined ? undefined : sam.apis.get(id)?.name;
  return name === undefined ? [section] : [section, 'apis', name];
}

export function convertRestApi(sam: SamTemplate, api: Cursor, id: string | undefined): void {
  const { draft } = sam;
  const path = pathOf(sam, id, 'rest');
  const set = (key: string, cursor: Cursor | undefined, value?: Plain) => {
    if (cursor !== undefined) draft.set([...path, key], value ?? withOurIds(sam, cursor.plain()), placeOf(cursor));
  };
  set('name', api.child('Name'));
  set('description', api.child('Description'));
  set('stage', api.child('StageName'));
  set('stageVariables', api.child('Variables'));
  set('tracing', api.child('TracingEnabled'));
  set('compression', api.child('MinimumCompressionSize'));
  const endpoint = api.child('EndpointConfiguration');
  const type = endpoint?.isMap === true ? endpoint.child('Type')?.text() : endpoint?.text();
  if (endpoint !== undefined && type !== undefined)
    draft.set([...path, 'endpoint'], type.toLowerCase(), placeOf(endpoint));
  set('vpcEndpoints', endpoint?.child('VPCEndpointIds'));
  const binary = api.child('BinaryMediaTypes');
  if (binary !== undefined)
    set(
      'binaryTypes',
      binary,
      ([binary.plain()].flat() as string[]).map((each) => String(each).replaceAll('~1', '/')),
    );
  if (api.child('DisableExecuteApiEndpoint')?.flag() === true)
    draft.set([...path, 'defaultEndpoint'], false, placeOf(api));
  const cors = corsOf(sam, api.child('Cors'));
  if (cors !== undefined) draft.set([...path, 'cors'], cors, placeOf(api));
  authOf(sam, api.child('Auth'), path, 'rest');
  for (const [key, model] of api.child('Models')?.entries() ?? [])
    draft.set([...path, 'models', key], model.plain(), placeOf(model));
  const responses = api.child('GatewayResponses');
  for (const [key, response] of responses?.entries() ?? []) {
    const status = response.child('StatusCode')?.number();
    const headers = response.child('ResponseParameters')?.child('Headers')?.plain();
    const templates = response.child('ResponseTemplates')?.plain();
    draft.set(
      [...path, 'gatewayResponses', key],
      {
        ...(status === undefined ? {} : { status }),
        ...(headers === undefined ? {} : { headers: textValues(headers) }),
        ...(templates === undefined ? {} : { templates }),
      },
      placeOf(response),
    );
  }
  const logs = api.child('AccessLogSetting');
  if (logs !== undefined) accessLogs(sam, logs, path);
  stageOf(sam, api, path);
  domainOf(sam, api.child('Domain'), path);
  for (const key of [
    'AlwaysDeploy',
    'FailOnWarnings',
    'Mode',
    'OpenApiVersion',
    'MergeDefinitions',
    'PropagateTags',
    'Tags',
  ]) {
    const value = api.child(key);
    if (value === undefined) continue;
    value.plain();
    draft.carried(placeOf(value), `${key} is not needed: fx deploys an API exactly when it changes`);
  }
  definition(sam, api, path);
}

export function convertHttpApi(sam: SamTemplate, api: Cursor, id: string | undefined): void {
  const { draft } = sam;
  const path = pathOf(sam, id, 'http');
  const set = (key: string, cursor: Cursor | undefined, value?: Plain) => {
    if (cursor !== undefined) draft.set([...path, key], value ?? withOurIds(sam, cursor.plain()), placeOf(cursor));
  };
  set('name', api.child('Name'));
  set('description', api.child('Description'));
  set('stage', api.child('StageName'));
  set('stageVariables', api.child('StageVariables'));
  if (api.child('DisableExecuteApiEndpoint')?.flag() === true)
    draft.set([...path, 'defaultEndpoint'], false, placeOf(api));
  const cors = corsOf(sam, api.child('CorsConfiguration'));
  if (cors !== undefined) draft.set([...path, 'cors'], cors, placeOf(api));
  authOf(sam, api.child('Auth'), path, 'http');
  const settings = api.child('DefaultRouteSettings');
  const rate = settings?.child('ThrottlingRateLimit')?.plain();
  const burst = settings?.child('ThrottlingBurstLimit')?.plain();
  if (settings !== undefined && rate !== undefined && burst !== undefined)
    draft.set([...path, 'throttle'], { rate, burst }, placeOf(settings));
  set('metrics', settings?.child('DetailedMetricsEnabled'));
  const logs = api.child('AccessLogSettings');
  if (logs !== undefined) accessLogs(sam, logs, path);
  domainOf(sam, api.child('Domain'), path);
  for (const key of ['FailOnWarnings', 'PropagateTags', 'Tags']) api.child(key)?.plain();
  definition(sam, api, path);
}

/** An OpenAPI document in place of events. */
function definition(sam: SamTemplate, api: Cursor, path: Path): void {
  for (const key of ['DefinitionBody', 'DefinitionUri'] as const) {
    const value = api.child(key);
    if (value === undefined) continue;
    value.plain();
    // its operations come once the functions are there
    if (documentOf(sam, api) !== undefined) continue;
    sam.draft.dropped(placeOf(value), 'fx takes the routes of an API from events, and this document is elsewhere', {
      remedy: 'add an event for each of its paths',
      beside: [path[0] ?? 'rest'],
    });
  }
}

function accessLogs(sam: SamTemplate, logs: Cursor, path: Path): void {
  const format = logs.child('Format')?.plain();
  const destination = logs.child('DestinationArn');
  destination?.plain();
  sam.draft.set(
    [...path, 'accessLogs'],
    format === undefined ? true : { format: withOurIds(sam, format) },
    placeOf(logs),
  );
  if (destination !== undefined)
    sam.draft.changed(placeOf(destination), 'fx makes the log group of an API', {
      remedy: 'remove yours from resources, or write accessLogs: {destination: ARN}',
    });
}

/** `"'*'"` is the origin alone; a map has the parts, in quotes for a REST API. */
function corsOf(sam: SamTemplate, cors: Cursor | undefined): Plain | undefined {
  if (cors === undefined) return undefined;
  const unquoted = (text: string) => text.replace(/^['"]|['"]$/g, '');
  if (!cors.isMap) {
    if (cors.flag() === false) return undefined;
    const origin = unquoted(cors.text() ?? '*');
    return origin === '*' || cors.flag() === true ? true : { allowOrigins: [origin] };
  }
  const list = (key: string): Record<string, Plain> => {
    const value = cors.child(key)?.plain();
    if (value === undefined) return {};
    const ours = `a${key.slice(1)}`;
    const items =
      typeof value === 'string'
        ? unquoted(value)
            .split(',')
            .map((item) => item.trim())
        : (withOurIds(sam, value) as readonly Plain[]);
    const name = key === 'AllowOrigin' ? 'allowOrigins' : key === 'ExposeHeaders' ? 'exposeHeaders' : ours;
    return { [name]: [items].flat() as Plain };
  };
  const age = cors.child('MaxAge')?.text();
  const seconds = age === undefined ? undefined : Number(unquoted(age));
  const credentials = cors.child('AllowCredentials')?.flag();
  return {
    ...list('AllowOrigin'),
    ...list('AllowOrigins'),
    ...list('AllowMethods'),
    ...list('AllowHeaders'),
    ...list('ExposeHeaders'),
    ...(credentials === true ? { allowCredentials: true } : {}),
    ...(seconds === undefined || Number.isNaN(seconds) ? {} : { maxAge: seconds }),
  };
}

const textValues = (value: Plain): Plain =>
  isMap(value)
    ? Object.fromEntries(
        Object.entries(value).map(([key, item]) => [
          key,
          typeof item === 'object' ? JSON.stringify(item) : String(item),
        ]),
      )
    : value;
