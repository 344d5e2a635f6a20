// Creating a function and changing its code or settings: what is checked, installed and stored, in Lambda's order.
import { randomUUID } from 'node:crypto';
import type { FunctionCode } from '@aws-sdk/client-lambda';
import { AwsError, type Cloud, type Input } from '../cloud.ts';
import { startNext } from './ahead.ts';
import { checkRevision, refuseBusy, timestamp } from './changes.ts';
import { takeCode, unpackCode } from './code.ts';
import { findCodeSigningConfig, refuseUnsigned } from './code-signing.ts';
import type { LambdaContext } from './context.ts';
import { checkDeadLetterTarget } from './destinations.ts';
import { takeImage } from './image.ts';
import { mergeLayers } from './layer-folder.ts';
import { checkUnzippedSize, findLayers } from './layers.ts';
import { existingFunction, functionArn, plainName, readReference } from './names.ts';
import { checkRole, checkRoleAllows } from './role.ts';
import { describeVersion, readSettings } from './settings.ts';
import { fingerprint } from './slot.ts';
import type { Code, FunctionVersion, LambdaFunction, Settings } from './state.ts';
import { publish } from './versions.ts';

const nameLimit = 64;

export async function createFunction(context: LambdaContext, input: Input<'lambda', 'CreateFunction'>) {
  const { cloud, functions } = context;
  const { name } = readReference(cloud, input.FunctionName, undefined, plainName);
  if (name.length > nameLimit) {
    const message = `1 validation error detected: Value '${name}' at 'functionName' failed to satisfy constraint: Member must have length less than or equal to ${nameLimit}`;
    throw new AwsError('InvalidParameterValueException', message, 400, { Type: 'User' });
  }
  const refuseExisting = () => {
    if (functions.has(name)) {
      throw new AwsError('ResourceConflictException', `Function already exist: ${name}`, 409, { Type: 'User' });
    }
  };
  refuseExisting();
  const settings = readSettings(cloud, name, input, { layers: findLayers(context, input.Layers) });
  await checkRole(cloud, settings.role);
  await checkRoleAllows(cloud, settings);
  await checkDeadLetterTarget(cloud, settings);
  const signing = findCodeSigningConfig(context, input.CodeSigningConfigArn);
  if (settings.image !== undefined && signing !== undefined) {
    throw invalid('Code signing is not supported for functions created with container images.');
  }
  refuseUnsigned(cloud, name, signing);
  const code = await takePackage(cloud, name, { settings, source: input.Code ?? {} });
  await install(cloud, code, settings);
  refuseExisting();
  const latest: FunctionVersion = {
    version: '$LATEST',
    settings,
    code,
    lastModified: timestamp(cloud.now()),
    revisionId: randomUUID(),
    progress: 'creating',
  };
  const fn = {
    name,
    latest,
    versions: {},
    nextVersion: 1,
    aliases: {},
    policies: {},
    tags: { ...input.Tags },
    ...(signing === undefined ? {} : { codeSigningConfigArn: signing.arn }),
  };
  functions.set(name, fn);
  const answer = answerUpdate(context, fn, input.Publish);
  context.settle(name);
  return { ...answer, FunctionArn: functionArn(cloud, { name, qualifier: '' }) };
}

/** Describes the changed `$LATEST`, or the version if the request publishes one. */
function answerUpdate(context: LambdaContext, fn: LambdaFunction, publishes: boolean | undefined) {
  const reference = { name: fn.name, qualifier: '' };
  if (!publishes) return describeVersion(context.cloud, reference, fn.latest);
  const version = publish(context, fn, {});
  return describeVersion(context.cloud, { ...reference, qualifier: version.version }, version);
}

/** The function whose `$LATEST` a request may change now. */
function changeableFunction(
  context: LambdaContext,
  input: { FunctionName: string | undefined; RevisionId?: string | undefined },
) {
  const reference = readReference(context.cloud, input.FunctionName, undefined, plainName);
  const fn = existingFunction(context.cloud, context.functions, reference);
  if (reference.qualifier !== '' && reference.qualifier !== '$LATEST') {
    throw new AwsError(
      'InvalidParameterValueException',
      'Function updates can only target the unqualified function or $LATEST.',
      400,
      { Type: 'User' },
    );
  }
  refuseBusy(context, fn);
  checkRevision(input.RevisionId, fn.latest.revisionId);
  return fn;
}

export async function updateCode(context: LambdaContext, input: Input<'lambda', 'UpdateFunctionCode'>) {
  const { cloud } = context;
  const { name, latest, codeSigningConfigArn } = changeableFunction(context, input);
  refuseUnsigned(cloud, name, findCodeSigningConfig(context, codeSigningConfigArn));
  const isImage = latest.settings.image !== undefined;
  if (isImage && input.ImageUri === undefined) {
    throw invalid('Please provide ImageUri when updating a function with packageType Image.');
  }
  if (!isImage && input.ImageUri !== undefined) {
    throw invalid("Please don't provide ImageUri when updating a function with packageType Zip.");
  }
  const source = { settings: latest.settings, source: input as FunctionCode };
  const code = await takePackage(cloud, name, source, 'UpdateFunctionCode');
  await install(cloud, code, latest.settings);
  // Another update may have begun while the package was fetched.
  const fn = changeableFunction(context, { FunctionName: name, RevisionId: input.RevisionId });
  const settings = readSettings(cloud, name, { Architectures: input.Architectures }, { before: fn.latest.settings });
  if (input.DryRun) return describeVersion(cloud, { name, qualifier: '' }, { ...fn.latest, settings, code });
  return changeLatest(context, fn, { settings, code }, input.Publish);
}

export async function updateConfiguration(
  context: LambdaContext,
  input: Input<'lambda', 'UpdateFunctionConfiguration'>,
) {
  const before = changeableFunction(context, input);
  const { cloud } = context;
  const { settings: old, code } = before.latest;
  const settings = readSettings(cloud, before.name, input, { before: old, layers: findLayers(context, input.Layers) });
  if (input.Role !== undefined) await checkRole(cloud, input.Role);
  if (input.Role ?? input.VpcConfig ?? input.TracingConfig) await checkRoleAllows(cloud, settings);
  if (input.Role ?? input.DeadLetterConfig) await checkDeadLetterTarget(cloud, settings);
  if (input.Layers !== undefined) await install(cloud, code, settings);
  const fn = changeableFunction(context, input);
  return changeLatest(context, fn, { settings }, false);
}

interface Source {
  readonly settings: Settings;
  readonly source: FunctionCode;
}

function takePackage(cloud: Cloud, name: string, { settings, source }: Source, operation?: string): Promise<Code> {
  if (settings.image !== undefined) return takeImage(cloud, name, source.ImageUri ?? '');
  if (source.ImageUri) throw invalid("Please don't provide ImageUri when creating a function with packageType Zip.");
  return takeCode(cloud, source, operation);
}

function invalid(message: string): AwsError {
  return new AwsError('InvalidParameterValueException', message, 400, { Type: 'User' });
}

/** Unpacks the code and layers of a function; refuses them if they are too large together. */
async function install(cloud: Cloud, code: Code, { layers }: Settings): Promise<void> {
  if (code.image !== undefined) return;
  await checkUnzippedSize(cloud, code, layers);
  await unpackCode(cloud, code);
  await mergeLayers(cloud, layers);
}

async function changeLatest(
  context: LambdaContext,
  fn: LambdaFunction,
  change: Partial<FunctionVersion>,
  publishes: boolean | undefined,
) {
  const latest: FunctionVersion = {
    ...fn.latest,
    ...change,
    lastModified: timestamp(context.cloud.now()),
    revisionId: randomUUID(),
    progress: 'updating',
  };
  const changed = { ...fn, latest };
  context.functions.set(fn.name, changed);
  const answer = answerUpdate(context, changed, publishes);
  context.settle(fn.name);
  if (change.code !== undefined) startNext(context, changed);
  await context.pool.retire(fn.name, '$LATEST', fingerprint(latest));
  return answer;
}
