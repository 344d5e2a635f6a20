// The error of several projects, of which some failed.
import { expect, test } from 'vitest';
import { FxError } from '../../base/error.ts';
import { failure, type Outcome } from './outcome.ts';

const of = (project: string, error?: unknown): Outcome => ({ project, code: 0, value: undefined, error });
const textOf = (error: unknown) => (error instanceof FxError ? [error.code, error.message, error.hint] : error);
const deploy = { order: 'dependencies first' } as const;

test('the error is the first failure; its hint has the rest', () => {
  const at = { file: 'project.yml', line: 1, column: 1, length: 1 };
  const invalid = new FxError('PROJECT_INVALID', 'b has a problem', { problems: [{ at, message: 'wrong' }] });
  const outcomes = [of('c', new FxError('BUSY', 'in use', { hint: 'wait' })), of('a'), of('b', invalid)];
  const error = failure(outcomes, ['d'], deploy);
  expect(textOf(error)).toEqual([
    'BUSY',
    'c: in use',
    'wait\nb failed too: b has a problem\ndone: a; not begun: d; the same command goes on from there',
  ]);
  expect(error).toMatchObject({ problems: [{ message: 'wrong' }] });
  expect(textOf(failure(outcomes, [], { order: 'any' }))).toEqual([
    'BUSY',
    'c: in use',
    'wait\nb failed too: b has a problem',
  ]);
  expect(failure([of('a')], [], deploy)).toBeUndefined();
  expect(textOf(failure([of('a', new FxError('BUSY', 'in use'))], [], deploy))).toEqual([
    'BUSY',
    'a: in use',
    undefined,
  ]);
});

test('an option for one project says so', () => {
  const declined = new FxError('DECLINED', 'no', { hint: 'add --allow-replace Jobs' });
  expect(textOf(failure([of('a', declined)], ['b'], deploy))).toEqual([
    'DECLINED',
    'a: no',
    'add --allow-replace Jobs\n--allow-replace is for one project: combine it with --project a\nnot begun: b',
  ]);
});

test('an interruption is reported once', () => {
  const later = new FxError('INTERRUPTED', 'interrupted', { hint: 'CloudFormation continues' });
  const outcomes = [of('a'), of('b', later), of('c', later), of('d', new Error('aborted'))];
  expect(textOf(failure(outcomes, ['e'], deploy))).toEqual([
    'INTERRUPTED',
    'b, c: interrupted',
    'CloudFormation continues\ndone: a; not begun: e; the same command goes on from there',
  ]);
});

test('a bug is shown as it is', () => {
  const bug = new Error('bug');
  expect(failure([of('a', new FxError('BUSY', 'in use')), of('b', bug)], [], deploy)).toBe(bug);
});
