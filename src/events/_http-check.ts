// What single entries cannot show of the HTTP APIs: unknown names, routes defined twice, settings that do not go together.
import type { Problem, Span } from '../base/error.ts';
import { nearest } from '../base/suggest.ts';
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
  const apis: (readonly [name: string | undefined, settings: HttpApiSettings])[] = [
    [undefined, section],
    ...(section.apis ?? []),
  ];
  return [
    ...apis.flatMap(([name, settings]) => checkApi(name, settings, context, sectionAt)),
    ...duplicates(uses),
    ...uses.flatMap((use) => checkRoute(use, context)),
  ];
}

function checkApi(
  name: string | undefined,
  settings: HttpApiSettings,
  context: SourceContext<HttpSection>,
  at: Span,
): Problem[] {
  const problems: Problem[] = [];
  const { id, authorizers = new Map<string, Authorizer>(), authorizer } = settings;
  const set = id === undefined ? undefined : ofMadeApis.find((key) => settings[key] !== undefined);
  if (id !== undefined && set !== undefined) {
    const message = `"${set}" belongs to the API itself, and with id fx only adds routes to an API that exists`;
    problems.push({ at: id.at, message, hint: `set it where that API is made, or remove id` });
  }
  if (settings.defaultEndpoint?.value === false && (settings.domain ?? []).length === 0) {
    const message = 'nobody can reach an API without its endpoint and without a domain';
    problems.push({ at: settings.defaultEndpoint.at, message, hint: 'give it a domain' });
  }
  for (const [key, value] of authorizers) {
    if (key === 'iam' || key === 'none') {
      problems.push({ at, message: `an authorizer cannot have the name "${key}", which has a meaning of its own` });
    }
    if (value.kind === 'existing' && id === undefined) {
      const message = `the authorizer "${key}" exists already, but the API ${name ?? 'of http'} does not`;
      problems.push({ at, message, hint: 'an authorizer belongs to one API: give the id of that API too' });
    }
    if (value.kind === 'function') problems.push(...checkFunction(value, context));
  }
  problems.push(...checkDomains(settings.domain ?? [], domainsIn(context.sections)));
  if (authorizer !== undefined) problems.push(...checkName(authorizer.value, authorizers, authorizer.at));
  return problems;
}

function checkFunction(
  { name, nameAt }: Extract<Authorizer, { kind: 'function' }>,
  { functionNamed }: SourceContext<HttpSection>,
): Problem[] {
  const target = functionNamed(name);
  if (target === undefined) {
    return [{ at: nameAt, message: `there is no function "${name}"`, hint: 'for a function elsewhere, write arn' }];
  }
  if (target.condition === undefined) return [];
  const message = `"${name}" exists only if the condition "${target.condition}" holds, so it cannot authorize an API`;
  return [{ at: nameAt, message }];
}

function checkName(name: string, authorizers: ReadonlyMap<string, Authorizer>, at: Span): Problem[] {
  if (name === 'iam' || name === 'none' || authorizers.has(name)) return [];
  const suggestion = nearest(name, [...authorizers.keys(), 'iam', 'none']);
  const hint = suggestion === undefined ? 'define it under http.authorizers' : `did you mean "${suggestion}"?`;
  return [{ at, message: `there is no authorizer "${name}"`, hint }];
}

function checkRoute(
  { function: { name: functionName, condition }, config, at }: Use<HttpEvent>,
  context: SourceContext<HttpSection>,
): Problem[] {
  const api = httpApiOf(config, context);
  if (api === undefined) {
    const name = config.api?.value ?? '';
    const suggestion = nearest(name, [...(context.section?.apis?.keys() ?? [])]);
    const hint = suggestion === undefined ? 'define it under http.apis' : `did you mean "${suggestion}"?`;
    return [{ at: config.api?.at ?? at, message: `there is no API "${name}"`, hint }];
  }
  const { settings } = api;
  const problems: Problem[] = [];
  const authorizers = settings.authorizers ?? new Map<string, Authorizer>();
  if (config.authorizer !== undefined) {
    problems.push(...checkName(config.authorizer.value, authorizers, config.authorizer.at));
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

function duplicates(uses: readonly Use<HttpEvent>[]): Problem[] {
  const claimed = new Map<string, string>();
  return uses.flatMap(({ function: { name }, config, at }): Problem[] => {
    const key = `${config.api?.value ?? ''} ${routeIdentity(config)}`;
    const other = claimed.get(key);
    claimed.set(key, name);
    if (other === undefined) return [];
    return [{ at, message: `the route "${routeKey(config)}" is defined twice: "${other}" already has it` }];
  });
}
