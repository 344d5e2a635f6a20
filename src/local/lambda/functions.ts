// Lambda's operations on functions.
import type { FunctionCodeLocation } from '@aws-sdk/client-lambda';
import type { Cloud, Operations } from '../cloud.ts';
import { codeLocation } from './code.ts';
import { type LambdaContext, page } from './context.ts';
import { createFunction, updateCode, updateConfiguration } from './function-changes.ts';
import { resolvedUri } from './image.ts';
import { existingFunction, existingVersion, readReference } from './names.ts';
import { provision } from './provisioned.ts';
import { describeVersion, listVersion } from './settings.ts';
import type { Code } from './state.ts';
import { deleteVersion } from './versions.ts';

function describeCode(cloud: Cloud, code: Code): FunctionCodeLocation {
  const { image } = code;
  if (image === undefined) return { RepositoryType: 'S3', Location: codeLocation(cloud, code) };
  return { RepositoryType: 'ECR', ImageUri: image.uri, ResolvedImageUri: resolvedUri(code) };
}

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
        'ImageConfig',
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
        'CodeSigningConfigArn',
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
          Code: describeCode(cloud, version.code),
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
            const listed = [{ reference: { name: fn.name, qualifier: '' }, version: fn.latest }];
            if (input.FunctionVersion !== 'ALL') return listed;
            listed[0] = { reference: { name: fn.name, qualifier: '$LATEST' }, version: fn.latest };
            const versions = Object.values(fn.versions);
            return [
              ...listed,
              ...versions.map((version) => ({ reference: { name: fn.name, qualifier: version.version }, version })),
            ];
          });
        const { items, next } = page(all, ({ reference }) => `${reference.name}:${reference.qualifier}`, input);
        return {
          Functions: items.map(({ reference, version }) => listVersion(cloud, reference, version)),
          ...next,
        };
      },
    },

    UpdateFunctionCode: {
      members: [
        'FunctionName',
        'ZipFile',
        'S3Bucket',
        'S3Key',
        'S3ObjectVersion',
        'ImageUri',
        'Architectures',
        'Publish',
        'DryRun',
        'RevisionId',
      ],
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
        'ImageConfig',
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
  };
}
