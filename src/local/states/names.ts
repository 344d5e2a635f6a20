// Names, texts in JSON and tags of Step Functions' resources.
// https://docs.aws.amazon.com/step-functions/latest/apireference/API_CreateStateMachine.html
import type { Tag } from '@aws-sdk/client-sfn';
import { AwsError, type Operations } from '../cloud.ts';
import { checkConstraints } from '../constraint.ts';
import { withoutKeys } from '../without-keys.ts';
import { readArn, type StatesState, type Tags } from './state.ts';

/** Without white space, brackets, wildcards, special and control characters. */
export function checkName(name: string, member = 'name'): void {
  checkConstraints('ValidationException', [[member, name, { min: 1, max: 80 }]]);
  // biome-ignore lint/suspicious/noControlCharactersInRegex: the characters that AWS refuses
  if (/[\s<>{}[\]?*"#%\\^|~`$&,;:/\u0000-\u001f\u007f-\u009f]/.test(name)) {
    throw new AwsError('InvalidName', `Invalid Name: '${name}'`);
  }
}

/** In the words of AWS's parser, where they are known. */
export function jsonProblem(text: string): string | undefined {
  if (text.trim() === '') return 'Invalid execution input.';
  try {
    JSON.parse(text);
    return undefined;
  } catch (error) {
    const token = /^\s*([A-Za-z_]\w*)/.exec(text)?.[1];
    if (token !== undefined) {
      return `Unrecognized token '${token}': was expecting (JSON String, Number, Array, Object or token 'null', 'true' or 'false')`;
    }
    const [, character] = /^\s*\{\s*([^"}\s])/.exec(text) ?? [];
    if (character !== undefined) {
      return `Unexpected character ('${character}' (code ${character.charCodeAt(0)})): was expecting double-quote to start field name`;
    }
    return error instanceof Error ? error.message : String(error);
  }
}

export function invalidToken(): AwsError {
  return new AwsError('InvalidToken', `Invalid Token: 'Invalid token'`);
}

export function tagsOf(tags: readonly Tag[] | undefined): Tags {
  return Object.fromEntries((tags ?? []).map(({ key = '', value = '' }) => [key, value]));
}

const mostTags = 50;

export function tagOperations(state: StatesState): Operations<'states'> {
  const onResource = { resource: ({ resourceArn }: { resourceArn: string | undefined }) => resourceArn };
  /** The tags of a resource, and how to change them. */
  const find = (arn: string | undefined): { tags: Tags; change: (tags: Tags) => void } => {
    const [name = '', qualifier] = readArn(arn, 'stateMachine', 'activity');
    const machine = state.machines.get(name);
    const activity = state.activities.get(name);
    if (arn?.includes(':stateMachine:') && qualifier === undefined && machine !== undefined) {
      return { tags: machine.tags, change: (tags) => state.machines.set(name, { ...machine, tags }) };
    }
    if (arn?.includes(':activity:') && activity !== undefined) {
      return { tags: activity.tags, change: (tags) => state.activities.set(name, { ...activity, tags }) };
    }
    throw new AwsError('ResourceNotFound', `Resource not found: '${arn}'`, 400, { resourceName: arn });
  };
  return {
    TagResource: {
      members: ['resourceArn', 'tags'],
      authorize: onResource,
      run({ resourceArn, tags }) {
        const found = find(resourceArn);
        const all = { ...found.tags, ...tagsOf(tags) };
        if (Object.keys(all).length > mostTags) {
          throw new AwsError('TooManyTags', `Too Many Tags: '${resourceArn}'`, 400, { resourceName: resourceArn });
        }
        found.change(all);
        return {};
      },
    },
    UntagResource: {
      members: ['resourceArn', 'tagKeys'],
      authorize: onResource,
      run({ resourceArn, tagKeys = [] }) {
        const { tags, change } = find(resourceArn);
        change(withoutKeys(tags, tagKeys));
        return {};
      },
    },
    ListTagsForResource: {
      members: ['resourceArn'],
      authorize: onResource,
      run: ({ resourceArn }) => ({
        tags: Object.entries(find(resourceArn).tags).map(([key, value]) => ({ key, value })),
      }),
    },
  };
}
