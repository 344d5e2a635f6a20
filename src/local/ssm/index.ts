// Systems Manager: Parameter Store, with versions, tiers and hierarchies.
// https://docs.aws.amazon.com/systems-manager/latest/APIReference/Welcome.html
import type { Parameter } from '@aws-sdk/client-ssm';
import { AwsError, type Cloud, type Operations, type Service } from '../cloud.ts';
import { checkConstraints, notImplemented } from '../constraint.ts';
import { nameInToken, pageByName } from '../paging.ts';
import { withoutKeys } from '../without-keys.ts';
import { checkPath, filterOf, isBelow } from './filters.ts';
import { invalid, putParameter, readTags } from './put.ts';
import { isSecretReference, readSecret } from './secret-reference.ts';
import {
  describeParameter,
  findParameter,
  newest,
  onParameter,
  type ParameterVersion,
  parameterArn,
  parameterNotFound,
  type SsmContext,
  type StoredParameter,
} from './state.ts';

export function createSsm(cloud: Cloud): Service<'ssm'> {
  const context: SsmContext = { cloud, parameters: cloud.collection('ssm.parameters') };
  return {
    name: 'ssm',
    operations: { ...readOperations(context), ...writeOperations(context), ...tagOperations(context) },
  };
}

function writeOperations(context: SsmContext): Operations<'ssm'> {
  const { parameters } = context;
  return {
    PutParameter: {
      members: [
        'Name',
        'Value',
        'Description',
        'Type',
        'KeyId',
        'Overwrite',
        'AllowedPattern',
        'Tags',
        'Tier',
        'DataType',
      ],
      authorize: onParameter(context.cloud),
      run: (input) => putParameter(context, input),
    },
    DeleteParameter: {
      members: ['Name'],
      authorize: onParameter(context.cloud),
      run({ Name = '' }) {
        if (!parameters.delete(Name)) throw parameterNotFound();
        return {};
      },
    },
    DeleteParameters: {
      members: ['Names'],
      run({ Names = [] }) {
        checkConstraints('ValidationException', [['names', Names, { min: 1, max: 10 }]]);
        const DeletedParameters = Names.filter((name) => parameters.delete(name));
        return { DeletedParameters, InvalidParameters: Names.filter((name) => !DeletedParameters.includes(name)) };
      },
    },
  };
}

function readOperations(context: SsmContext): Operations<'ssm'> {
  const { cloud, parameters } = context;
  const read = async (name: string, decrypts: boolean): Promise<Parameter> => {
    if (isSecretReference(name)) return readSecret(cloud, name, decrypts);
    return describeParameter(cloud, findParameter(context, name), decrypts);
  };
  const sorted = () => [...parameters.values()].sort((left, right) => (left.name < right.name ? -1 : 1));
  return {
    GetParameter: {
      members: ['Name', 'WithDecryption'],
      authorize: onParameter(context.cloud),
      run: async ({ Name = '', WithDecryption = false }) => ({ Parameter: await read(Name, WithDecryption) }),
    },
    GetParameters: {
      members: ['Names', 'WithDecryption'],
      async run({ Names = [], WithDecryption = false }) {
        checkConstraints('ValidationException', [['names', Names, { min: 1, max: 10 }]]);
        const Parameters: Parameter[] = [];
        const InvalidParameters: string[] = [];
        for (const name of new Set(Names)) {
          try {
            Parameters.push(await read(name, WithDecryption));
          } catch (error) {
            if (!(error instanceof AwsError) || !/^Parameter(Version)?NotFound$/.test(error.code)) throw error;
            InvalidParameters.push(name);
          }
        }
        return { Parameters, InvalidParameters };
      },
    },
    GetParametersByPath: {
      members: ['Path', 'Recursive', 'ParameterFilters', 'WithDecryption', 'MaxResults', 'NextToken'],
      run({ Path = '', Recursive = false, WithDecryption = false, ParameterFilters = [], ...page }) {
        checkConstraints('ValidationException', [['maxResults', page.MaxResults, { min: 1, max: 10 }]]);
        checkPath(Path);
        const passes = filterOf(ParameterFilters);
        const all = sorted().filter((parameter) => isBelow(parameter.name, Path, Recursive) && passes(parameter));
        const { items, next } = pageOf(all, page);
        const shown = items.map((parameter) => ({ parameter, version: newest(parameter), selector: '' }));
        return { Parameters: shown.map((parameter) => describeParameter(cloud, parameter, WithDecryption)), ...next };
      },
    },
    GetParameterHistory: {
      members: ['Name', 'WithDecryption', 'MaxResults', 'NextToken'],
      authorize: onParameter(context.cloud),
      run({ Name = '', WithDecryption = false, MaxResults, NextToken }) {
        if (MaxResults !== undefined || NextToken !== undefined) {
          throw notImplemented('ssm:GetParameterHistory in pages');
        }
        const { parameter } = findParameter(context, Name);
        return {
          Parameters: parameter.versions.map((version) => {
            const { ARN: _, ...shown } = describeParameter(cloud, { parameter, version, selector: '' }, WithDecryption);
            return { ...shown, ...details(version), Labels: [] };
          }),
        };
      },
    },
    DescribeParameters: {
      members: ['Filters', 'ParameterFilters', 'MaxResults', 'NextToken'],
      run({ Filters = [], ParameterFilters = [], ...page }) {
        checkConstraints('ValidationException', [['maxResults', page.MaxResults, { min: 1, max: 50 }]]);
        if (Filters.length > 0 && ParameterFilters.length > 0) {
          throw invalid('You can use either Filters or ParameterFilters in a single request.');
        }
        const { items, next } = pageOf(sorted().filter(filterOf(ParameterFilters, Filters)), page);
        return {
          Parameters: items.map((parameter) => {
            const version = newest(parameter);
            const { Value: _, ...shown } = describeParameter(cloud, { parameter, version, selector: '' }, false);
            return { ...shown, ...details(version) };
          }),
          ...next,
        };
      },
    },
  };

  function details(version: ParameterVersion) {
    return {
      LastModifiedUser: `arn:aws:iam::${cloud.accountId}:root`,
      ...(version.description === '' ? {} : { Description: version.description }),
      ...(version.allowedPattern === '' ? {} : { AllowedPattern: version.allowedPattern }),
      ...(version.keyId === undefined ? {} : { KeyId: version.keyId }),
      Tier: version.tier,
      Policies: [],
    };
  }
}

interface PageRequest {
  readonly MaxResults?: number | undefined;
  readonly NextToken?: string | undefined;
}

function pageOf(all: readonly StoredParameter[], { MaxResults = 10, NextToken }: PageRequest) {
  if (NextToken !== undefined && !all.some(({ name }) => name === nameInToken(NextToken))) {
    throw new AwsError('InvalidNextToken', 'The specified token is not valid.');
  }
  const { items, nextToken } = pageByName(all, ({ name }) => name, { token: NextToken, most: MaxResults });
  return { items, next: nextToken === undefined ? {} : { NextToken: nextToken } };
}

function tagOperations({ cloud, parameters }: SsmContext): Operations<'ssm'> {
  const find = (type: string | undefined, id: string | undefined): StoredParameter => {
    if (type !== 'Parameter') throw notImplemented(`tags of the Systems Manager resource type ${type}`);
    const parameter = parameters.get(id ?? '');
    if (parameter !== undefined) return parameter;
    throw new AwsError('InvalidResourceId', `${parameterArn(cloud, id ?? '')} does not exist.`);
  };
  return {
    AddTagsToResource: {
      members: ['ResourceType', 'ResourceId', 'Tags'],
      run({ ResourceType, ResourceId, Tags }) {
        const parameter = find(ResourceType, ResourceId);
        parameters.set(parameter.name, { ...parameter, tags: readTags(Tags, parameter.tags) });
        return {};
      },
    },
    RemoveTagsFromResource: {
      members: ['ResourceType', 'ResourceId', 'TagKeys'],
      run({ ResourceType, ResourceId, TagKeys }) {
        const parameter = find(ResourceType, ResourceId);
        parameters.set(parameter.name, { ...parameter, tags: withoutKeys(parameter.tags, TagKeys) });
        return {};
      },
    },
    ListTagsForResource: {
      members: ['ResourceType', 'ResourceId'],
      run({ ResourceType, ResourceId }) {
        const { tags } = find(ResourceType, ResourceId);
        return { TagList: Object.entries(tags).map(([Key, Value]) => ({ Key, Value })) };
      },
    },
  };
}
