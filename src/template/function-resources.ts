// What one function is in the template: its log group, its role, the function itself, its live alias, and what its settings add.
import type { Artifact } from '../artifact/artifact.ts';
import { objectKey } from '../artifact/artifact.ts';
import type { Problem } from '../base/error.ts';
import { artifactBucketParameter, functionIds, liveAlias, logGroupName, roleName } from '../cfn/names.ts';
import { attribute, type Output, type Resource, ref, type Value } from '../cfn/resource.ts';
import type { FunctionSettings, Project } from '../project/project.ts';
import { settingKeys, settingOf } from '../settings/index.ts';
import { type Contribution, isWrong, type SettingContext, type Statement } from '../settings/setting.ts';
import { targetOf } from './targets.ts';

/** What all settings of a function add, together. */
export interface Contributions {
  readonly properties: Readonly<Record<string, Value>>;
  readonly variables: Readonly<Record<string, Value>>;
  readonly alias: Readonly<Record<string, Value>>;
  readonly logGroup: Readonly<Record<string, Value>>;
  readonly resources: ReadonlyMap<string, Resource>;
  readonly outputs: ReadonlyMap<string, Output>;
  readonly statements: readonly Statement[];
}

/** Each setting in the order of the table. What one of them gets wrong is told at its key. */
export function contributions(
  project: Project,
  own: FunctionSettings,
  { layerIds, problems }: { readonly layerIds: ReadonlyMap<string, string>; readonly problems: Problem[] },
): Contributions {
  const context: SettingContext = {
    function: { name: own.name, physicalName: own.physicalName, ids: functionIds(own.name) },
    names: project.names,
    target: (named) => targetOf(named, own, project),
    layer: (name) => {
      const id = layerIds.get(name);
      return id === undefined ? undefined : ref(id);
    },
    resourceType: (id) => project.resources.get(id)?.Type,
  };
  const all: Contribution[] = [];
  for (const key of settingKeys) {
    const value = own[key];
    const made = value === undefined ? {} : (settingOf(key).compile?.(value, context) ?? {});
    if (isWrong(made)) problems.push({ at: project.origin(['functions', own.name, key]), ...made });
    else all.push(made);
  }
  const merged = <K extends 'properties' | 'variables' | 'alias' | 'logGroup'>(part: K) =>
    Object.assign({}, ...all.map((one) => one[part] ?? {})) as Record<string, Value>;
  return {
    properties: merged('properties'),
    variables: merged('variables'),
    alias: merged('alias'),
    logGroup: merged('logGroup'),
    resources: mergedResources(all),
    outputs: new Map(all.flatMap((one) => Object.entries(one.outputs ?? {}))),
    statements: all.flatMap((one) => one.statements ?? []),
  };
}

/** Settings that are one resource to AWS, such as retries and destinations, put their properties together. */
function mergedResources(all: readonly Contribution[]): ReadonlyMap<string, Resource> {
  const resources = new Map<string, Resource>();
  for (const [id, resource] of all.flatMap((one) => Object.entries(one.resources ?? {}))) {
    const other = resources.get(id);
    const Properties = { ...other?.Properties, ...resource.Properties };
    resources.set(id, { ...resource, Properties });
  }
  return resources;
}

export interface Making {
  readonly project: Project;
  readonly settings: FunctionSettings;
  readonly artifact: Artifact;
  readonly added: Contributions;
  /** The statements of its role. */
  readonly statements: readonly Value[];
}

/** The resources of a function except version and alias, whose ids hang on what `extend` makes of the function. */
export function functionResources({ project, settings, artifact, added, statements }: Making): [string, Resource][] {
  const ids = functionIds(settings.name);
  const role: Resource = {
    Type: 'AWS::IAM::Role',
    Properties: {
      RoleName: roleName(project.names, settings.name),
      AssumeRolePolicyDocument: {
        Version: '2012-10-17',
        Statement: [{ Effect: 'Allow', Principal: { Service: 'lambda.amazonaws.com' }, Action: 'sts:AssumeRole' }],
      },
      // a policy needs a statement: a function without log and rights has none
      ...(statements.length === 0
        ? {}
        : { Policies: [{ PolicyName: 'fx', PolicyDocument: { Version: '2012-10-17', Statement: statements } }] }),
    },
  };
  const made: Resource = {
    Type: 'AWS::Lambda::Function',
    ...(settings.dependsOn === undefined ? {} : { DependsOn: settings.dependsOn }),
    Properties: functionProperties(project, settings, artifact, added),
  };
  const logGroup: Resource = {
    Type: 'AWS::Logs::LogGroup',
    Properties: { LogGroupName: logGroupName(project.names, settings.name), ...added.logGroup },
  };
  return [
    ...(ownsLogGroup(settings) ? [[ids.logGroup, logGroup] as [string, Resource]] : []),
    [ids.role, role],
    [ids.function, made],
    ...added.resources,
  ];
}

/** Whether fx makes the function a log group: not where there is no log, or where it goes to a group that is there already. */
function ownsLogGroup({ logging }: FunctionSettings): boolean {
  return logging !== false && logging.logGroup === undefined;
}

function functionProperties(
  project: Project,
  settings: FunctionSettings,
  artifact: Artifact,
  added: Contributions,
): Record<string, Value> {
  const ids = functionIds(settings.name);
  const variables = { ...artifact.variables, ...added.variables, ...Object.fromEntries(settings.variables) };
  const { logging } = settings;
  const { LoggingConfig, ...properties } = added.properties;
  // what a container image is, its setting says
  const code = settings.image === undefined ? codeProperties(project, settings, artifact) : {};
  return {
    FunctionName: settings.physicalName,
    ...code,
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
function codeProperties(project: Project, settings: FunctionSettings, artifact: Artifact): Record<string, Value> {
  const { object, handler } = artifact;
  const version = object?.version === undefined ? {} : { S3ObjectVersion: object.version };
  const code =
    object === undefined
      ? { S3Bucket: ref(artifactBucketParameter), S3Key: objectKey(project.name, artifact.key) }
      : { S3Bucket: object.bucket, S3Key: object.key, ...version };
  return { Runtime: settings.runtime, Handler: handler, Code: code };
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

/** A version outlives its place in the template, for rollback. One that a failed deploy made is not kept: Lambda publishes
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
