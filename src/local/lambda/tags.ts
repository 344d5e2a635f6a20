// The tags of Lambda's functions and event source mappings, which are named by ARN.
import { AwsError, type Operations } from '../cloud.ts';
import type { LambdaContext } from './context.ts';
import { existingFunction, readReference } from './names.ts';

const tagLimit = 50;

export function tagOperations({ cloud, functions }: LambdaContext): Operations<'lambda'> {
  const tagged = (arn: string | undefined) => {
    const reference = readReference(cloud, arn);
    if (reference.qualifier !== '' || !arn?.startsWith('arn:')) {
      throw new AwsError(
        'InvalidParameterValueException',
        'Tags on function aliases and versions are not supported. Please specify a function ARN.',
      );
    }
    return existingFunction(cloud, functions, reference);
  };
  return {
    TagResource({ Resource, Tags }) {
      const fn = tagged(Resource);
      const tags = { ...fn.tags, ...Tags };
      if (Object.keys(tags).length > tagLimit) {
        throw new AwsError('InvalidParameterValueException', `Number of tags exceeds resource tag limit ${tagLimit}.`);
      }
      functions.set(fn.name, { ...fn, tags });
      return {};
    },
    UntagResource({ Resource, TagKeys }) {
      const fn = tagged(Resource);
      const tags = Object.fromEntries(Object.entries(fn.tags).filter(([key]) => !TagKeys?.includes(key)));
      functions.set(fn.name, { ...fn, tags });
      return {};
    },
    ListTags: ({ Resource }) => ({ Tags: { ...tagged(Resource).tags } }),
  };
}
