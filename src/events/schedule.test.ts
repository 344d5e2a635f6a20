// What users may write for schedules, what they become, and how an existing rule becomes a schedule.
import { describe, expect, test } from 'vitest';
import { compiled, projectOf, today } from '../../test/support/project.ts';
import type { FxError, Problem } from '../base/error.ts';
import { readAll, type Schema } from '../base/schema.ts';
import { parseLocated } from '../base/yaml.ts';
import type { Resource } from '../cfn/resource.ts';
import { startRig } from '../local/cloudformation/test-rig.ts';
import { checkEvents } from '../project/event-uses.ts';
import { schedule } from './schedule.ts';

function read(yaml: string) {
  const { value, problems } = readAll(schedule.schema as Schema<unknown>, parseLocated(yaml, 'f', []).value);
  return problems.length > 0 ? problems.map(({ message }) => message) : value;
}

const project = (events: string, more = '') =>
  `name: s\nfunctions: {a: {handler: a.handler, events: [${events}]}}\n${more}`;
const resourcesOf = async (events: string, more = ''): Promise<Readonly<Record<string, Resource>>> =>
  (await compiled(project(events, more))).template.Resources;

test('a schedule is an expression, or a map', () => {
  expect(read('rate(5 minutes)')).toEqual({ expression: 'rate(5 minutes)', enabled: true });
  expect(read('{expression: cron(0 9 ? * MON *), timezone: Europe/Berlin, start: 2027-01-01, enabled: false}')).toEqual(
    {
      ...{
        expression: 'cron(0 9 ? * MON *)',
        timezone: 'Europe/Berlin',
        start: '2027-01-01T00:00:00Z',
        enabled: false,
      },
    },
  );
});

test.each([
  ['daily', '"daily": expected rate(5 minutes), cron(0 9 ? * MON-FRI *) or at(2027-01-31T09:00:00)'],
  ['cron(0 25 * * ? *)', '"cron(0 25 * * ? *)": hours: 25 is not between 0 and 23'],
  ['{expression: rate(1 hour), evry: 1}', 'unknown key "evry"'],
  ['{expression: cron(0 9 * * ? *), timezone: Europe/Atlantis}', '"Europe/Atlantis" is not a time zone'],
  ['{expression: rate(1 hour), timezone: Europe/Berlin}', 'a rate is the same in every time zone: remove timezone'],
  ['{expression: rate(1 hour), start: tomorrow}', 'expected a time such as 2027-01-31T09:00:00Z, found "tomorrow"'],
  [
    '{expression: rate(1 hour), start: 2027-01-02, end: 2027-01-01}',
    'start (2027-01-02T00:00:00Z) must be before end (2027-01-01T00:00:00Z)',
  ],
  ['{expression: "at(2027-01-31T09:00:00)", end: 2028-01-01}', 'a schedule for once has no start and no end'],
  ['{expression: "at(2027-01-31T09:00:00)", rule: true}', 'a rule of EventBridge does not run once: remove rule'],
  [
    '{expression: rate(1 hour), rule: true, flexibleWindow: 5}',
    'a rule of EventBridge has no flexibleWindow: remove it, or remove rule',
  ],
  ['{expression: rate(1 hour), input: {a: 1}, rule: {inputPath: $.time}}', 'input and inputPath exclude each other'],
  [
    '{expression: rate(1 hour), rule: {transformer: {template: "<id>"}}}',
    'the template has <id>, but paths has no "id"',
  ],
])('%s is refused', (yaml, message) => {
  expect(read(yaml)).toEqual([message]);
});

test('a project has one role, for the groups and queues of its schedules', async () => {
  const resources = await resourcesOf(
    '{schedule: rate(1 hour)}, {schedule: {expression: rate(1 day), group: Team, deadLetters: true}}',
    'resources: {Team: {Type: AWS::Scheduler::ScheduleGroup}}\n',
  );
  const { AssumeRolePolicyDocument: trust, Policies } = resources['SchedulesInvokeRole']?.Properties ?? {};
  expect(JSON.stringify(trust)).toContain('schedule-group/default');
  expect(JSON.stringify(trust)).toContain('{"Fn::GetAtt":["Team","Arn"]}');
  expect(Policies).toEqual([
    {
      PolicyName: 'fx',
      PolicyDocument: {
        Version: '2012-10-17',
        Statement: [
          { Effect: 'Allow', Action: ['lambda:InvokeFunction'], Resource: [{ Ref: 'AAlias' }] },
          {
            Effect: 'Allow',
            Action: ['sqs:SendMessage'],
            Resource: [{ 'Fn::GetAtt': ['AScheduled2DeadLetters', 'Arn'] }],
          },
        ],
      },
    },
  ]);
  expect(Object.keys(resources)).not.toContain('AScheduledPermission');
});

test('a rule needs no role', async () => {
  const resources = await resourcesOf('{schedule: {expression: rate(1 hour), rule: true}}');
  expect(Object.values(resources).map(({ Type }) => Type)).not.toContain('AWS::Scheduler::Schedule');
  expect(Object.keys(resources)).toEqual(expect.arrayContaining(['ASchedule', 'ASchedulePermission']));
  expect(resources).not.toHaveProperty('SchedulesInvokeRole');
});

describe('checks', () => {
  const check = async (events: string, more = '') => {
    const messages = (found: readonly Problem[]) => found.map(({ message }) => message);
    try {
      const { warnings } = checkEvents(await projectOf(project(events, more)), today);
      return { problems: [], warnings: messages(warnings) };
    } catch (error) {
      return { problems: messages((error as FxError).problems), warnings: [] };
    }
  };
  test.each([
    ['{schedule: {expression: rate(1 day), deadLetters: Failed}}', 'there is no queue "Failed" under resources'],
    [
      '{schedule: {expression: rate(1 day), deadLetters: Fifo}}',
      '"Fifo" is a FIFO queue: dead letters go to standard queues only',
    ],
    [
      '{schedule: {expression: rate(1 day), deadLetters: "arn:aws:sns:us-east-1:111122223333:t"}}',
      '"arn:aws:sns:us-east-1:111122223333:t" is not the ARN of an SQS queue',
    ],
    [
      '{schedule: {expression: rate(1 day), group: Fifo}}',
      '"Fifo" is AWS::SQS::Queue, not AWS::Scheduler::ScheduleGroup',
    ],
    [
      '{schedule: {expression: rate(1 day), name: n}}, {schedule: {expression: rate(2 days), name: n}}',
      'two schedules have the name "n"',
    ],
  ])('%s: %s', async (events, message) => {
    const more = 'resources: {Fifo: {Type: AWS::SQS::Queue, Properties: {FifoQueue: true}}}\n';
    expect((await check(events, more)).problems).toEqual([message]);
  });

  test('a role that would be too long for IAM is a problem', async () => {
    const many = Array.from(
      { length: 200 },
      (_, i) => `  f${i}: {handler: a.handler, events: [{schedule: rate(1 day)}]}`,
    );
    const loaded = projectOf(`name: s\nfunctions:\n${many.join('\n')}\n`);
    await expect(loaded).rejects.toMatchObject({
      problems: [
        {
          message: expect.stringMatching(
            /^200 functions have schedules, .* about \d+ characters; IAM takes at most 10240$/,
          ),
        },
      ],
    });
  });

  test('a time in the past, and a queue to which no rule may send, are warnings', async () => {
    expect(await check('{schedule: "at(2020-01-31T09:00:00)"}')).toEqual({
      problems: [],
      warnings: ['at(2020-01-31T09:00:00) is in the past: the function will not be called'],
    });
    const more = 'resources: {Failed: {Type: AWS::SQS::Queue}}\n';
    const byRule = await check('{schedule: {expression: rate(1 day), deadLetters: Failed, rule: true}}', more);
    expect(byRule.warnings).toEqual(['"Failed" has no policy, so events.amazonaws.com cannot send dead letters to it']);
    expect(await check('{schedule: {expression: rate(1 day), deadLetters: Failed}}', more)).toEqual({
      ...{ problems: [], warnings: [] },
    });
  });
});

test('a rule becomes a schedule: the rule and its permission go, and nothing else changes', async () => {
  await using rig = await startRig();
  // a rate would run at once, beyond the end of the test
  const never = 'cron(0 9 1 1 ? 2199)';
  const code = { ZipFile: 'exports.handler = async () => {};' };
  const deploy = async (operation: 'CreateStack' | 'UpdateStack', settings: string) => {
    const resources = await resourcesOf(`{schedule: ${settings}}`);
    const { FunctionName, Handler, Role, Runtime } = (resources['AFunction']?.Properties ?? {}) as Record<
      string,
      never
    >;
    const AFunction = {
      Type: 'AWS::Lambda::Function',
      Properties: { FunctionName, Handler, Role, Runtime, Code: code },
    };
    const Resources = { ...resources, AFunction };
    const TemplateBody = JSON.stringify({ AWSTemplateFormatVersion: '2010-09-09', Resources });
    await rig.run(operation, { StackName: 's', TemplateBody, Capabilities: ['CAPABILITY_NAMED_IAM'] });
    return rig.status('s');
  };
  expect(await deploy('CreateStack', `{expression: ${never}, rule: true}`)).toBe('CREATE_COMPLETE');
  expect((await rig.cloud.call('events', 'ListRules', {})).Rules).toHaveLength(1);
  expect(await deploy('UpdateStack', never)).toBe('UPDATE_COMPLETE');
  expect((await rig.cloud.call('events', 'ListRules', {})).Rules).toEqual([]);
  const { Schedules = [] } = await rig.cloud.call('scheduler', 'ListSchedules', {});
  expect(Schedules).toMatchObject([{ State: 'ENABLED', Target: { Arn: expect.stringMatching(/:s-local-a:live$/) } }]);
  const policy = rig.cloud.call('lambda', 'GetPolicy', { FunctionName: 's-local-a', Qualifier: 'live' });
  await expect(policy).rejects.toMatchObject({ code: 'ResourceNotFoundException' });
  expect(await deploy('UpdateStack', `{expression: ${never}, rule: true}`)).toBe('UPDATE_COMPLETE');
  expect((await rig.cloud.call('scheduler', 'ListSchedules', {})).Schedules).toEqual([]);
});
