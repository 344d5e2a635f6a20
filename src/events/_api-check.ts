// Checks that every kind of API needs: names that there are, routes that are there once, an API that somebody can reach.
import type { Problem, Span } from '../base/error.ts';
import { nearest } from '../base/suggest.ts';
import type { Domain } from './_domain.ts';
import type { SourceContext, Use } from './source.ts';

interface Named {
  readonly value: string;
  readonly at: Span;
}

/** `kind` is the section, such as `http`. */
export function unknownApi(kind: string, name: Named, known: Iterable<string>): Problem {
  return { at: name.at, ...unknown('API', name.value, [...known], `${kind}.apis`) };
}

/** No problem for `iam` and `none`, which every API has. */
export function checkAuthorizerName(kind: string, name: Named, known: Iterable<string>): Problem[] {
  const names = [...known, 'iam', 'none'];
  if (names.includes(name.value)) return [];
  return [{ at: name.at, ...unknown('authorizer', name.value, names, `${kind}.authorizers`) }];
}

function unknown(what: string, name: string, known: readonly string[], section: string) {
  const suggestion = nearest(name, known);
  const hint = suggestion === undefined ? `define it under ${section}` : `did you mean "${suggestion}"?`;
  return { message: `there is no ${what} "${name}"`, hint };
}

/** The problem of an authorizer with a name that means something else. */
export function checkReserved(name: string, at: Span): Problem[] {
  if (name !== 'iam' && name !== 'none') return [];
  return [{ at, message: `an authorizer cannot have the name "${name}", which has a meaning of its own` }];
}

/** A function that authorizes: it must be there, and always. */
export function checkAuthorizerFunction({ value, at }: Named, { functionNamed }: SourceContext): Problem[] {
  const target = functionNamed(value);
  if (target === undefined) {
    return [{ at, message: `there is no function "${value}"`, hint: 'for a function elsewhere, write arn' }];
  }
  if (target.condition === undefined) return [];
  const message = `"${value}" exists only if the condition "${target.condition}" holds, so it cannot authorize an API`;
  return [{ at, message }];
}

export function checkReachable(
  defaultEndpoint: { readonly value: boolean; readonly at: Span } | undefined,
  domains: readonly Domain[],
): Problem[] {
  if (defaultEndpoint?.value !== false || domains.length > 0) return [];
  const message = 'nobody can reach an API without its endpoint and without a domain';
  return [{ at: defaultEndpoint.at, message, hint: 'give it a domain' }];
}

/** With mutual TLS at its domain, an API still answers everyone at its endpoint.
 * https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-mutual-tls.html */
export function warnBypass(
  defaultEndpoint: { readonly value: boolean } | undefined,
  domains: readonly Domain[] = [],
): Problem[] {
  const guarded = domains.filter(({ settings }) => settings?.mutualTls !== undefined);
  if (defaultEndpoint?.value === false) return [];
  return guarded.map(({ name, at }) => ({
    at,
    message: `${name} asks for certificates, but the endpoint of AWS answers without`,
    hint: 'close it with defaultEndpoint: false',
  }));
}

/** Settings of the API itself or of its stage, with the id of an API that fx does not make. */
export function checkExisting<S extends { readonly id?: { readonly at: Span } }>(
  settings: S,
  ofMadeApis: readonly (keyof S & string)[],
): Problem[] {
  const { id } = settings;
  const set = id === undefined ? undefined : ofMadeApis.find((key) => settings[key] !== undefined);
  if (id === undefined || set === undefined) return [];
  const message = `"${set}" belongs to the API itself, and with id fx only adds routes to an API that exists`;
  return [{ at: id.at, message, hint: 'set it where that API is made, or remove id' }];
}

/** An authorizer that exists belongs to an API that exists. */
export function checkExistingAuthorizer(name: string, isApiThere: boolean, at: Span): Problem[] {
  if (isApiThere) return [];
  const message = `the authorizer "${name}" exists already, but the API does not`;
  return [{ at, message, hint: 'an authorizer belongs to one API: give the id of that API too' }];
}

/** Two entries for one route of one API. `identity` is equal for routes that AWS takes for one. */
export function duplicateRoutes<C extends { readonly api?: Named }>(
  uses: readonly Use<C>[],
  { identity, describe }: { identity(config: C): string; describe(config: C): string },
): Problem[] {
  const claimed = new Map<string, string>();
  return uses.flatMap(({ function: { name }, config, at }): Problem[] => {
    const key = `${config.api?.value ?? ''} ${identity(config)}`;
    const other = claimed.get(key);
    claimed.set(key, name);
    if (other === undefined) return [];
    return [{ at, message: `the route "${describe(config)}" is defined twice: "${other}" already has it` }];
  });
}
