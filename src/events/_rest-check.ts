// What single entries cannot show of the REST APIs: unknown names, paths that exclude each other, settings that do not go together.
import type { Problem, Span } from '../base/error.ts';
import {
  checkAuthorizerFunction,
  checkAuthorizerName,
  checkExisting,
  checkExistingAuthorizer,
  checkReachable,
  checkReserved,
  duplicateRoutes,
  unknownApi,
} from './_api-check.ts';
import { checkDomains, domainsIn } from './_domain.ts';
import { routeIdentity, routeKey } from './_http-route.ts';
import { type RestApiSettings, type RestSection, stageSettings } from './_rest-api.ts';
import type { RestAuthorizer } from './_rest-authorizer.ts';
import type { RestEvent } from './_rest-event.ts';
import { longestRestWait } from './_rest-integration.ts';
import { isByType, pathsTo, restApiOf } from './_rest-shared.ts';
import type { SourceContext, Use } from './source.ts';

/** Settings of the API or its stage, which fx cannot set on an API that it does not make. */
const ofMadeApis = [
  'name',
  'description',
  'endpoint',
  'vpcEndpoints',
  'policy',
  'apiKeys',
  'apiKeySource',
  'usagePlans',
  'gatewayResponses',
  'binaryTypes',
  'compression',
  ...stageSettings,
  'logRole',
  'defaultEndpoint',
  'domain',
  'ipAddressType',
] as const satisfies readonly (keyof RestApiSettings)[];

export function checkRest(uses: readonly Use<RestEvent>[], context: SourceContext<RestSection>): Problem[] {
  const { section = {}, sectionAt } = context;
  const apis: readonly RestApiSettings[] = [section, ...(section.apis?.values() ?? [])];
  return [
    ...apis.flatMap((settings) => checkApi(settings, context, sectionAt)),
    ...duplicateRoutes<RestEvent>(uses, { identity: routeIdentity, describe: routeKey }),
    ...siblings(uses),
    ...uses.flatMap((use) => checkRoute(use, context)),
  ];
}

function checkApi(settings: RestApiSettings, context: SourceContext<RestSection>, at: Span): Problem[] {
  const problems: Problem[] = [];
  const {
    id,
    root,
    authorizers = new Map<string, RestAuthorizer>(),
    authorizer,
    endpoint = 'regional',
    domain = [],
  } = settings;
  problems.push(...checkExisting(settings, ofMadeApis), ...checkReachable(settings.defaultEndpoint, domain));
  if (settings.stageFrom === 'deployment') {
    for (const key of stageSettings) {
      if (settings[key] === undefined) continue;
      const message = `"${key}" is a setting of the stage, which the deployment makes: CloudFormation cannot set it`;
      problems.push({ at, message, hint: `set it in API Gateway itself, or remove it here (${key}: null)` });
    }
  }
  if (id !== undefined && root === undefined) {
    problems.push({
      at: id.at,
      message: 'an API that exists needs the id of its root resource',
      hint: 'give root too',
    });
  }
  for (const key of ['root', 'parents'] as const) {
    if (id === undefined && settings[key] !== undefined)
      problems.push({ at, message: `"${key}" is for an API that exists`, hint: 'give its id too' });
  }
  if (endpoint === 'private' && settings.policy === undefined && settings.vpcEndpoints === undefined) {
    const message = 'nobody can reach a private API without a policy';
    problems.push({ at, message, hint: 'give vpcEndpoints, whose traffic fx then allows, or write a policy' });
  }
  if (endpoint === 'private' && settings.ipAddressType === 'ipv4') {
    // https://docs.aws.amazon.com/apigateway/latest/developerguide/api-gateway-ip-address-type.html
    problems.push({ at, message: 'a private API answers over IPv4 and IPv6', hint: 'remove ipAddressType' });
  }
  if (endpoint !== 'private' && settings.vpcEndpoints !== undefined) {
    problems.push({
      at,
      message: `vpcEndpoints are for a private API, and this one is ${endpoint}`,
      hint: 'endpoint: private',
    });
  }
  for (const { at: where, name } of endpoint === 'regional' ? [] : domain) {
    problems.push({
      at: where,
      message: `${name} needs a regional API, and this one is ${endpoint}`,
      hint: 'endpoint: regional',
    });
  }
  problems.push(...checkDomains(domain, domainsIn(context.sections)));
  for (const [key, value] of authorizers) {
    problems.push(...checkReserved(key, at));
    if (value.kind === 'existing') problems.push(...checkExistingAuthorizer(key, id !== undefined, at));
    if (value.kind === 'function' && value.function !== undefined) {
      problems.push(...checkAuthorizerFunction(value.function, context));
    }
  }
  if (authorizer !== undefined) problems.push(...checkAuthorizerName('rest', authorizer, authorizers.keys()));
  for (const { keys = [] } of settings.usagePlans?.values() ?? []) {
    for (const { value, at: where } of keys) {
      if (settings.apiKeys?.has(value) !== true) {
        problems.push({ at: where, message: `there is no API key "${value}"`, hint: 'define it under apiKeys' });
      }
    }
  }
  return problems;
}

function checkRoute({ function: target, config, at }: Use<RestEvent>, context: SourceContext<RestSection>): Problem[] {
  const api = restApiOf(config, context);
  if (api === undefined) {
    return [unknownApi('rest', config.api ?? { value: '', at }, context.section?.apis?.keys() ?? [])];
  }
  const problems: Problem[] = [];
  const say = (message: string, hint?: string) =>
    problems.push({ at, message, ...(hint === undefined ? {} : { hint }) });
  if (target.condition !== undefined) {
    say(
      `a deployment of a REST API has all of its routes, and "${target.name}" exists only if the condition "${target.condition}" holds`,
      'use an HTTP API, or decide by environment',
    );
  }
  const authorizers = api.settings.authorizers ?? new Map<string, RestAuthorizer>();
  if (config.authorizer !== undefined)
    problems.push(...checkAuthorizerName('rest', config.authorizer, authorizers.keys()));
  const authorizer = config.authorizer?.value ?? api.settings.authorizer?.value ?? 'none';
  const kind = authorizers.get(authorizer)?.kind;
  if (config.scopes !== undefined && kind !== 'cognito' && kind !== 'existing') {
    const message = `scopes are in tokens of a user pool, and the authorizer of "${routeKey(config)}" is ${authorizer}`;
    problems.push({ at: config.scopes.at, message, hint: 'name an authorizer with cognito' });
  }
  for (const key of api.ownStage ? [] : (['throttle', 'metrics', 'cache'] as const)) {
    if (config[key] === undefined) continue;
    const why = api.exists ? 'which exists already' : 'which the deployment makes';
    say(`"${key}" belongs to the stage of the API, ${why}, so fx cannot set it`);
  }
  if (config.cache && api.settings.cache === undefined && api.ownStage)
    say('the API has no cache', 'give rest.cache a size');
  const body = config.request?.body;
  const models = body === undefined ? [] : isByType(body) ? Object.values(body) : [body];
  for (const model of models) {
    if (typeof model === 'string' && api.settings.models?.has(model) !== true) {
      say(`there is no model "${model}"`, 'define it under rest.models, or write the schema here');
    }
  }
  for (const [message, hint] of misfits(config)) say(message, hint);
  return problems;
}

/** Settings of a route that its integration does not have. */
function misfits(config: RestEvent): (readonly [message: string, hint?: string])[] {
  const { integration = 'proxy', request = {}, responses, uri, stream, async: isAsync, timeout } = config;
  const isProxy = integration === 'proxy' || integration === 'http-proxy';
  const isHttp = integration === 'http' || integration === 'http-proxy';
  const found: (readonly [message: string, hint?: string])[] = [];
  if (isHttp && uri === undefined) found.push([`integration: ${integration} needs a uri`]);
  for (const key of isHttp ? [] : (['uri', 'httpMethod', 'vpcLink'] as const)) {
    if (config[key] !== undefined)
      found.push([`"${key}" is for integration: http or http-proxy, and this is ${integration}`]);
  }
  if (isProxy && responses !== undefined)
    found.push([`a proxy answers itself, so "responses" has no effect`, 'integration: lambda or http']);
  for (const key of isProxy ? (['templates', 'passthrough', 'content'] as const) : []) {
    if (request[key] !== undefined)
      found.push([`a proxy gets the request as it is, so "${key}" has no effect`, 'integration: lambda or http']);
  }
  if (isAsync === true && integration !== 'lambda')
    found.push([`async needs integration: lambda, and this is ${integration}`]);
  if (stream === true && !isProxy) found.push([`stream needs a proxy, and this is integration: ${integration}`]);
  if (stream !== true && timeout !== undefined && timeout > longestRestWait) {
    found.push([`a REST API waits ${longestRestWait} seconds at most, or 15 minutes with stream`, 'stream: true']);
  }
  return found;
}

/** A path has one parameter at most below it: https://docs.aws.amazon.com/apigateway/latest/developerguide/api-gateway-known-issues.html */
function siblings(uses: readonly Use<RestEvent>[]): Problem[] {
  const parameters = new Map<string, string>();
  return uses.flatMap(({ config, at }): Problem[] => {
    for (const path of pathsTo(config.path)) {
      const slash = path.lastIndexOf('/');
      const part = path.slice(slash + 1);
      if (!part.startsWith('{')) continue;
      const key = `${config.api?.value ?? ''} ${path.slice(0, slash)}`;
      const other = parameters.get(key) ?? part;
      parameters.set(key, other);
      if (other === part) continue;
      const above = path.slice(0, slash) || '/';
      const message = `below ${above} a REST API has one parameter, and there are ${other} and ${part}`;
      return [{ at, message, hint: 'use one name for both, or an HTTP API' }];
    }
    return [];
  });
}
