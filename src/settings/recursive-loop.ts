// What Lambda does when a function and a queue or topic call each other in a loop.
import { oneOf } from '../base/schema.ts';
import type { Setting } from './setting.ts';

export const recursiveLoop: Setting<'Allow' | 'Terminate'> = {
  schema: oneOf(['Terminate', 'Allow'], 'Whether Lambda stops recursive calls through a queue or topic.', {
    default: 'Terminate',
    examples: ['Allow'],
    aws: 'https://docs.aws.amazon.com/lambda/latest/dg/invocation-recursion.html',
  }),
  compile: (RecursiveLoop) => ({ properties: { RecursiveLoop } }),
};
