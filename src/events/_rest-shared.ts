// What the routes of a REST API share: which API is whose, its paths, and the logical ids of its parts.
import { sha256 } from '../base/hash.ts';
import type { Plain } from '../base/located.ts';
import { pascalCase } from '../cfn/names.ts';
import { attribute, type Resource, ref, type Value } from '../cfn/resource.ts';
import type { Cors } from './_cors.ts';
import { pathIdPart, routeIdentity } from './_http-route.ts';
import type { RestApiSettings, RestSection } from './_rest-api.ts';
import type { RestEvent } from './_rest-event.ts';
import type { SourceContext, Use } from './source.ts';

/** One of the project's REST APIs. */
export interface RestApi {
  /** Undefined for the API of `rest` itself. */
  readonly name: string | undefined;
  readonly settings: RestApiSettings;
  /** The prefix of its logical ids, and the id of the API itself if fx makes it. */
  readonly prefix: string;
  readonly id: Value;
  readonly exists: boolean;
  /** Whether the stage is a resource of the stack; else each deployment makes it or moves it. */
  readonly ownStage: boolean;
}

/** The API of an event. Undefined if it names none that there is. */
export function restApiOf(
  { api }: Pick<RestEvent, 'api'>,
  { section }: SourceContext<RestSection>,
): RestApi | undefined {
  const settings = api === undefined ? (section ?? {}) : section?.apis?.get(api.value);
  if (settings === undefined) return undefined;
  const prefix = `${api === undefined ? '' : pascalCase(api.value)}RestApi`;
  const existing = settings.id?.value;
  const exists = existing !== undefined;
  const ownStage = !exists && settings.stageFrom !== 'deployment';
  return { name: api?.value, settings, prefix, id: existing ?? ref(prefix), exists, ownStage };
}

export const stageName = ({ settings }: RestApi): string => settings.stage ?? 'live';
export const deploymentId = ({ prefix }: RestApi): string => `${prefix}Deployment`;
export const stageId = ({ prefix }: RestApi): string => `${prefix}Stage`;
/** The name of the stage, for what is made after it. */
export const stageReference = (api: RestApi): Value => (api.ownStage ? ref(stageId(api)) : stageName(api));
/** What waits for a stage that nothing can refer to. */
export const afterStage = (api: RestApi): { readonly DependsOn?: string } =>
  api.ownStage ? {} : { DependsOn: deploymentId(api) };

export const usesOfApi = (uses: readonly Use<RestEvent>[], { name }: RestApi): readonly Use<RestEvent>[] =>
  uses.filter(({ config }) => config.api?.value === name);

/** `/orders/{id}` and the paths above it, the root left out. */
export function pathsTo(path: string): readonly string[] {
  const segments = path.split('/').filter((segment) => segment !== '');
  return segments.map((_, index) => `/${segments.slice(0, index + 1).join('/')}`);
}

/** The id of the resource of a path, as a value of the template. */
export function resourceOf(api: RestApi, path: string): Value {
  const { settings, prefix, exists } = api;
  if (path === '/') return exists ? (settings.root ?? '') : attribute(prefix, 'RootResourceId');
  return settings.parents?.get(path) ?? ref(pathId(api, path));
}

const pathId = ({ prefix }: RestApi, path: string): string => `${prefix}Path${pathIdPart(path)}`;

/** The resources of all paths, each below the one before. */
export function pathResources(api: RestApi, uses: readonly Use<RestEvent>[]): Readonly<Record<string, Resource>> {
  const paths = [...new Set(uses.flatMap(({ config }) => pathsTo(config.path)))];
  const made = paths.filter((path) => api.settings.parents?.has(path) !== true);
  return Object.fromEntries(
    made.map((path) => {
      const slash = path.lastIndexOf('/');
      const Properties = {
        RestApiId: api.id,
        ParentId: resourceOf(api, path.slice(0, slash) || '/'),
        PathPart: path.slice(slash + 1),
      };
      return [pathId(api, path), { Type: 'AWS::ApiGateway::Resource', Properties }];
    }),
  );
}

/** It does not depend on the function, so that a route that moves to another changes in place. */
export const methodId = ({ method, path }: RestEvent, { name }: RestApi): string => {
  const suffix = name === undefined ? '' : hashed(`${name} ${routeIdentity({ method, path })}`);
  return `RestMethod${pascalCase(method.toLowerCase())}${pathIdPart(path)}${suffix}`;
};

export const preflightId = ({ prefix }: RestApi, path: string): string => `${prefix}Options${pathIdPart(path)}`;

export const modelId = ({ prefix }: RestApi, name: string): string => `${prefix}Model${pascalCase(name)}`;

/** What a request is checked for: each kind has one validator an API. */
export interface Checks {
  readonly body: boolean;
  readonly parameters: boolean;
}

export const validatorId = ({ prefix }: RestApi, { body, parameters }: Checks): string =>
  `${prefix}Validator${body ? 'Body' : ''}${parameters ? 'Parameters' : ''}`;

export function checksOf({ request }: RestEvent): Checks {
  const isRequired = [...(request?.query?.values() ?? []), ...(request?.headers?.values() ?? [])].includes(true);
  return { body: request?.body !== undefined, parameters: isRequired };
}

export const corsOf = (config: RestEvent, { settings }: RestApi): Cors | undefined => {
  const cors = config.cors ?? settings.cors;
  return cors === false ? undefined : cors;
};

export const hashed = (value: string): string => sha256(value).slice(0, 8);

/** Whether a `request.body` has a schema for each content type. */
export const isByType = (body: Plain): body is { readonly [type: string]: Plain } =>
  typeof body === 'object' &&
  body !== null &&
  !Array.isArray(body) &&
  Object.keys(body).length > 0 &&
  Object.keys(body).every((key) => key.includes('/'));
