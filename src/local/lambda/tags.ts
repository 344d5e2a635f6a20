// The tags of Lambda's functions and event source mappings, which are named by ARN.
import { AwsError, type Operations } from '../cloud.ts';
import { checkConstraints } from '../constraint.ts';
import { withoutKeys } from '../without-keys.ts';
import type { LambdaContext } from './context.ts';
import { mappingArn } from './mapping/index.ts';
import { existingFunction, readReference } from './names.ts';

const tagLimit = 50;
// As in Lambda's service model, where the shape is TaggableResource.
const taggablePattern =
  'arn:(aws[a-zA-Z-]*):lambda:(eusc-)?[a-z]{2}((-gov)|(-iso([a-z]?)))?-[a-z]+-\\d{1}:\\d{12}:(function:[a-zA-Z0-9-_]+(:(\\$LATEST|[a-zA-Z0-9-_]+))?|layer:([a-zA-Z0-9-_]+)|code-signing-config:csc-[a-z0-9]{17}|event-source-mapping:[0-9a-fA-F]{8}-[0-9a-fA-F]{4}-[0-9a-fA-F]{4}-[0-9a-fA-F]{4}-[0-9a-fA-F]{12}|capacity-provider:[a-zA-Z0-9-_]+)';

/** A tagged resource: its tags, and how to replace them. */
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
        tagged.set(withoutKeys(tagged.tags, TagKeys));
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
  checkConstraints('ValidationException', [['resource', arn, { pattern: taggablePattern }]]);
  const reference = readReference(cloud, arn);
  if (reference.qualifier !== '') {
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
