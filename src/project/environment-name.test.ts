import fc from 'fast-check';
import { expect, test } from 'vitest';
import { environmentNameFor, environmentPattern, refuseName } from './environment-name.ts';

test('any text gives a valid name, and the same text the same one', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'binary' }), (text) => {
      expect(environmentNameFor(text)).toMatch(environmentPattern);
      expect(environmentNameFor(text)).toBe(environmentNameFor(text));
    }),
  );
});

test('a short branch keeps its name; long ones that differ at the end stay different', () => {
  expect(environmentNameFor('pr-1234')).toBe('pr-1234');
  expect(environmentNameFor('Feature/Login_2')).toBe('feature-login-2');
  expect(environmentNameFor('2024-hotfix')).toBe('e-2024-hotfix');
  const [one, other] = ['a', 'b'].map((end) => environmentNameFor(`pr-1234-long-branch-name-of-some-feature-${end}`));
  expect(one).toMatch(/^pr-1234-lon/);
  expect(one).not.toBe(other);
});

test.each([
  ['pr-1234-long-branch-name-of-some-feature', 'it is 40 characters long, 20 too many'],
  ['pr-FEATURE', 'it has capital letters'],
  ['pr_1', 'it has characters other than letters, digits and -'],
  ['1-pr', 'it does not begin with a letter'],
])('%s: %s', (name, fault) => {
  expect(() => refuseName(name)).toThrow(`"${name}" cannot be the name of an environment: ${fault}`);
});
