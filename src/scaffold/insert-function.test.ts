// A function is put into project.yml; every other character of the file stays.
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { parse } from 'yaml';
import { intrinsicTags } from '../cfn/intrinsic-tags.ts';
import { eventSources } from '../events/index.ts';
import { insertFunction } from './insert-function.ts';

const added = { name: 'orders', settings: { handler: 'src/orders.handler' }, events: ['http: GET /orders'] };
const lines = (indent: string) =>
  ['orders:', '  handler: src/orders.handler', '  events:', '    - http: GET /orders']
    .map((line) => `${indent}${line}\n`)
    .join('');

test('after the last function, in the indentation of the others, before what follows', () => {
  const before = '# mine\nname: shop   # short\nfunctions:\n    hello: {handler: a.handler}   # one line\n';
  const after = '\n# tables\nresources: {}\n';
  expect(insertFunction(before + after, added)).toEqual({ text: before + lines('    ') + after, line: 5 });
});

test('with the blank line that separates the others, after comments that are in the last function', () => {
  const before =
    'functions:\n  a:\n    handler: a.handler\n\n  # the second\n  b:\n    handler: b.handler\n    # events: []\n\n    # timeout: 3s\n';
  const after = '# at the end\n';
  expect(insertFunction(before + after, added)?.text).toBe(`${before}\n${lines('  ')}${after}`);
});

test('a function whose last value is a list, a text or nothing', () => {
  const heads = [
    'functions:\n  a:\n    events:\n      - http: GET /\n      - sqs:\n          queue: Jobs\n',
    'functions:\n  a:\n    permissions:\n      - s3:GetObject on Images\n',
    'functions:\n  a:\n    description: |\n      two\n      lines\n',
    'functions:\n  a:\n    vpc:\n',
    'functions:\n  a:\n    variables: {TABLE: !Ref Orders}\n',
  ];
  for (const head of heads)
    for (const tail of ['', 'name: shop\n'])
      expect(insertFunction(head + tail, added)?.text).toBe(head + lines('  ') + tail);
});

test('a file without functions, with none, and without a line end', () => {
  expect(insertFunction('', added)).toEqual({ text: `functions:\n${lines('  ')}`, line: 2 });
  expect(insertFunction('name: shop', added)).toEqual({ text: `name: shop\n\nfunctions:\n${lines('  ')}`, line: 4 });
  expect(insertFunction('name: shop\nfunctions:\n', added)?.text).toBe(`name: shop\nfunctions:\n${lines('  ')}`);
  expect(insertFunction('functions: {}   # none\nname: shop\n', added)?.text).toBe(
    `functions:   # none\n${lines('  ')}name: shop\n`,
  );
  expect(insertFunction('functions: {a: {handler: a.handler}} # one\n', added)?.text).toBe(
    'functions: {a: {handler: a.handler}, orders: {handler: src/orders.handler, events: [{"http":"GET /orders"}]}} # one\n',
  );
});

test('an event of several lines, and none', () => {
  const several = { ...added, events: ['sqs:\n  queue: !Ref Jobs', 'schedule: rate(1 hour)'] };
  expect(insertFunction('', several)?.text).toContain(
    '    events:\n      - sqs:\n          queue: !Ref Jobs\n      - schedule: rate(1 hour)\n',
  );
  expect(insertFunction('', { ...added, events: [] })?.text).toBe(
    'functions:\n  orders:\n    handler: src/orders.handler\n',
  );
  expect(insertFunction('all: &all {a: {handler: a.handler}}\nfunctions: *all\n', added)).toBeUndefined();
});

test('every source of events, by its example', () => {
  for (const { kind, docs } of Object.values(eventSources)) {
    const { text = '' } = insertFunction('name: shop\n', { ...added, events: [docs.example] }) ?? {};
    const { functions } = parse(text, { customTags: [...intrinsicTags] });
    expect(Object.keys(functions.orders.events[0]), docs.example).toEqual([kind]);
  }
});

const comment = fc.constantFrom('', '  # note', '   # and: more');
const value = fc.constantFrom(
  '{handler: a.handler}',
  '\n    handler: a.handler',
  '\n    handler: a.handler\n    events:\n      - http: GET /\n      # - http: PUT /',
  '\n    description: >-\n      long\n\n      text\n    handler: a.handler',
);
const section = fc.constantFrom('name: shop\n', '# a comment\n', '\n', 'defaults: {memory: 128}\n');

test('property: what was there stays, as text and as values, and the function is added', () => {
  fc.assert(
    fc.property(
      fc.uniqueArray(section, { maxLength: 3 }),
      fc.array(fc.tuple(value, comment, fc.boolean()), { minLength: 1, maxLength: 3 }),
      fc.uniqueArray(fc.constantFrom('resources: {}\n', '# the end\n', '\noutputs: {}\n')),
      (head, functions, tail) => {
        const each = functions.map(
          ([text, note, isSpaced], index) => `${isSpaced && index > 0 ? '\n' : ''}  f${index}: ${text}${note}\n`,
        );
        const file = `${head.join('')}functions:\n${each.join('')}${tail.join('')}`;
        const inserted = insertFunction(file, added)?.text ?? '';
        const place = inserted.indexOf(lines('  '));
        expect(place).toBeGreaterThan(0);
        const before = inserted.slice(0, place);
        const after = inserted.slice(place + lines('  ').length);
        // perhaps with the blank line that separates it
        expect([before + after, before.slice(0, -1) + after]).toContain(file);
        const own = { handler: 'src/orders.handler', events: [{ http: 'GET /orders' }] };
        const was = parse(file);
        expect(parse(inserted)).toEqual({ ...was, functions: { ...was.functions, orders: own } });
      },
    ),
  );
});
