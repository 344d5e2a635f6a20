// Lambda's operations on functions: creating, reading, updating and deleting them, their tags and reserved concurrency.
import { randomUUID } from 'node:crypto';
import type { FunctionCode } from '@aws-sdk/client-lambda';
import { AwsError, type Cloud, type Input, type Operations } from '../cloud.ts';
import { checkRevision, refuseBusy, timestamp } from './changes.ts';
import { codeLocation, takeCode, unpackCode } from './code.ts';
import { type LambdaContext, page } from './context.ts';
import { checkDeadLetterTarget } from './destinations.ts';
import { mergeLayers } from './layer-folder.ts';
import { checkUnzippedSize, findLayers } from './layers.ts';
import { accountConcurrency, unreservedMinimum } from './limits.ts';
import {
  existingFunction,
  existingVersion,
  type FunctionReference,
  functionArn,
  plainName,
  readReference,
} from './names.ts';
import { fingerprint } from './pool.ts';
import { provision } from './provisioned.ts';
import { checkRole, checkRoleAllows } from './role.ts';
import { describeVersion, listVersion, readSettings } from './settings.ts';
import type { Code, FunctionVersion, LambdaFunction, Settings } from './state.ts';
import { publish } from './versions.ts';

const nameLimit = 64;

const ofCode = ['ZipFile', 'S3Bucket', 'S3Key', 'S3ObjectVersion', 'ImageUri'] as const;

export function functionOperations(context: LambdaContext): Operations<'lambda'> {
  const { cloud, functions, pool } = context;
  const read = (input: { FunctionName: string | undefined; Qualifier?: string | undefined }) =>
    readReference(cloud, input.FunctionName, input.Qualifier);

  return {
    CreateFunction: {
      members: [
        'FunctionName',
        'Role',
        'Code',
        'Runtime',
        'Handler',
        'Description',
        'Timeout',
        'MemorySize',
        'Publish',
        'VpcConfig',
        'PackageType',
        'DeadLetterConfig',
        'Environment',
        'KMSKeyArn',
        'TracingConfig',
        'Tags',
        'Layers',
        'Architectures',
        'EphemeralStorage',
        'SnapStart',
        'LoggingConfig',
      ],
      run: (input) => createFunction(context, input),
    },

    GetFunction: {
      members: ['FunctionName', 'Qualifier'],
      run(input) {
        const reference = read(input);
        const version = existingVersion(cloud, functions, reference);
        const { tags, reservedConcurrency } = existingFunction(cloud, functions, reference);
        return {
          Configuration: describeVersion(cloud, reference, version),
          Code: { RepositoryType: 'S3', Location: codeLocation(cloud, version.code) },
          ...(Object.keys(tags).length > 0 ? { Tags: { ...tags } } : {}),
          ...(reservedConcurrency === undefined
            ? {}
            : { Concurrency: { ReservedConcurrentExecutions: reservedConcurrency } }),
        };
      },
    },

    GetFunctionConfiguration: {
      members: ['FunctionName', 'Qualifier'],
      run(input) {
        const reference = read(input);
        return describeVersion(cloud, reference, existingVersion(cloud, functions, reference));
      },
    },

    ListFunctions: {
      members: ['FunctionVersion', 'Marker', 'MaxItems'],
      run(input) {
        const all = [...functions.values()]
          .sort((left, right) => (left.name < right.name ? -1 : 1))
          .flatMap((fn) => {
            const shown = [{ reference: { name: fn.name, qualifier: '' }, version: fn.latest }];
            if (input.FunctionVersion !== 'ALL') return shown;
            shown[0] = { reference: { name: fn.name, qualifier: '$LATEST' }, version: fn.latest };
            const versions = Object.values(fn.versions);
            return [
              ...shown,
              ...versions.map((version) => ({ reference: { name: fn.name, qualifier: version.version }, version })),
            ];
          });
        const { found, next } = page(all, ({ reference }) => `${reference.name}:${reference.qualifier}`, input);
        return {
          Functions: found.map(({ reference, version }) => listVersion(cloud, reference, version)),
          ...next,
        };
      },
    },

    UpdateFunctionCode: {
      members: ['FunctionName', ...ofCode, 'Architectures', 'Publish', 'DryRun', 'RevisionId'],
      run: (input) => updateCode(context, input),
    },
    UpdateFunctionConfiguration: {
      members: [
        'FunctionName',
        'Role',
        'Handler',
        'Description',
        'Timeout',
        'MemorySize',
        'VpcConfig',
        'Environment',
        'Runtime',
        'DeadLetterConfig',
        'KMSKeyArn',
        'TracingConfig',
        'RevisionId',
        'Layers',
        'EphemeralStorage',
        'SnapStart',
        'LoggingConfig',
      ],
      run: (input) => updateConfiguration(context, input),
    },

    DeleteFunction: {
      members: ['FunctionName', 'Qualifier'],
      async run(input) {
        const reference = read(input);
        const fn = existingFunction(cloud, functions, { ...reference, qualifier: '' });
        if (reference.qualifier !== '') return deleteVersion(context, fn, reference);
        functions.delete(fn.name);
        provision(context, fn.name);
        await context.closeUrls(fn);
        await pool.retire(fn.name);
        return { StatusCode: 204 };
      },
    },

    PutFunctionConcurrency: {
      members: ['FunctionName', 'ReservedConcurrentExecutions'],
      run(input) {
        const fn = existingFunction(cloud, functions, read(input));
        const reserved = input.ReservedConcurrentExecutions ?? 0;
        const others = functions.filter(({ name }) => name !== fn.name);
        const taken = others.reduce((sum, other) => sum + (other.reservedConcurrency ?? 0), 0);
        if (accountConcurrency - taken - reserved < unreservedMinimum) {
          throw new AwsError(
            'InvalidParameterValueException',
            `Specified ReservedConcurrentExecutions for function decreases account's UnreservedConcurrentExecution below its minimum value of [${unreservedMinimum}].`,
            400,
            { Type: 'User' },
          );
        }
        functions.set(fn.name, { ...fn, reservedConcurrency: reserved });
        return { ReservedConcurrentExecutions: reserved };
      },
    },
    GetFunctionConcurrency: {
      members: ['FunctionName'],
      run(input) {
        const { reservedConcurrency } = existingFunction(cloud, functions, read(input));
        return reservedConcurrency === undefined ? {} : { ReservedConcurrentExecutions: reservedConcurrency };
      },
    },
    DeleteFunctionConcurrency: {
      members: ['FunctionName'],
      run(input) {
        const { reservedConcurrency: _, ...fn } = existingFunction(cloud, functions, read(input));
        functions.set(fn.name, fn);
        return {};
      },
    },

    GetAccountSettings: {
      members: [],
      run() {
        const all = [...functions.values()];
        const reserved = all.reduce((sum, fn) => sum + (fn.reservedConcurrency ?? 0), 0);
        const versions = all.flatMap((fn) => [fn.latest, ...Object.values(fn.versions)]);
        return {
          AccountLimit: {
            TotalCodeSize: 80_530_636_800,
            CodeSizeUnzipped: 262_144_000,
            CodeSizeZipped: 52_428_800,
            ConcurrentExecutions: accountConcurrency,
            UnreservedConcurrentExecutions: accountConcurrency - reserved,
          },
          AccountUsage: {
            TotalCodeSize: versions.reduce((sum, { code }) => sum + code.size, 0),
            FunctionCount: all.length,
          },
        };
      },
    },
  };
}

async function createFunction(context: LambdaContext, input: Input<'lambda', 'CreateFunction'>) {
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
  const code = await takeCode(cloud, input.Code ?? {});
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
  const fn = { name, latest, versions: {}, nextVersion: 1, aliases: {}, policies: {}, tags: { ...input.Tags } };
  functions.set(name, fn);
  const answer = answerUpdate(context, fn, input.Publish);
  context.settle(name);
  return { ...answer, FunctionArn: functionArn(cloud, { name, qualifier: '' }) };
}

/** The changed `$LATEST`, or where the request publishes the version made from it. */
function answerUpdate(context: LambdaContext, fn: LambdaFunction, publishes: boolean | undefined) {
  const reference = { name: fn.name, qualifier: '' };
  if (!publishes) return describeVersion(context.cloud, reference, fn.latest);
  const version = publish(context, fn, {});
  return describeVersion(context.cloud, { ...reference, qualifier: version.version }, version);
}

/** The function whose `$LATEST` a request may change now. */
function changeable(
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

async function updateCode(context: LambdaContext, input: Input<'lambda', 'UpdateFunctionCode'>) {
  const { cloud } = context;
  const { name, latest } = changeable(context, input);
  const code = await takeCode(cloud, input as FunctionCode, 'UpdateFunctionCode');
  await install(cloud, code, latest.settings);
  // Another update may have begun while the package was fetched.
  const fn = changeable(context, { FunctionName: name, RevisionId: input.RevisionId });
  const settings = readSettings(cloud, name, { Architectures: input.Architectures }, { before: fn.latest.settings });
  if (input.DryRun) return describeVersion(cloud, { name, qualifier: '' }, { ...fn.latest, settings, code });
  return changeLatest(context, fn, { settings, code }, input.Publish);
}

async function updateConfiguration(context: LambdaContext, input: Input<'lambda', 'UpdateFunctionConfiguration'>) {
  const before = changeable(context, input);
  const { cloud } = context;
  const { settings: old, code } = before.latest;
  const settings = readSettings(cloud, before.name, input, { before: old, layers: findLayers(context, input.Layers) });
  if (input.Role !== undefined) await checkRole(cloud, input.Role);
  if (input.Role ?? input.VpcConfig ?? input.TracingConfig) await checkRoleAllows(cloud, settings);
  if (input.Role ?? input.DeadLetterConfig) await checkDeadLetterTarget(cloud, settings);
  if (input.Layers !== undefined) await install(cloud, code, settings);
  const fn = changeable(context, input);
  return changeLatest(context, fn, { settings }, false);
}

/** Unpacks what a function runs on; refuses what is too large together. */
async function install(cloud: Cloud, code: Code, { layers }: Settings): Promise<void> {
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
  await context.pool.retire(fn.name, '$LATEST', fingerprint(latest));
  return answer;
}

async function deleteVersion(context: LambdaContext, fn: LambdaFunction, reference: FunctionReference) {
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
