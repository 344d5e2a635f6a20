// Tags of one function, added to the project's.
import { described, mapOf, text } from '../base/schema.ts';
import type { Setting } from './setting.ts';

export const tagKey = {
  pattern: /^(?!aws:)[\p{L}\p{Z}\p{N}_.:/=+\-@]{1,128}$/u,
  expected: 'a tag key (at most 128 characters, not beginning with aws:)',
};
export const tagValue = text({
  pattern: /^[\p{L}\p{Z}\p{N}_.:/=+\-@]{0,256}$/u,
  expected: 'a tag value (text, with numbers in quotes; at most 256 letters, digits, spaces and _.:/=+-@)',
});
/** A resource can have 50 user tags. */
const mostTags = 50;

export const tags: Setting<ReadonlyMap<string, string>> = {
  schema: described('Tags of the function, added to those of the project.', mapOf(tagValue, tagKey), {
    examples: [{ team: 'checkout' }],
    aws: 'https://docs.aws.amazon.com/lambda/latest/dg/configuration-tags.html',
  }),
  check: ({ size }) =>
    size > mostTags ? { message: `a function has at most ${mostTags} tags, found ${size}` } : undefined,
  compile: (values) => ({ properties: { Tags: [...values].map(([Key, Value]) => ({ Key, Value })) } }),
};
