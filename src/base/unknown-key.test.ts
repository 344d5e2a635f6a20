import { expect, test } from 'vitest';
import { unknownKey } from './unknown-key.ts';

test('of two keys that are as near, suggests the one that is not given yet', () => {
  const known = ['authorizers', 'authorizer'];
  expect(unknownKey('authorizerx', known, { given: ['authorizers', 'authorizerx'] })[1]).toMatch(
    /^did you mean "authorizer"\?/,
  );
  expect(unknownKey('authorizerx', known, { given: ['authorizer', 'authorizerx'] })[1]).toMatch(
    /^did you mean "authorizers"\?/,
  );
});

test('suggests a key that is given if no other is near', () => {
  expect(unknownKey('timeuot', ['timeout', 'memory'], { given: ['timeout', 'timeuot'] })[1]).toMatch(
    /^did you mean "timeout"\?/,
  );
});
