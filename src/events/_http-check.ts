// What single entries cannot show of the HTTP APIs: unknown names, routes defined twice, settings that do not go together.
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
import type { HttpApiSettings, HttpSection } from './_http-api.ts';
import type { Authorizer } from './_http-authorizer.ts';
import type { HttpEvent } from './_http-event.ts';
import { routeIdentity, routeKey } from './_http-route.ts';
import { httpApiOf } from './_http-shared.ts';
import type { SourceContext, Use } from './source.ts';

/** Settings of the API or its stage, which fx cannot set on an API that it does not make. */
const ofMadeApis = [
  'name',
  'description',
  'cors',
  'throttle',
  'metrics',
  'accessLogs',
  'stage',
  'stageVariables',
  'defaultEndpoint',
  'ipAddressType',
  'domain',
] as const satisfies readonly (keyof HttpApiSettings)[];

export function checkHttp(uses: readonly Use<HttpEvent>[], context: SourceContext<HttpSection>): Problem[] {
  const { section = {}, sectionAt } = context;
  const apis: readonly HttpApiSettings[] = [section, ...(section.apis?.values() ?? [])];
  return [
    ...apis.flatMap((settings) => checkApi(settings, context, sectionAt)),
    ...duplicateRoutes<HttpEvent>(uses, { identity: routeIdentity, describe: routeKey }),
    ...uses.flatMap((use) => checkRoute(use, context)),
  ];
}

function checkApi(settings: HttpApiSettings, context: SourceContext<HttpSection>, at: Span): Problem[] {
  const { id, authorizers = new Map<string, Authorizer>(), authorizer, defaultEndpoint, domain = [] } = settings;
  return [
    ...checkExisting(settings, ofMadeApis),
    ...checkReachable(defaultEndpoint, domain),
    ...[...authorizers].flatMap(([key, value]) => [
      ...checkReserved(key, at),
      ...(value.kind === 'existing' ? checkExistingAuthorizer(key, id !== undefined, at) : []),
      ...(value.kind === 'jwt' ? checkIssuer(value.issuer, context, at) : []),
      ...(value.kind === 'function' ? checkAuthorizerFunction({ value: value.name, at: value.nameAt }, context) : []),
    ]),
    ...checkDomains(domain, domainsIn(context.sections)),
    ...(authorizer === undefined ? [] : checkAuthorizerName('http', authorizer, authorizers.keys())),
  ];
}

function checkRoute(
  { function: { name: functionName, condition }, config, at }: Use<HttpEvent>,
  context: SourceContext<HttpSection>,
): Problem[] {
  const api = httpApiOf(config, context);
  if (api === undefined) {
    return [unknownApi('http', config.api ?? { value: '', at }, context.section?.apis?.keys() ?? [])];
  }
  const { settings } = api;
  const problems: Problem[] = [];
  const authorizers = settings.authorizers ?? new Map<string, Authorizer>();
  if (config.authorizer !== undefined) {
    problems.push(...checkAuthorizerName('http', config.authorizer, authorizers.keys()));
  }
  const authorizer = config.authorizer?.value ?? settings.authorizer?.value ?? 'none';
  const kind = authorizers.get(authorizer)?.kind;
  if (config.scopes !== undefined && kind !== 'jwt' && kind !== 'existing') {
    const message = `scopes are in tokens, and the authorizer of "${routeKey(config)}" is ${authorizer}`;
    problems.push({ at: config.scopes.at, message, hint: 'name an authorizer with jwt' });
  }
  const own = (['throttle', 'metrics'] as const).find((key) => config[key] !== undefined);
  if (own !== undefined && api.exists) {
    const message = `"${own}" belongs to the stage of the API, which exists already, so fx cannot set it`;
    problems.push({ at, message });
  }
  if (own !== undefined && condition !== undefined) {
    // a stage with settings for a route that it does not have is refused, and it cannot depend on one that may not exist
    const message = `"${own}" needs a route that always exists, and "${functionName}" has the condition "${condition}"`;
    problems.push({ at, message, hint: 'set it for the whole API under http' });
  }
  return problems;
}

/** API Gateway reads the keys of an issuer over HTTPS. One on this machine is for the local AWS.
 * https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-jwt-authorizer.html */
function checkIssuer(issuer: string, { names }: SourceContext<HttpSection>, at: Span): Problem[] {
  if (issuer.startsWith('https://') || names.environment === 'local') return [];
  return [
    { at, message: `the issuer ${issuer} is not an https:// address, which AWS needs`, hint: 'set it for local only' },
  ];
}
