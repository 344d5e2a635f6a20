import { describe, expect, test } from 'vitest';
import type { Arguments, Options } from './command.ts';
import { type Parsed, parse } from './parse.ts';

const options = {
  follow: { kind: 'flag', short: 'f', about: '' },
  logs: { kind: 'flag', short: 'l', about: '' },
  since: { kind: 'text', short: 's', value: 'time', about: '', default: '10m' },
  setFile: { kind: 'text', value: 'file', about: '' },
  param: { kind: 'repeated', value: 'name=value', about: '' },
  diff: { kind: 'variadic', value: 'environments', about: '' },
} as const satisfies Options;

const none: Arguments = {};
const oneArgument: Arguments = { path: { kind: 'optional', about: '' } };
function read(words: string, args: Arguments = none): Parsed {
  const parsed = parse(words === '' ? [] : words.split(' '), { line: 'fx x', args, options });
  return parsed === 'help' ? expect.fail('asks for help') : parsed;
}
const optionsOf = (words: string, args?: Arguments) => read(words, args).options;

describe('options', () => {
  test('that are absent have their default, false or an empty list', () => {
    expect(optionsOf('')).toEqual({
      follow: false,
      logs: false,
      since: '10m',
      setFile: undefined,
      param: [],
      diff: [],
    });
  });

  test.each([
    ['-f', { follow: true, logs: false }],
    ['-fl', { follow: true, logs: true }],
    ['--since 2h', { since: '2h' }],
    ['--since=2h', { since: '2h' }],
    ['-s 2h', { since: '2h' }],
    ['-s2h', { since: '2h' }],
    ['-fs 2h', { follow: true, since: '2h' }],
    ['--since 1h --since 2h', { since: '2h' }],
    ['--since -5', { since: '-5' }],
    ['--since=-f', { since: '-f', follow: false }],
    ['--since=', { since: '' }],
    ['--set-file a.env', { setFile: 'a.env' }],
    ['--param a=1 -f --param b=2', { param: ['a=1', 'b=2'], follow: true }],
    ['--diff staging prod', { diff: ['staging', 'prod'] }],
    ['--diff staging -f --diff prod', { diff: ['staging', 'prod'], follow: true }],
  ])('%s', (words, values) => {
    expect(optionsOf(words)).toMatchObject(values);
  });

  test('a variadic option ends at the next option and at --', () => {
    expect(read('--diff a b -f c', oneArgument)).toMatchObject({ args: { path: 'c' }, options: { diff: ['a', 'b'] } });
    expect(read('--diff a -- c', oneArgument)).toMatchObject({ args: { path: 'c' }, options: { diff: ['a'] } });
  });

  test.each([
    ['--folow', 'unknown option "--folow"', 'did you mean --follow?'],
    ['--setFile x', 'unknown option "--setFile"', 'did you mean --set-file?'],
    ['-x', 'unknown option "-x"', 'fx x --help shows its options'],
    ['--since', '"--since" needs a value: --since <time>', 'fx x --help shows its options'],
    ['--since -f', '"--since" needs a value: --since <time>', 'fx x --help shows its options'],
    ['-s', '"-s" needs a value: -s <time>', 'fx x --help shows its options'],
    ['-fs', '"-s" needs a value: -s <time>', 'fx x --help shows its options'],
    ['-fx', 'unknown option "-x"', 'fx x --help shows its options'],
    ['--folow=yes', 'unknown option "--folow"', 'did you mean --follow?'],
    ['--follow=no', '"--follow" takes no value, but has "no"', 'fx x --help shows its options'],
  ])('%s is an error', (words, message, hint) => {
    expect(() => read(words)).toThrow(expect.objectContaining({ code: 'USAGE', message, hint }));
  });

  test('named like properties of every object are unknown', () => {
    for (const name of ['--constructor', '--__proto__', '--to-string']) {
      expect(() => read(name)).toThrow(`unknown option "${name}"`);
    }
  });
});

describe('arguments', () => {
  const args: Arguments = {
    name: { kind: 'required', about: '' },
    values: { kind: 'variadic', about: '' },
  };

  test('are read in order, the rest as a list', () => {
    expect(read('a -f b c', args).args).toEqual({ name: 'a', values: ['b', 'c'] });
    expect(read('a', args).args).toEqual({ name: 'a', values: [] });
    expect(read('', oneArgument).args).toEqual({ path: undefined });
    expect(read('-- -f', oneArgument)).toMatchObject({ args: { path: '-f' }, options: { follow: false } });
  });

  test('that are missing or too many are an error', () => {
    expect(() => read('', args)).toThrow('missing argument "name"');
    expect(() => read('a')).toThrow('unexpected argument "a": fx x takes no arguments');
    expect(() => read('a b', oneArgument)).toThrow('unexpected argument "b": fx x takes one argument');
  });
});

test('an option may be named no-…', () => {
  const noWait = { kind: 'flag', about: '' } as const;
  const read = (words: readonly string[]) => parse(words, { line: 'fx x', args: {}, options: { noWait } });
  expect(read(['--no-wait'])).toEqual({ args: {}, options: { noWait: true } });
  expect(read([])).toEqual({ args: {}, options: { noWait: false } });
});

test('-h and --help ask for help, even beside invalid words, but not as a value or after --', () => {
  const help = { kind: 'flag', short: 'h', about: '' } as const;
  const asks = (words: string) =>
    parse(words.split(' '), { line: 'fx x', args: oneArgument, options: { ...options, help } }) === 'help';
  for (const words of ['-h', '--help', 'a --nope -h', '-fh', 'a b -h', '-h --since', '--since -f -h']) {
    expect([words, asks(words)]).toEqual([words, true]);
  }
  for (const words of ['-f', '-- --help', '--since=--help']) expect([words, asks(words)]).toEqual([words, false]);
  expect(() => asks('--since --help')).toThrow('"--since" needs a value');
});
