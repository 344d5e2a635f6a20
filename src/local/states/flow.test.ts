// State machines at work: data, choices, branches, errors, and time, in both query languages.
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Cloud } from '../cloud.ts';
import { startWithClock } from '../fixture.ts';
import { createMachine, finish, history, reached, run, start } from './test-states.ts';

let local: Awaited<ReturnType<typeof startWithClock>>;
let cloud: Cloud;
beforeAll(async () => {
  local = await startWithClock();
  cloud = local.cloud;
});
afterAll(() => local[Symbol.asyncDispose]());

const succeeded = (output: unknown) => ({ status: 'SUCCEEDED', output });
const failing = { Type: 'Fail', Error: 'Broken', Cause: 'on purpose' };

describe('the data of states', () => {
  test('a Pass state selects, fills, and merges', async () => {
    const state = {
      Type: 'Pass',
      InputPath: '$.order',
      Parameters: { 'id.$': '$.id', fixed: 1, 'where.$': '$$.State.Name', nested: [{ 'first.$': '$.lines[0]' }] },
      ResultPath: '$.made.here',
      OutputPath: '$.made',
      End: true,
    };
    const input = { order: { id: 'o1', lines: ['a', 'b'] } };
    const here = { id: 'o1', fixed: 1, where: 'Fill', nested: [{ first: 'a' }] };
    expect(await run(cloud, { Fill: state }, input)).toEqual(succeeded({ here }));
  });

  test.each([
    ["States.Format('{} has \\{{}\\}', $.name, $.list[1])", 'Ann has {2}'],
    ['States.ArrayPartition($.list, 2)', [[1, 2], [3]]],
    ['States.ArrayRange(1, 9, 4)', [1, 5, 9]],
    ['States.ArrayGetItem($.list, 2)', 3],
    ['States.ArrayLength($.list)', 3],
    ['States.ArrayUnique(States.Array(1, 1, 2))', [1, 2]],
    ['States.ArrayContains($.list, 3)', true],
    ["States.Base64Decode(States.Base64Encode('é'))", 'é'],
    ["States.Hash('x', 'MD5')", '9dd4e461268c8034f5c8564e155c67a6'],
    ['States.JsonMerge($.left, $.right, false)', { a: 1, b: 2 }],
    ["States.StringToJson('[1]')", [1]],
    ['States.JsonToString($.left)', '{"a":1}'],
    ['States.MathAdd(1, -3)', -2],
    ["States.StringSplit('a-b+c', '-+')", ['a', 'b', 'c']],
  ])('%s', async (call, value) => {
    const state = { Type: 'Pass', Parameters: { 'value.$': call }, End: true };
    const input = { name: 'Ann', list: [1, 2, 3], left: { a: 1 }, right: { b: 2 } };
    expect(await run(cloud, { Call: state }, input)).toEqual(succeeded({ value }));
  });

  test('a path that leads nowhere fails the execution, and no States.ALL catches it', async () => {
    const state = { Type: 'Pass', Parameters: { 'id.$': '$.missing' }, End: true };
    expect(await run(cloud, { Read: state }, { a: 1 })).toEqual({
      status: 'FAILED',
      error: 'States.Runtime',
      cause: `An error occurred while executing the state 'Read' (entered at the event id #2). The JSONPath '$.missing' specified for the field 'id.$' could not be found in the input '{"a":1}'`,
    });
  });

  test('variables are assigned, seen in branches, and left alone by them', async () => {
    const branch = {
      StartAt: 'In',
      States: { In: { Type: 'Pass', Parameters: { 'seen.$': '$count' }, Assign: { count: 9 }, End: true } },
    };
    const states = {
      Set: { Type: 'Pass', Assign: { count: 1, 'name.$': '$.name' }, Next: 'Both' },
      Both: { Type: 'Parallel', Branches: [branch], ResultPath: '$.seen', Next: 'Use' },
      Use: {
        Type: 'Pass',
        Parameters: { 'count.$': '$count', 'name.$': '$name', 'seen.$': '$.seen[0].seen' },
        End: true,
      },
    };
    expect(await run(cloud, states, { name: 'x' })).toEqual(succeeded({ count: 1, name: 'x', seen: 1 }));
  });

  test('JSONata computes arguments, output and variables', async () => {
    const states = {
      Sum: {
        Type: 'Pass',
        Assign: { total: '{% $sum($states.input.lines.price) %}', parts: '{% $partition([1..5], 2) %}' },
        Output: { lines: '{% $count($states.input.lines) %}', name: '{% $states.context.State.Name %}' },
        Next: 'Check',
      },
      Check: {
        Type: 'Choice',
        Choices: [{ Condition: '{% $total > 10 and $states.input.lines = 2 %}', Output: '{% $parts %}', Next: 'Big' }],
        Default: 'Small',
      },
      Big: { Type: 'Succeed', Output: { parts: '{% $states.input %}', total: '{% $total %}' } },
      Small: { Type: 'Fail', Error: '{% "Small" & $total %}' },
    };
    const machine = { QueryLanguage: 'JSONata' };
    const input = { lines: [{ price: 4 }, { price: 8 }] };
    expect(await run(cloud, states, input, { machine })).toEqual(
      succeeded({ parts: [[1, 2], [3, 4], [5]], total: 12 }),
    );
    expect(await run(cloud, states, { lines: [{ price: 1 }] }, { machine })).toMatchObject({ error: 'Small1' });
  });

  test('a JSONata expression without a value is an event and an error', async () => {
    const states = { Read: { Type: 'Pass', QueryLanguage: 'JSONata', Output: '{% $states.input.none %}', End: true } };
    const arn = await start(cloud, await createMachine(cloud, states));
    const cause = `An error occurred while executing the state 'Read' (entered at the event id #2). The JSONata expression '$states.input.none' specified for the field 'Output' returned nothing (undefined).`;
    expect(await finish(cloud, arn)).toMatchObject({ error: 'States.QueryEvaluationError', cause });
    expect((await history(cloud, arn))[2]).toMatchObject({
      type: 'EvaluationFailed',
      evaluationFailedEventDetails: { location: 'Output', state: 'Read', error: 'States.QueryEvaluationError', cause },
    });
  });

  test('an output of more than 256 KB ends the execution', async () => {
    const state = { Type: 'Pass', Parameters: { 'twice.$': 'States.Array($.text, $.text)' }, End: true };
    const ended = await run(cloud, { Double: state }, { text: 'x'.repeat(140_000) });
    expect(ended).toMatchObject({ status: 'FAILED', error: 'States.DataLimitExceeded' });
  });
});

describe('choices', () => {
  const time = '2026-11-26T08:00:00Z';
  test.each([
    [{ Variable: '$.n', NumericGreaterThanEquals: 5 }, true],
    [{ Variable: '$.n', NumericLessThan: 5 }, false],
    [{ Variable: '$.s', NumericEquals: 5 }, false],
    [{ Variable: '$.n', NumericEqualsPath: '$.same' }, true],
    [{ Variable: '$.s', StringLessThan: 'b' }, true],
    [{ Variable: '$.s', StringMatches: 'a*c' }, true],
    [{ Variable: '$.star', StringMatches: 'a\\*c' }, true],
    [{ Variable: '$.s', StringMatches: 'a\\*c' }, false],
    [{ Variable: '$.t', TimestampGreaterThan: '2026-11-26T09:59:59+02:00' }, true],
    [{ Variable: '$.t', IsTimestamp: true }, true],
    [{ Variable: '$.s', IsTimestamp: false }, true],
    [{ Variable: '$.null', IsNull: true }, true],
    [{ Variable: '$.none', IsPresent: false }, true],
    [{ Variable: '$.b', BooleanEquals: true }, true],
    [{ Not: { Variable: '$.b', IsBoolean: true } }, false],
    [
      {
        And: [
          { Variable: '$.b', IsBoolean: true },
          { Variable: '$.n', IsString: true },
        ],
      },
      false,
    ],
    [
      {
        Or: [
          { Variable: '$.n', IsNumeric: true },
          { Variable: '$.none', IsString: true },
        ],
      },
      true,
    ],
  ])('%j is %s', async (rule, expected) => {
    const states = {
      Decide: { Type: 'Choice', Choices: [{ ...rule, Next: 'Yes' }], Default: 'No' },
      Yes: { Type: 'Pass', Result: true, End: true },
      No: { Type: 'Pass', Result: false, End: true },
    };
    const input = { n: 5, same: 5, s: 'abc', star: 'a*c', t: time, null: null, b: true };
    expect(await run(cloud, states, input)).toEqual(succeeded(expected));
  });

  test('nothing that matches, and a variable that is missing', async () => {
    const choice = (rule: object) => ({
      Decide: { Type: 'Choice', Choices: [{ ...rule, Next: 'Yes' }] },
      Yes: { Type: 'Succeed' },
    });
    expect(await run(cloud, choice({ Variable: '$.a', IsNull: true }), { a: 1 })).toMatchObject({
      error: 'States.NoChoiceMatched',
    });
    expect(await run(cloud, choice({ Variable: '$.b', NumericEquals: 1 }), { a: 1 })).toMatchObject({
      error: 'States.Runtime',
      cause: expect.stringContaining(
        "Invalid path '$.b': The choice state's condition path references an invalid value.",
      ),
    });
  });
});

describe('branches', () => {
  const each = (state: object) => ({ StartAt: 'Each', States: { Each: { Type: 'Pass', End: true, ...state } } });

  test('Map works on items, with the events of AWS', async () => {
    const map = {
      Type: 'Map',
      ItemsPath: '$.items',
      ItemSelector: { 'index.$': '$$.Map.Item.Index', 'value.$': '$$.Map.Item.Value', 'unit.$': '$.unit' },
      ItemProcessor: each({}),
      MaxConcurrency: 1,
      ResultPath: '$.done',
      End: true,
    };
    const arn = await start(cloud, await createMachine(cloud, { Map: map }), { items: ['a', 'b'], unit: 'kg' });
    expect(JSON.parse((await finish(cloud, arn)).output ?? '')).toEqual({
      items: ['a', 'b'],
      unit: 'kg',
      done: [
        { index: 0, value: 'a', unit: 'kg' },
        { index: 1, value: 'b', unit: 'kg' },
      ],
    });
    expect((await history(cloud, arn)).map(({ type, id, previousEventId }) => [type, id, previousEventId])).toEqual([
      ['ExecutionStarted', 1, 0],
      ['MapStateEntered', 2, 0],
      ['MapStateStarted', 3, 2],
      ['MapIterationStarted', 4, 3],
      ['PassStateEntered', 5, 4],
      ['PassStateExited', 6, 5],
      ['MapIterationSucceeded', 7, 6],
      ['MapIterationStarted', 8, 6],
      ['PassStateEntered', 9, 8],
      ['PassStateExited', 10, 9],
      ['MapIterationSucceeded', 11, 10],
      ['MapStateSucceeded', 12, 11],
      ['MapStateExited', 13, 11],
      ['ExecutionSucceeded', 14, 13],
    ]);
  });

  test('Map of JSONata', async () => {
    const map = {
      Type: 'Map',
      Items: '{% $states.input.items %}',
      ItemSelector: { twice: '{% $states.context.Map.Item.Value * 2 %}' },
      ItemProcessor: each({ Output: '{% $states.input.twice + 1 %}' }),
      Output: '{% $sum($states.result) %}',
      End: true,
    };
    const machine = { QueryLanguage: 'JSONata' };
    expect(await run(cloud, { Map: map }, { items: [1, 2, 3] }, { machine })).toEqual(succeeded(15));
  });

  test('a branch that fails ends those beside it', async () => {
    const wait = { StartAt: 'Wait', States: { Wait: { Type: 'Wait', Seconds: 99_999, End: true } } };
    const states = {
      Both: {
        Type: 'Parallel',
        Branches: [wait, { StartAt: 'Fail', States: { Fail: failing } }],
        Catch: [{ ErrorEquals: ['States.ALL'], ResultPath: '$.error', Next: 'After' }],
        End: true,
      },
      After: { Type: 'Pass', End: true },
    };
    expect(await run(cloud, states, { a: 1 })).toEqual(
      succeeded({ a: 1, error: { Error: 'Broken', Cause: 'on purpose' } }),
    );
  });

  test('an item that fails', async () => {
    const map = { Type: 'Map', ItemProcessor: { StartAt: 'No', States: { No: failing } }, End: true };
    const arn = await start(cloud, await createMachine(cloud, { Map: map }), [1]);
    expect(await finish(cloud, arn)).toMatchObject({ status: 'FAILED', error: 'Broken', cause: 'on purpose' });
    const events = (await history(cloud, arn)).map(({ type, id, previousEventId }) => [type, id, previousEventId]);
    expect(events.slice(4)).toEqual([
      ['FailStateEntered', 5, 4],
      ['MapIterationFailed', 6, 5],
      ['MapStateFailed', 7, 5],
      ['ExecutionFailed', 8, 7],
    ]);
  });
});

describe('time', () => {
  test('Wait waits by the local clock, and a machine has a time limit', async () => {
    const wait = (fields: object) => ({ Wait: { Type: 'Wait', ...fields, End: true } });
    const limit = { machine: { TimeoutSeconds: 30 } };
    const arns = [
      await start(cloud, await createMachine(cloud, wait({ Seconds: 60 }))),
      await start(cloud, await createMachine(cloud, wait({ SecondsPath: '$.s' })), { s: 60 }),
      await start(cloud, await createMachine(cloud, wait({ Seconds: 60 }), limit)),
    ];
    for (const arn of arns) await reached(cloud, arn, 'WaitStateEntered');
    await local.clock.advance(59_000);
    const statuses = async () =>
      Promise.all(
        arns.map(async (executionArn) => (await cloud.call('states', 'DescribeExecution', { executionArn })).status),
      );
    expect(await statuses()).toEqual(['RUNNING', 'RUNNING', 'TIMED_OUT']);
    await local.clock.advance(1000);
    expect((await Promise.all(arns.map((arn) => finish(cloud, arn)))).map(({ status }) => status)).toEqual([
      'SUCCEEDED',
      'SUCCEEDED',
      'TIMED_OUT',
    ]);
    expect(await run(cloud, wait({ TimestampPath: '$.at' }), { at: 'soon' })).toMatchObject({
      error: 'States.Runtime',
      cause: expect.stringContaining(
        'The TimestampPath parameter does not reference a valid ISO-8601 extended offset date-time format string: $.at == soon',
      ),
    });
  });

  test('an execution that is stopped', async () => {
    const arn = await start(cloud, await createMachine(cloud, { Wait: { Type: 'Wait', Seconds: 60, End: true } }));
    await reached(cloud, arn, 'WaitStateEntered');
    await cloud.call('states', 'StopExecution', { executionArn: arn, error: 'Enough', cause: 'of it' });
    expect(await finish(cloud, arn)).toMatchObject({ status: 'ABORTED', error: 'Enough', cause: 'of it' });
    expect((await history(cloud, arn)).at(-1)).toMatchObject({
      ...{ type: 'ExecutionAborted', id: 3, previousEventId: 0 },
      executionAbortedEventDetails: { error: 'Enough', cause: 'of it' },
    });
  });
});
