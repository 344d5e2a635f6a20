// `http`: routes of a REST API.
import type { Plain } from '../../../base/located.ts';
import type { Cursor } from '../../cursor.ts';
import { lookup } from '../../lookup-text.ts';
import { corsOf, routeOf } from './api.ts';
import { integrationOf } from './integration.ts';
import { restAuthorizer } from './rest-authorizer.ts';
import { add, clean, type EventContext, type EventRule, type Settings } from './rule.ts';

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
  if (!draft.has(['rest', 'stage'])) draft.set(['rest', 'stage'], lookup('env'));
  if (!draft.has(['rest', 'endpoint'])) draft.set(['rest', 'endpoint'], 'edge');
}
