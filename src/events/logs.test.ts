// `logs`: groups of functions, of resources and by name; patterns, loops and limits.
import { expect, test } from 'vitest';
import { compiled, projectOf } from '../../test/support/project.ts';
import { FxError } from '../base/error.ts';

const project = (events: string, more = '') =>
  `name: s\nregion: us-east-1\nfunctions:\n  a: {handler: a.handler, events: [${events}]}\n  b: {handler: b.handler}\n${more}`;

async function problems(text: string) {
  const error = await projectOf(text).catch((thrown: unknown) => thrown);
  if (!(error instanceof FxError)) throw new Error(`expected an FxError, got ${String(error)}`);
  return error.problems.map(({ message, hint }) => (hint === undefined ? message : `${message} | ${hint}`));
}

test('subscribes the live alias to the group of a function, which only this group of this account may call', async () => {
  const { template } = await compiled(project('{logs: {functions: b, pattern: ERROR}}'));
  expect(template.Resources['ALogsOfB']).toEqual({
    Type: 'AWS::Logs::SubscriptionFilter',
    DependsOn: 'ALogsOfBPermission',
    Properties: { LogGroupName: { Ref: 'BLogGroup' }, FilterPattern: 'ERROR', DestinationArn: { Ref: 'AAlias' } },
  });
  expect(template.Resources['ALogsOfBPermission']?.Properties).toEqual({
    FunctionName: { Ref: 'AAlias' },
    Action: 'lambda:InvokeFunction',
    Principal: 'logs.amazonaws.com',
    SourceArn: { 'Fn::GetAtt': ['BLogGroup', 'Arn'] },
    SourceAccount: { Ref: 'AWS::AccountId' },
  });
});

test('each group has its own permission', async () => {
  const { template } = await compiled(
    project('{logs: {groups: [G, /x/y]}}', 'resources: {G: {Type: AWS::Logs::LogGroup}}\n'),
  );
  const permissions = Object.values(template.Resources).filter(({ Type }) => Type === 'AWS::Lambda::Permission');
  expect(permissions.map(({ Properties }) => Properties?.['SourceArn'])).toEqual([
    { 'Fn::GetAtt': ['G', 'Arn'] },
    { 'Fn::Sub': 'arn:${AWS::Partition}:logs:${AWS::Region}:${AWS::AccountId}:log-group:/x/y:*' },
  ]);
});

test('groups whose names differ in signs only are distinct', async () => {
  const { template } = await compiled(project('{logs: {groups: [/x/y, /x-y]}}'));
  const filters = Object.values(template.Resources).filter(({ Type }) => Type === 'AWS::Logs::SubscriptionFilter');
  expect(filters.map(({ Properties }) => Properties?.['LogGroupName'])).toEqual(['/x/y', '/x-y']);
});

const own = '"a" would be called for its own logs, without end | let another function read them';
test.each<[string, string, string]>([
  ['{logs: {functions: c}}', '', 'there is no function "c"'],
  ['{logs: {functions: a}}', '', own],
  ['{logs: /fx/s/local/a}', '', own],
  [
    '{logs: Seldom}',
    'resources: {Seldom: {Type: AWS::Logs::LogGroup, Properties: {LogGroupClass: INFREQUENT_ACCESS}}}\n',
    'CloudWatch Logs sends nothing from groups of the class INFREQUENT_ACCESS | read a group of the class STANDARD, by another logGroupClass',
  ],
  [
    '{logs: {functions: c}}',
    '  c: {handler: b.handler, logging: {logGroupClass: INFREQUENT_ACCESS}}\n',
    'CloudWatch Logs sends nothing from groups of the class INFREQUENT_ACCESS | read a group of the class STANDARD, by another logGroupClass',
  ],
  [
    '{logs: {groups: Adit}}',
    'resources: {Audit: {Type: AWS::Logs::LogGroup}}\n',
    'there is no log group "Adit" under resources | did you mean "Audit"?',
  ],
  [
    '{logs: Audit}',
    'resources: {Audit: {Type: AWS::SQS::Queue}}\n',
    '"Audit" is AWS::SQS::Queue, not AWS::Logs::LogGroup',
  ],
  [
    "{logs: {functions: b, pattern: '{ $.level = '}}",
    '',
    '"{ $.level = " is not a filter pattern of CloudWatch Logs | words such as ERROR, "two words" or ?either ?or; or { $.level = "error" } for JSON',
  ],
  [
    '{logs: {pattern: a}}',
    '',
    'expected functions or groups | such as functions: orders, or groups: /aws/rds/instance/shop/error',
  ],
  [
    '{logs: {functions: b}}, {logs: {functions: b, pattern: x}}',
    '',
    '"a" reads this log group twice | use one pattern',
  ],
])('%s', async (events, more, problem) => {
  expect(await problems(project(events, more))).toContain(problem);
});

test('a function that writes no logs, or that is not always there, cannot be read', async () => {
  const silent = project('{logs: {functions: b}}').replace('b.handler}', 'b.handler, logging: false}');
  expect(await problems(silent)).toEqual(['"b" writes no logs | turn its logging on']);
  const sometimes = project('{logs: {functions: b}}', 'conditions: {C: !Equals [a, a]}\n').replace(
    'b.handler}',
    'b.handler, condition: C}',
  );
  expect(await problems(sometimes)).toEqual([
    '"b" has the condition C, and "a" does not | give both functions the same condition',
  ]);
});

test('a group has at most two filters, with those under resources', async () => {
  const filter =
    '{Type: AWS::Logs::SubscriptionFilter, Properties: {LogGroupName: /x, FilterPattern: "", DestinationArn: "arn:aws:lambda:us-east-1:111122223333:function:f"}}';
  const more = (count: number) =>
    `  c: {handler: b.handler, events: [logs: /x]}\nresources: {${['F', 'G']
      .slice(0, count)
      .map((id) => `${id}: ${filter}`)
      .join(', ')}}\n`;
  expect(await problems(project('{logs: /x}', more(1)))).toEqual([
    'a log group has at most 2 subscription filters, and this is another one of the same group | let one function read the group and call the others',
  ]);
  await compiled(project('{logs: /x}', more(0)));
});

test('functions that read each other are warned of', async () => {
  const text = project('{logs: {functions: b}}').replace('b.handler}', 'b.handler, events: [logs: {functions: a}]}');
  const { warnings } = await projectOf(text);
  expect(warnings.map(({ message }) => message)).toEqual([
    'functions that read each other\'s logs may call each other without end: "a" is one of them',
    'functions that read each other\'s logs may call each other without end: "b" is one of them',
  ]);
});
