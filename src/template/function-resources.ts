// The resources of one function: its log group, role, function and live alias, and what its settings add.
import type { Problem } from '../base/error.ts';
import {
  artifactBucketParameter,
  artifactObjectKey,
  functionIds,
  functionResourceId,
  imageUri,
  liveAlias,
  roleName,
} from '../cfn/names.ts';
import type { OwnedResource, Part, Statement } from '../cfn/part.ts';
import type { Code } from '../cfn/recipe.ts';
import { attribute, type Output, type Resource, ref, type Value } from '../cfn/resource.ts';
import type { Path } from '../cfn/resource-schema.ts';
import { inlinePolicies, policyDocument, trust } from '../cfn/role.ts';
import type { FunctionSettings, Project } from '../project/project.ts';
import { settingRows } from '../project/setting-rows.ts';
import type { SettingKey } from '../settings/index.ts';
import { type Contribution, isRuleProblem, type RuleProblem, type SettingContext } from '../settings/setting.ts';
import { servicesOfRole } from './edge.ts';
import { targetOf } from './targets.ts';

/** What all settings of a function add, combined. */
export interface Contributions {
  readonly properties: Readonly<Record<string, Value>>;
  readonly variables: Readonly<Record<string, Value>>;
  readonly alias: Readonly<Record<string, Value>>;
  readonly logGroup: Readonly<Record<string, Value>>;
  readonly resources: ReadonlyMap<string, Placed<Resource>>;
  readonly outputs: readonly (readonly [id: string, output: Output])[];
  readonly statements: readonly Statement[];
  /** The setting that adds each property of the function and of its alias. */
  readonly propertiesFrom: Readonly<Record<string, Path>>;
}

/** A value with its entry in project.yml. */
export interface Placed<T> {
  readonly value: T;
  readonly from: Path;
}

/** Each setting in the order of the table. A problem of a setting is reported at its key. */
export function contributions(
  project: Project,
  settings: FunctionSettings,
  { layerIds, problems }: { readonly layerIds: ReadonlyMap<string, string>; readonly problems: Problem[] },
): Contributions {
  const context = contextOf(project, settings, layerIds);
  const added: Placed<Contribution>[] = [];
  for (const { key, row, value, ofPlugin } of settingRows(project, settings)) {
    const compiled = row.compile?.(value, context) ?? {};
    const contribution = ofPlugin ? refuseOverride(compiled, added) : compiled;
    const from = ['functions', settings.name, key];
    if (isRuleProblem(contribution)) problems.push({ at: project.origin(from), ...contribution });
    else added.push({ value: contribution, from });
  }
  const merged = (part: 'properties' | 'variables' | 'alias' | 'logGroup') =>
    Object.assign({}, ...added.map(({ value }) => value[part] ?? {})) as Record<string, Value>;
  return {
    properties: merged('properties'),
    variables: merged('variables'),
    alias: merged('alias'),
    logGroup: merged('logGroup'),
    resources: mergedResources(added),
    outputs: added.flatMap(({ value }) => Object.entries(value.outputs ?? {})),
    statements: added.flatMap(({ value }) => value.statements ?? []),
    propertiesFrom: Object.fromEntries(
      added.flatMap(({ value, from }) =>
        [...Object.keys(value.properties ?? {}), ...Object.keys(value.alias ?? {})].map((name) => [name, from]),
      ),
    ),
  };
}

/** Properties that fx sets itself, so that no setting of a plugin may. */
const fxProperties = ['FunctionName', 'Code', 'Handler', 'Runtime', 'PackageType', 'Architectures', 'Role'];
const fxAliasProperties = ['FunctionName', 'FunctionVersion', 'Name', 'RoutingConfig'];

/** A plugin's setting may add, but not replace what fx or another setting sets. */
function refuseOverride(
  contribution: Contribution | RuleProblem,
  added: readonly Placed<Contribution>[],
): Contribution | RuleProblem {
  if (isRuleProblem(contribution)) return contribution;
  for (const [part, own] of [
    ['properties', fxProperties],
    ['alias', fxAliasProperties],
    ['logGroup', ['LogGroupName']],
    ['variables', []],
  ] as const) {
    for (const name of Object.keys(contribution[part] ?? {})) {
      const other = added.find(({ value }) => value[part]?.[name] !== undefined);
      if (other === undefined && !(own as readonly string[]).includes(name)) continue;
      const owner = other === undefined ? 'fx sets itself' : `"${other.from.at(-1)}" sets`;
      return { message: `this setting of a plugin would replace ${name}, which ${owner}` };
    }
  }
  return contribution;
}

function contextOf(
  project: Project,
  settings: FunctionSettings,
  layerIds: ReadonlyMap<string, string>,
): SettingContext {
  const { name, physicalName } = settings;
  return {
    function: { name, physicalName, ids: functionIds(name), id: (suffix) => functionResourceId(name, suffix) },
    names: project.environment.names,
    target: (named) => targetOf(named, settings, project),
    layer: (layer) => {
      const id = layerIds.get(layer);
      return id === undefined ? undefined : ref(id);
    },
    resourceType: (id) => project.resources.get(id)?.Type,
  };
}

/** The resources of several parts with one owner. Parts that are one resource in AWS, such as retries and destinations, or two routes that
 * share an integration, merge their properties; the first one gives the origin. */
export function mergedResources(parts: readonly Placed<Part>[]): ReadonlyMap<string, Placed<Resource>> {
  const resources = new Map<string, Placed<Resource>>();
  for (const { value, from } of parts) {
    for (const [id, resource] of Object.entries(value.resources ?? {})) {
      const other = resources.get(id);
      const Properties = { ...other?.value.Properties, ...resource.Properties };
      resources.set(id, { value: { ...resource, Properties }, from: other?.from ?? from });
    }
  }
  return resources;
}

export interface FunctionInput {
  readonly project: Project;
  readonly settings: FunctionSettings;
  readonly code: Code;
  readonly added: Contributions;
  /** The statements of its role. */
  readonly statements: readonly Value[];
}

/** The resources of a function except version and alias, whose ids depend on `extend`. */
export function functionResources(input: FunctionInput): readonly (readonly [id: string, resource: OwnedResource])[] {
  const { project, settings, added, statements } = input;
  const ids = functionIds(settings.name);
  const at = (...keys: readonly SettingKey[]): Path => ['functions', settings.name, ...keys];
  const role: Resource = {
    Type: 'AWS::IAM::Role',
    Properties: {
      RoleName: roleName(project.environment.names, settings.name),
      AssumeRolePolicyDocument: policyDocument([trust(servicesOfRole(settings))]),
      // a function without log and permissions has none
      ...inlinePolicies(statements),
    },
  };
  const lambda: Resource = {
    Type: 'AWS::Lambda::Function',
    ...(settings.dependsOn === undefined ? {} : { DependsOn: settings.dependsOn }),
    Properties: functionProperties(input),
  };
  const logGroup: Resource = {
    Type: 'AWS::Logs::LogGroup',
    Properties: { LogGroupName: settings.logGroup ?? '', ...added.logGroup },
  };
  const owner = { kind: 'function', name: settings.name } as const;
  const propertiesFrom = { ...added.propertiesFrom, Environment: at('variables'), DependsOn: at('dependsOn') };
  return [
    ...(hasLogGroup(settings) ? [[ids.logGroup, { resource: logGroup, owner, from: at('logging') }] as const] : []),
    [ids.role, { resource: role, owner, from: at() }],
    [ids.function, { resource: lambda, owner, from: at(), propertiesFrom }],
    ...[...added.resources].map(([id, { value, from }]) => [id, { resource: value, owner, from }] as const),
  ];
}

/** Whether fx creates a log group: not if logging is off or goes to an existing group. */
function hasLogGroup({ logging }: FunctionSettings): boolean {
  return logging !== false && logging.logGroup === undefined;
}

function functionProperties({ project, settings, code, added }: FunctionInput): Record<string, Value> {
  const ids = functionIds(settings.name);
  const variables = { ...code.variables, ...added.variables, ...Object.fromEntries(settings.variables) };
  const { logging } = settings;
  const { LoggingConfig, ...properties } = added.properties;
  return {
    FunctionName: settings.physicalName,
    ...codeProperties(project, settings, code),
    Architectures: [settings.architecture],
    Role: attribute(ids.role, 'Arn'),
    ...properties,
    ...(logging === false
      ? {}
      : { LoggingConfig: { ...(LoggingConfig as object), LogGroup: logging.logGroup ?? ref(ids.logGroup) } }),
    ...(Object.keys(variables).length === 0 ? {} : { Environment: { Variables: variables } }),
  };
}

// https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-properties-lambda-function-code.html
function codeProperties(project: Project, settings: FunctionSettings, code: Code): Record<string, Value> {
  const { object, handler, key, imageTag } = code;
  if (imageTag !== undefined) return { Code: { ImageUri: imageUri(imageTag) } };
  // `image: {uri}` compiles to the code
  if (settings.image !== undefined) return {};
  const version = object?.version === undefined ? {} : { S3ObjectVersion: object.version };
  const location =
    object === undefined
      ? { S3Bucket: ref(artifactBucketParameter), S3Key: artifactObjectKey(project.name, key) }
      : { S3Bucket: object.bucket, S3Key: object.key, ...version };
  return { Runtime: settings.runtime, Handler: handler, Code: location };
}

export function aliasResource(
  functionId: string,
  versionId: string,
  properties: Readonly<Record<string, Value>>,
): Resource {
  return {
    Type: 'AWS::Lambda::Alias',
    Properties: {
      FunctionName: ref(functionId),
      FunctionVersion: attribute(versionId, 'Version'),
      Name: liveAlias,
      ...properties,
    },
  };
}

/** A version outlives its place in the template, for rollback. A version from a failed deploy is deleted: Lambda publishes
 * nothing while code and configuration equal the newest version's, so the next try would fail on it.
 * https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-attribute-deletionpolicy.html */
export function versionResource(functionId: string): Resource {
  return {
    Type: 'AWS::Lambda::Version',
    DeletionPolicy: 'RetainExceptOnCreate',
    UpdateReplacePolicy: 'Retain',
    Properties: { FunctionName: ref(functionId) },
  };
}
