// The tags of Lambda's functions and event source mappings, which are named by ARN.
import { AwsError, type Operations } from '../cloud.ts';
import type { LambdaContext } from './context.ts';
import { mappingArn } from './mapping/index.ts';
import { existingFunction, readReference } from './names.ts';

const tagLimit = 50;

/** What has tags: how they are read and replaced. */
interface Tagged {
  readonly tags: Readonly<Record<string, string>>;
  set(tags: Readonly<Record<string, string>>): void;
}

export function tagOperations(context: LambdaContext): Operations<'lambda'> {
  return {
    TagResource: {
      members: ['Resource', 'Tags'],
      run({ Resource, Tags }) {
        const tagged = find(context, Resource);
        const tags = { ...tagged.tags, ...Tags };
        if (Object.keys(tags).length > tagLimit) {
          throw new AwsError(
            'InvalidParameterValueException',
            `Number of tags exceeds resource tag limit ${tagLimit}.`,
            400,
            { Type: 'User' },
          );
        }
        tagged.set(tags);
        return {};
      },
    },
    UntagResource: {
      members: ['Resource', 'TagKeys'],
      run({ Resource, TagKeys }) {
        const tagged = find(context, Resource);
        tagged.set(Object.fromEntries(Object.entries(tagged.tags).filter(([key]) => !TagKeys?.includes(key))));
        return {};
      },
    },
    ListTags: { members: ['Resource'], run: ({ Resource }) => ({ Tags: { ...find(context, Resource).tags } }) },
  };
}

function find({ cloud, functions, mappings }: LambdaContext, arn: string | undefined): Tagged {
  const mapping = mappings.find(({ uuid }) => arn === mappingArn(cloud, uuid));
  if (mapping !== undefined) {
    return { tags: mapping.tags, set: (tags) => mappings.set(mapping.uuid, { ...mapping, tags }) };
  }
  const reference = readReference(cloud, arn);
  if (reference.qualifier !== '' || !arn?.startsWith('arn:')) {
    throw new AwsError(
      'InvalidParameterValueException',
      'Tags on function aliases and versions are not supported. Please specify a function ARN.',
      400,
      { Type: 'User' },
    );
  }
  const fn = existingFunction(cloud, functions, reference);
  return { tags: fn.tags, set: (tags) => functions.set(fn.name, { ...fn, tags }) };
}
