// Lambda's versions: immutable copies of $LATEST.
import { randomUUID } from 'node:crypto';
import { AwsError, type Operations } from '../cloud.ts';
import { checkConstraints } from '../constraint.ts';
import { checkRevision, refuseBusy, timestamp } from './changes.ts';
import { type LambdaContext, page } from './context.ts';
import {
  existingFunction,
  existingVersion,
  type FunctionReference,
  functionArn,
  plainName,
  readReference,
} from './names.ts';
import { provision } from './provisioned.ts';
import { describeVersion, listVersion } from './settings.ts';
import { fingerprint } from './slot.ts';
import type { FunctionVersion, LambdaFunction, PublishedVersion } from './state.ts';

interface PublishRequest {
  readonly description?: string | undefined;
  readonly codeSha256?: string | undefined;
}

/** Publishes `$LATEST`. If it equals the last published version, returns that one. */
export function publish(
  { cloud, functions }: LambdaContext,
  fn: LambdaFunction,
  request: PublishRequest,
): FunctionVersion {
  const { latest } = fn;
  const sha256 = Buffer.from(latest.code.sha256, 'hex').toString('base64');
  if (request.codeSha256 !== undefined && request.codeSha256 !== sha256) {
    throw new AwsError(
      'InvalidParameterValueException',
      `CodeSHA256 (${request.codeSha256}) is different from current CodeSHA256 in $LATEST (${sha256}). Please try again with the CodeSHA256 in $LATEST.`,
      400,
      { Type: 'User' },
    );
  }
  const newest = fn.versions[String(Math.max(0, ...Object.keys(fn.versions).map(Number)))];
  if (newest !== undefined && newest.source === fingerprint(latest)) return newest;
  const version: PublishedVersion = {
    ...latest,
    version: String(fn.nextVersion),
    settings: { ...latest.settings, description: request.description ?? latest.settings.description },
    lastModified: timestamp(cloud.now()),
    revisionId: randomUUID(),
    // the version is ready when $LATEST is
    progress: latest.progress === 'ready' ? 'ready' : 'creating',
    source: fingerprint(latest),
  };
  functions.set(fn.name, {
    ...fn,
    versions: { ...fn.versions, [version.version]: version },
    nextVersion: fn.nextVersion + 1,
  });
  return version;
}

export function versionOperations(context: LambdaContext): Operations<'lambda'> {
  const { cloud, functions } = context;
  const existing = (input: { FunctionName: string | undefined }) =>
    existingFunction(cloud, functions, readReference(cloud, input.FunctionName, undefined, plainName));
  return {
    PublishVersion: {
      members: ['FunctionName', 'CodeSha256', 'Description', 'RevisionId'],
      run(input) {
        checkConstraints('ValidationException', [['description', input.Description, { max: 256 }]]);
        const fn = existing(input);
        refuseBusy(context, fn);
        checkRevision(input.RevisionId, fn.latest.revisionId);
        const version = publish(context, fn, { description: input.Description, codeSha256: input.CodeSha256 });
        return describeVersion(cloud, { name: fn.name, qualifier: version.version }, version);
      },
    },
    ListVersionsByFunction: {
      members: ['FunctionName', 'Marker', 'MaxItems'],
      run(input) {
        const fn = existing(input);
        const numbered = Object.values(fn.versions).sort((left, right) => Number(left.version) - Number(right.version));
        const { items, next } = page([fn.latest, ...numbered], ({ version }) => version, input);
        return {
          Versions: items.map((version) => listVersion(cloud, { name: fn.name, qualifier: version.version }, version)),
          ...next,
        };
      },
    },
  };
}

/** Refused while an alias needs the version. */
export async function deleteVersion(context: LambdaContext, fn: LambdaFunction, reference: FunctionReference) {
  const { cloud, functions, pool } = context;
  const { qualifier } = reference;
  if (qualifier === '$LATEST') {
    throw new AwsError(
      'InvalidParameterValueException',
      '$LATEST version cannot be deleted without deleting the function.',
      400,
      { Type: 'User' },
    );
  }
  if (fn.aliases[qualifier] !== undefined) {
    throw new AwsError('InvalidParameterValueException', 'Deletion of aliases is not currently supported.', 400, {
      Type: 'User',
    });
  }
  existingVersion(cloud, functions, reference);
  const users = Object.values(fn.aliases).filter(
    ({ version, weights }) => version === qualifier || weights?.[qualifier] !== undefined,
  );
  if (users.length > 0) {
    const names = users.map(({ name }) => functionArn(cloud, { name: fn.name, qualifier: name })).join(', ');
    throw new AwsError(
      'ResourceConflictException',
      `Function version ${qualifier} cannot be deleted because it is referenced by an alias: ${names}`,
      409,
      { Type: 'User' },
    );
  }
  const { [qualifier]: _, ...versions } = fn.versions;
  const { [qualifier]: __, ...provisioned } = fn.provisioned ?? {};
  const { [qualifier]: ___, ...eventInvokeConfigs } = fn.eventInvokeConfigs ?? {};
  const { [qualifier]: ____, ...runtimeManagement } = fn.runtimeManagement ?? {};
  functions.set(fn.name, { ...fn, versions, provisioned, eventInvokeConfigs, runtimeManagement });
  provision(context, fn.name);
  await pool.retire(fn.name, qualifier);
  return { StatusCode: 204 };
}
