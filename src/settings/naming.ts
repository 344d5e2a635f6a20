// The name and the description of a function.
import { described, text } from '../base/schema.ts';
import type { Setting } from './setting.ts';

export const description: Setting<string> = {
  schema: described('A description, shown next to the name in AWS.', text({ longest: 256 }), {
    examples: ['Takes orders over HTTP'],
  }),
  functionOnly: true,
  compile: (Description) => ({ properties: { Description } }),
};

/** https://docs.aws.amazon.com/lambda/latest/api/API_CreateFunction.html: 64 characters. */
export const functionName: Setting<string> = {
  schema: described(
    'The name in AWS. Under defaults, a template for all names, with ${function} for the name in this file.',
    text({ pattern: /^[A-Za-z0-9_-]{1,64}$/, expected: 'a name of letters, digits, - and _, at most 64' }),
    { default: '${name}-${env}-${function}', examples: ['${name}_${env}_${function}'] },
  ),
  elsewhere: ['nameTemplate', 'name'],
};
