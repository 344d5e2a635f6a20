// What users may write for events of buses, what they become, and that they arrive on the local AWS.
import { describe, expect, test } from 'vitest';
import { compiled, projectOf, today } from '../../test/support/project.ts';
import type { FxError, Problem } from '../base/error.ts';
import { readAll, type Schema } from '../base/schema.ts';
import { parseLocated } from '../base/yaml.ts';
import { checkEvents } from '../project/event-uses.ts';
import { eventbridge } from './eventbridge.ts';

function read(yaml: string) {
  const { value, problems } = readAll(eventbridge.schema as Schema<unknown>, parseLocated(yaml, 'f', []).value);
  return problems.length > 0 ? problems.map(({ at, message }) => `${at.line}:${at.column} ${message}`) : value;
}

test('an event is a pattern, of the default bus or another', () => {
  expect(read('{pattern: {source: [shop]}}')).toEqual({ pattern: { source: ['shop'] }, bus: 'default', enabled: true });
  expect(read('{bus: {Ref: Bus}, pattern: {account: [{Ref: "AWS::AccountId"}]}}')).toMatchObject({
    bus: { Ref: 'Bus' },
  });
});

const invalid = 'this event pattern is not valid:';
test.each([
  ['{bus: a}', '1:1 missing key "pattern" (an event pattern)'],
  ['pattern: {}', `1:10 ${invalid} Empty objects are not allowed`],
  ['pattern:\n  source: shop', `2:3 ${invalid} "source" must be an object or an array`],
  ['pattern:\n  source:\n    - shop\n    - prefx: a', `4:7 ${invalid} Unrecognized match type prefx`],
  ['pattern:\n  detail:\n    total: [{numeric: [">", x]}]', `3:29 ${invalid} Value of > must be numeric`],
  ['pattern:\n  $or:\n    - a: [b]', `2:3 ${invalid} There must have at least 2 Objects in $or relationship.`],
  ['pattern: {a: [{cidr: 10.0.0.0/33}]}', `1:16 ${invalid} IPv4 mask bits must be < 32`],
  [`pattern: {a: [${'x'.repeat(4100)}]}`, '1:10 this event pattern has 4110 characters; AWS takes at most 4096'],
  ['{pattern: {a: [b]}, input: 1, inputPath: $.a}', '1:1 input and inputPath exclude each other'],
  ['{pattern: {a: [b]}, inputPath: a}', '1:32 expected a path such as $.detail.id, found "a"'],
  ['{pattern: {a: [b]}, eventBus: a}', '1:21 "eventBus" is called `bus` here'],
])('%s is refused', (yaml, problem) => {
  expect(read(yaml)).toEqual([problem]);
});

describe('in a project', () => {
  const text = (events: string, more = '') =>
    `name: s\nfunctions: {a: {handler: a.handler, events: [${events}]}}\n${more}`;
  const check = async (events: string, more = '') => {
    const messages = (found: readonly Problem[]) => found.map(({ message }) => message);
    try {
      return { problems: [], warnings: messages(checkEvents(await projectOf(text(events, more)), today).warnings) };
    } catch (error) {
      return { problems: messages((error as FxError).problems), warnings: [] };
    }
  };
  const bus = (name: string, more = '') => `{eventbridge: {bus: "${name}", pattern: {source: [a]}${more}}}`;

  test.each([
    [
      bus('arn:aws:sqs:us-east-1:111122223333:q'),
      '"arn:aws:sqs:us-east-1:111122223333:q" is not the ARN of an event bus',
    ],
    [
      bus('arn:aws:events:eu-west-1:111122223333:event-bus/b'),
      'the event bus is in eu-west-1, but the function is in us-east-1: a rule is in the region of its bus',
    ],
    [bus('Queue'), '"Queue" is AWS::SQS::Queue, not AWS::Events::EventBus'],
    [`${bus('b', ', name: n')}, ${bus('b', ', name: n')}`, 'two rules have the name "n"'],
    [bus('default', ', deadLetters: Qeue'), 'there is no queue "Qeue" under resources'],
  ])('%s: %s', async (events, message) => {
    expect((await check(events, 'resources: {Queue: {Type: AWS::SQS::Queue}}\n')).problems).toEqual([message]);
  });

  test('a bus that nearly has the name of one of the project is a warning, another one is not', async () => {
    const section = 'eventbridge: {buses: {orders: {}}}\n';
    expect((await check(bus('ordres'), section)).warnings).toEqual([
      'the project has no event bus "ordres", so one of this name must exist in AWS',
    ]);
    expect(await check(`${bus('orders')}, ${bus('company')}`, section)).toEqual({ problems: [], warnings: [] });
  });

  test('each rule may call the function by its own ARN, and a made queue takes dead letters of that rule only', async () => {
    const { template } = await compiled(text(`${bus('default', ', deadLetters: true')}, ${bus('b')}`));
    const { ARule, ARulePermission, ARule2Permission, ARuleDeadLettersPolicy } = template.Resources;
    expect(ARule?.Properties).not.toHaveProperty('EventBusName');
    expect(ARulePermission?.Properties?.['SourceArn']).toEqual({ 'Fn::GetAtt': ['ARule', 'Arn'] });
    expect(ARule2Permission?.Properties?.['SourceArn']).toEqual({ 'Fn::GetAtt': ['ARule2', 'Arn'] });
    expect(JSON.stringify(ARuleDeadLettersPolicy)).toContain('{"aws:SourceArn":{"Fn::GetAtt":["ARule","Arn"]}}');
  });
});
