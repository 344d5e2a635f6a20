// What one function is in the template: its log group, its role, the function itself and its live alias.
import type { Artifact } from '../artifact/artifact.ts';
import { objectKey } from '../artifact/artifact.ts';
import { artifactBucketParameter, functionIds, functionName, liveAlias, logGroupName, roleName } from '../cfn/names.ts';
import { attribute, type Resource, ref, type Value } from '../cfn/resource.ts';
import type { FunctionSettings, Project } from '../project/project.ts';

export interface FunctionParts {
  readonly artifact: Artifact;
  readonly statements: readonly Value[];
  /** The logical ids of this project's layers by their names. */
  readonly layerIds: ReadonlyMap<string, string>;
}

/** The resources of a function except its version, whose id hangs on what `extend` makes of the function. */
export function functionResources(
  project: Project,
  settings: FunctionSettings,
  parts: FunctionParts,
): [string, Resource][] {
  const { artifact, statements, layerIds } = parts;
  const ids = functionIds(settings.name);
  return [
    [
      ids.logGroup,
      {
        Type: 'AWS::Logs::LogGroup',
        Properties: {
          LogGroupName: logGroupName(project.names, settings.name),
          RetentionInDays: settings.logRetention,
        },
      },
    ],
    [
      ids.role,
      {
        Type: 'AWS::IAM::Role',
        Properties: {
          RoleName: roleName(project.names, settings.name),
          AssumeRolePolicyDocument: {
            Version: '2012-10-17',
            Statement: [{ Effect: 'Allow', Principal: { Service: 'lambda.amazonaws.com' }, Action: 'sts:AssumeRole' }],
          },
          Policies: [{ PolicyName: 'fx', PolicyDocument: { Version: '2012-10-17', Statement: statements } }],
        },
      },
    ],
    [
      ids.function,
      { Type: 'AWS::Lambda::Function', Properties: functionProperties(project, settings, artifact, layerIds) },
    ],
  ];
}

function functionProperties(
  project: Project,
  settings: FunctionSettings,
  artifact: Artifact,
  layerIds: ReadonlyMap<string, string>,
): Record<string, Value> {
  const ids = functionIds(settings.name);
  const variables = { ...artifact.variables, ...Object.fromEntries(settings.variables) };
  return {
    FunctionName: functionName(project.names, settings.name),
    ...(settings.description === undefined ? {} : { Description: settings.description }),
    ...codeProperties(project, settings, artifact),
    Role: attribute(ids.role, 'Arn'),
    MemorySize: settings.memory,
    Timeout: settings.timeout,
    EphemeralStorage: { Size: settings.storage },
    LoggingConfig: { LogGroup: ref(ids.logGroup) },
    ...(settings.layers.length === 0 ? {} : { Layers: settings.layers.map((layer) => layerValue(layer, layerIds)) }),
    ...(Object.keys(variables).length === 0 ? {} : { Environment: { Variables: variables } }),
    ...(settings.concurrency === undefined ? {} : { ReservedConcurrentExecutions: settings.concurrency }),
  };
}

// https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-properties-lambda-function-code.html
function codeProperties(project: Project, settings: FunctionSettings, artifact: Artifact): Record<string, Value> {
  const { image } = settings.packaging;
  const Architectures = [settings.architecture];
  if (image !== undefined) {
    const { command, entryPoint, workingDirectory } = image;
    const config = {
      ...(command === undefined ? {} : { Command: command }),
      ...(entryPoint === undefined ? {} : { EntryPoint: entryPoint }),
      ...(workingDirectory === undefined ? {} : { WorkingDirectory: workingDirectory }),
    };
    const isPlain = Object.keys(config).length === 0;
    return {
      PackageType: 'Image',
      Architectures,
      Code: { ImageUri: image.uri },
      ...(isPlain ? {} : { ImageConfig: config }),
    };
  }
  const { object } = artifact;
  const version = object?.version === undefined ? {} : { S3ObjectVersion: object.version };
  const code =
    object === undefined
      ? { S3Bucket: ref(artifactBucketParameter), S3Key: objectKey(project.name, artifact.key) }
      : { S3Bucket: object.bucket, S3Key: object.key, ...version };
  return { Runtime: settings.runtime, Handler: artifact.handler, Architectures, Code: code };
}

/** The order is AWS's too: a later layer is unpacked over an earlier one. */
function layerValue(layer: string, layerIds: ReadonlyMap<string, string>): Value {
  const id = layerIds.get(layer);
  return id === undefined ? layer : ref(id);
}

export function aliasResource(functionId: string, versionId: string): Resource {
  return {
    Type: 'AWS::Lambda::Alias',
    Properties: { FunctionName: ref(functionId), FunctionVersion: attribute(versionId, 'Version'), Name: liveAlias },
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
