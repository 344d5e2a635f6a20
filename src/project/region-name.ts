// The name of an AWS region.
import { text } from '../base/schema.ts';

export const region = text({
  pattern: /^[a-z]{2,4}(-[a-z]+)+-\d$/,
  expected: 'a region such as eu-west-1',
});
