// EventBridge's buses, rules, targets and events; its schedules are in schedules.test.ts, archives in archives.test.ts.
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Cloud, Input, OperationName } from '../cloud.ts';
import { startWithClock } from '../fixture.ts';
import { createFunction, createRole } from '../lambda/fixture.ts';
import { arnOf, event, openQueue } from './test-events.ts';

let local: Awaited<ReturnType<typeof startWithClock>>;
let cloud: Cloud;
beforeAll(async () => {
  local = await startWithClock();
  cloud = local.cloud;
});
afterAll(async () => {
  await local[Symbol.asyncDispose]();
});

const call = <O extends OperationName<'events'>>(operation: O, input: Input<'events', O>) =>
  cloud.call('events', operation, input);
const refused = (code: string, message: string) => expect.objectContaining({ code, message });
const pattern = (...source: string[]) => JSON.stringify({ source });

/** A rule with one target. */
async function route(
  Name: string,
  EventPattern: string,
  target: Omit<Input<'events', 'PutTargets'>, 'Rule'>['Targets'],
  EventBusName?: string,
) {
  const bus = EventBusName === undefined ? {} : { EventBusName };
  const { RuleArn = '' } = await call('PutRule', { Name, EventPattern, ...bus });
  await call('PutTargets', { Rule: Name, Targets: target, ...bus });
  return RuleArn;
}

describe('event buses', () => {
  test('are created, described, listed, changed and deleted', async () => {
    const Arn = arnOf('events', 'event-bus/orders');
    const Description = 'All orders';
    expect(await call('CreateEventBus', { Name: 'orders', Description })).toEqual({ EventBusArn: Arn, Description });
    const times = { CreationTime: expect.any(Date), LastModifiedTime: expect.any(Date) };
    expect(await call('DescribeEventBus', { Name: 'orders' })).toEqual({ Arn, Name: 'orders', Description, ...times });
    expect(await call('DescribeEventBus', { Name: Arn })).toMatchObject({ Name: 'orders' });
    expect(await call('ListEventBuses', { NamePrefix: 'ord' })).toEqual({
      EventBuses: [{ Arn, Name: 'orders', Description, ...times }],
    });
    expect((await call('ListEventBuses', {})).EventBuses?.map(({ Name }) => Name)).toContain('default');
    await call('UpdateEventBus', { Name: 'orders', Description: 'Orders' });
    expect(await call('DescribeEventBus', { Name: 'orders' })).toMatchObject({ Description: 'Orders' });
    await call('DeleteEventBus', { Name: 'orders' });
    for (const operation of ['DescribeEventBus', 'DeleteEventBus'] as const) {
      await expect(call(operation, { Name: 'orders' })).rejects.toEqual(
        refused('ResourceNotFoundException', 'Event bus orders does not exist.'),
      );
    }
  });

  test('have unique names, and rules keep them', async () => {
    await call('CreateEventBus', { Name: 'taken' });
    await expect(call('CreateEventBus', { Name: 'taken' })).rejects.toEqual(
      refused('ResourceAlreadyExistsException', 'Event bus taken already exists.'),
    );
    await call('PutRule', { Name: 'r', EventBusName: 'taken', EventPattern: pattern('a') });
    await expect(call('DeleteEventBus', { Name: 'taken' })).rejects.toMatchObject({ code: 'ValidationException' });
    await call('DeleteRule', { Name: 'r', EventBusName: 'taken' });
    await call('DeleteEventBus', { Name: 'taken' });
  });

  test('have policies, statement by statement', async () => {
    const resource = arnOf('events', 'event-bus/default');
    const allow = (Sid: string, Principal: unknown) => ({
      ...{ Sid, Effect: 'Allow', Principal, Action: 'events:PutEvents', Resource: resource },
    });
    const policy = async () =>
      JSON.parse((await call('DescribeEventBus', {})).Policy ?? '{}') as { Statement?: object[] };
    const one = { Action: 'events:PutEvents', Principal: '111122223333', StatementId: 'one' };
    await call('PutPermission', one);
    await call('PutPermission', { ...one, StatementId: 'two', Principal: '*' });
    const statement = allow('one', { AWS: 'arn:aws:iam::111122223333:root' });
    expect(await policy()).toEqual({ Version: '2012-10-17', Statement: [statement, allow('two', '*')] });
    await call('RemovePermission', { StatementId: 'two' });
    expect((await policy()).Statement).toEqual([statement]);
    await expect(call('RemovePermission', { StatementId: 'two' })).rejects.toEqual(
      refused('ResourceNotFoundException', 'Statement with the provided id does not exist.'),
    );
    await call('RemovePermission', { RemoveAllPermissions: true });
    expect(await call('DescribeEventBus', {})).not.toHaveProperty('Policy');
  });
});

describe('rules', () => {
  test('are put, described, listed, switched and deleted, on each bus', async () => {
    await call('CreateEventBus', { Name: 'shop' });
    for (const [bus, prefix] of [
      ['default', ''],
      ['shop', 'shop/'],
    ] as const) {
      const at = { EventBusName: bus };
      const Arn = arnOf('events', `rule/${prefix}placed`);
      const shown = { Arn, Name: 'placed', EventPattern: pattern('a'), State: 'ENABLED', ...at };
      expect(await call('PutRule', { Name: 'placed', EventPattern: pattern('a'), ...at })).toEqual({ RuleArn: Arn });
      expect(await call('PutRule', { Name: 'placed', EventPattern: pattern('a'), ...at })).toEqual({ RuleArn: Arn });
      expect(await call('ListRules', { NamePrefix: 'pla', ...at })).toEqual({ Rules: [shown] });
      expect(await call('DescribeRule', { Name: 'placed', ...at })).toEqual({ ...shown, CreatedBy: cloud.accountId });
      await call('DisableRule', { Name: 'placed', ...at });
      expect((await call('DescribeRule', { Name: 'placed', ...at })).State).toBe('DISABLED');
      await call('EnableRule', { Name: 'placed', ...at });
      expect((await call('DescribeRule', { Name: 'placed', ...at })).State).toBe('ENABLED');
      await call('DeleteRule', { Name: 'placed', ...at });
      await expect(call('DescribeRule', { Name: 'placed', ...at })).rejects.toEqual(
        refused('ResourceNotFoundException', `Rule placed does not exist on EventBus ${bus}.`),
      );
      expect(await call('DeleteRule', { Name: 'placed', ...at })).toEqual({});
    }
    await call('DeleteEventBus', { Name: 'shop' });
  });

  test('are listed in pages, and by target', async () => {
    await call('CreateEventBus', { Name: 'pages' });
    const EventBusName = 'pages';
    const { arn } = await openQueue(cloud, 'pages');
    for (const i of [0, 1, 2]) await route(`rule-${i}`, pattern('a'), [{ Id: 'q', Arn: arn }], EventBusName);
    const first = await call('ListRules', { EventBusName, Limit: 2 });
    expect(first.Rules?.map(({ Name }) => Name)).toEqual(['rule-0', 'rule-1']);
    const second = await call('ListRules', { EventBusName, Limit: 2, NextToken: first.NextToken });
    expect(second).toMatchObject({ Rules: [{ Name: 'rule-2' }] });
    expect(second).not.toHaveProperty('NextToken');
    const named = await call('ListRuleNamesByTarget', { EventBusName, TargetArn: arn, Limit: 2 });
    expect(named).toEqual({ RuleNames: ['rule-0', 'rule-1'], NextToken: expect.any(String) });
    expect(await call('ListRuleNamesByTarget', { TargetArn: arn })).toEqual({ RuleNames: [] });
  });

  test.each<[Input<'events', 'PutRule'>, string, string]>([
    [
      { Name: 'a b', EventPattern: '{}' },
      'ValidationException',
      "1 validation error detected: Value 'a b' at 'name' failed to satisfy constraint: Member must satisfy regular expression pattern: [\\.\\-_A-Za-z0-9]+",
    ],
    [{ Name: 'r' }, 'ValidationException', 'Parameter(s) EventPattern or ScheduleExpression must be specified.'],
    [
      { Name: 'r', ScheduleExpression: 'cron(0 dummy ? * MON-FRI *)' },
      'ValidationException',
      'Parameter ScheduleExpression is not valid.',
    ],
    [
      { Name: 'r', ScheduleExpression: 'at(2027-01-01T00:00:00)' },
      'ValidationException',
      'Parameter ScheduleExpression is not valid.',
    ],
    [
      { Name: 'r', EventBusName: 'none', EventPattern: '{}' },
      'ResourceNotFoundException',
      'Event bus none does not exist.',
    ],
    [
      { Name: 'r', EventPattern: '["a"]' },
      'InvalidEventPatternException',
      'Event pattern is not valid. Reason: Filter is not an object\n at [Source: (String)"["a"]"; line: 1, column: 2]',
    ],
    [
      { Name: 'r', EventPattern: 'text' },
      'InvalidEventPatternException',
      "Event pattern is not valid. Reason: Unrecognized token 'text': was expecting (JSON String, Number, Array, Object or token 'null', 'true' or 'false')\n at [Source: (String)\"text\"; line: 1, column: 5]",
    ],
    [
      { Name: 'r', EventPattern: '{"a": "b"}' },
      'InvalidEventPatternException',
      'Event pattern is not valid. Reason: "a" must be an object or an array\n at [Source: (String)"{"a": "b"}"; line: 1, column: 8]',
    ],
    [
      { Name: 'r', EventPattern: '{"a": [{"cidr": "x"}]}' },
      'InvalidEventPatternException',
      "Event pattern is not valid. Reason: Malformed CIDR, one '/' required",
    ],
  ])('%j is refused', async (input, code, message) => {
    await expect(call('PutRule', input)).rejects.toEqual(refused(code, message));
  });

  test('and buses have tags, which end with them', async () => {
    await call('CreateEventBus', { Name: 'tagged', Tags: [{ Key: 'a', Value: '1' }] });
    await call('PutRule', { Name: 'tagged', EventBusName: 'tagged', EventPattern: pattern('a') });
    for (const [ResourceARN, first] of [
      [arnOf('events', 'event-bus/tagged'), [{ Key: 'a', Value: '1' }]],
      [arnOf('events', 'rule/tagged/tagged'), []],
    ] as const) {
      await call('TagResource', { ResourceARN, Tags: [{ Key: 'b', Value: '2' }] });
      expect(await call('ListTagsForResource', { ResourceARN })).toEqual({
        Tags: [...first, { Key: 'b', Value: '2' }],
      });
      await call('UntagResource', { ResourceARN, TagKeys: ['a', 'b', 'none'] });
      expect(await call('ListTagsForResource', { ResourceARN })).toEqual({ Tags: [] });
    }
    await call('DeleteRule', { Name: 'tagged', EventBusName: 'tagged' });
    await expect(call('ListTagsForResource', { ResourceARN: arnOf('events', 'rule/tagged/tagged') })).rejects.toEqual(
      refused('ResourceNotFoundException', 'Rule tagged does not exist on EventBus tagged.'),
    );
    await call('DeleteEventBus', { Name: 'tagged' });
    await expect(call('ListTagsForResource', { ResourceARN: arnOf('events', 'event-bus/tagged') })).rejects.toEqual(
      refused('ResourceNotFoundException', 'Event bus tagged does not exist.'),
    );
  });
});

describe('targets', () => {
  test('are put, listed and removed', async () => {
    const { arn: Arn } = await openQueue(cloud, 'listed');
    await call('PutRule', { Name: 'listed', EventPattern: pattern('none') });
    const added = await call('PutTargets', { Rule: 'listed', Targets: [{ Id: 'q', Arn }] });
    expect(added).toEqual({ FailedEntries: [], FailedEntryCount: 0 });
    expect(await call('ListTargetsByRule', { Rule: 'listed' })).toEqual({ Targets: [{ Id: 'q', Arn }] });
    await expect(call('DeleteRule', { Name: 'listed' })).rejects.toEqual(
      refused('ValidationException', "Rule can't be deleted since it has targets."),
    );
    await call('RemoveTargets', { Rule: 'listed', Ids: ['q'] });
    expect(await call('ListTargetsByRule', { Rule: 'listed' })).toEqual({ Targets: [] });
  });

  test.each<[object, string]>([
    [
      { Input: '{}', InputPath: '$.a' },
      'Only one of Input, InputPath, or InputTransformer must be provided for target q.',
    ],
    [{ Input: '{' }, 'JSON syntax error in input for target q.'],
    [
      { InputTransformer: { InputPathsMap: { a: '$.a' }, InputTemplate: '"<a> <b>"' } },
      'InputTemplate for target q contains invalid placeholder b.',
    ],
    [{ Arn: 'queue' }, 'Parameter queue is not valid. Reason: Provided Arn is not in correct format.'],
    [{ Arn: arnOf('sqs', 'q.fifo') }, 'Parameter(s) SqsParameters must be specified for target: q.'],
    [
      { RoleArn: 'arn:aws:iam::000000000000:role/none' },
      "Provided role 'arn:aws:iam::000000000000:role/none' cannot be assumed by principal 'events.amazonaws.com'.",
    ],
  ])('%j is refused', async (settings, message) => {
    await call('PutRule', { Name: 'checked', EventPattern: pattern('none') });
    const target = { Id: 'q', Arn: arnOf('sqs', 'q'), ...settings };
    await expect(call('PutTargets', { Rule: 'checked', Targets: [target] })).rejects.toEqual(
      refused('ValidationException', message),
    );
  });

  const detail = { command: 'update', payload: { acc_id: 'x', sf_id: 'baz' }, states: ['ON', 'OFF'], one: ['HIGH'] };
  test.each<[string, object, string | object]>([
    ['an Input', { Input: '{"a": 1}' }, '{"a": 1}'],
    ['an InputPath', { InputPath: '$.detail.payload' }, { acc_id: 'x', sf_id: 'baz' }],
    [
      'a text',
      {
        InputTransformer: { InputPathsMap: { c: '$.detail.command', none: '$.none' }, InputTemplate: '"Do <c><none>"' },
      },
      '"Do update"',
    ],
    [
      'an object in a text',
      { InputTransformer: { InputPathsMap: { p: '$.detail.payload' }, InputTemplate: '"got <p>"' } },
      '"got {acc_id:x,sf_id:baz}"',
    ],
    [
      'a list in a text',
      { InputTransformer: { InputPathsMap: { s: '$.detail.states' }, InputTemplate: '"<s> items"' } },
      '"[ON,OFF] items"',
    ],
    [
      'JSON',
      {
        InputTransformer: {
          InputPathsMap: { one: '$.detail.one', id: '$.detail.payload.acc_id' },
          InputTemplate: '{"level": <one>, "path": "users/<id>/<id>", "ids": [<id>, "fixed"]}',
        },
      },
      { level: ['HIGH'], path: 'users/x/x', ids: ['x', 'fixed'] },
    ],
    [
      'the names of the rule',
      {
        InputTransformer: {
          InputPathsMap: {},
          InputTemplate: '{"rule": <aws.events.rule-name>, "arn": <aws.events.rule-arn>}',
        },
      },
      { rule: 'input', arn: arnOf('events', 'rule/input') },
    ],
    [
      'the event without its detail',
      { InputTransformer: { InputPathsMap: {}, InputTemplate: '{"event": <aws.events.event>}' } },
      {
        event: {
          id: expect.any(String),
          account: '000000000000',
          detailType: 'Placed',
          time: expect.any(String),
          source: 'input',
          region: 'us-east-1',
          resources: [],
          version: '0',
        },
      },
    ],
  ])('receive %s', async (_, settings, expected) => {
    const queue = await openQueue(cloud, 'input');
    await route('input', pattern('input'), [{ Id: 'q', Arn: queue.arn, ...settings }]);
    await call('PutEvents', { Entries: [event('input', detail)] });
    const [body = ''] = await queue.bodies();
    if (typeof expected === 'string') expect(body).toBe(expected);
    else expect(JSON.parse(body)).toEqual(expected);
  });
});

describe('PutEvents', () => {
  test('sends each event to the targets of the enabled rules that match', async () => {
    const [first, second] = [await openQueue(cloud, 'first'), await openQueue(cloud, 'second')];
    await route('first', pattern('one'), [{ Id: 'q', Arn: first.arn }]);
    await route('both', pattern('one', 'two'), [{ Id: 'q', Arn: second.arn }]);
    await route('off', pattern('one'), [{ Id: 'q', Arn: first.arn }]);
    await call('DisableRule', { Name: 'off' });
    const Time = new Date('2026-01-02T03:04:05.678Z');
    const entries = [{ ...event('one'), Time, Resources: ['x'], TraceHeader: 'Root=1' }, event('two')];
    const { Entries, FailedEntryCount } = await call('PutEvents', { Entries: entries });
    expect(FailedEntryCount).toBe(0);
    const received = {
      ...{ version: '0', id: Entries?.[0]?.EventId, 'detail-type': 'Placed', source: 'one', account: '000000000000' },
      ...{ time: '2026-01-02T03:04:05Z', region: 'us-east-1', resources: ['x'], detail: { kind: 'order' } },
    };
    const [body = '', ...more] = await first.bodies();
    expect(more).toEqual([]);
    expect(JSON.parse(body)).toEqual(received);
    expect(Object.keys(JSON.parse(body) as object)).toEqual(Object.keys(received));
    expect((await second.bodies(2)).map((text) => (JSON.parse(text) as { source: string }).source)).toEqual([
      'one',
      'two',
    ]);
  });

  test('tells which entries are wrong, and takes the others', async () => {
    const { Entries, FailedEntryCount } = await call('PutEvents', {
      Entries: [
        event('a'),
        { ...event('a'), Detail: 'text' },
        { ...event('a'), Detail: '["list"]' },
        { DetailType: 'a', Detail: '{}' },
        { Source: 'a', Detail: '{}' },
        { Source: 'a', DetailType: 'a' },
        event('aws.ec2'),
        { ...event('a'), EventBusName: 'none' },
      ],
    });
    expect(FailedEntryCount).toBe(6);
    const malformed = { ErrorCode: 'MalformedDetail', ErrorMessage: 'Detail is malformed.' };
    const missing = (name: string) => ({
      ErrorCode: 'InvalidArgument',
      ErrorMessage: `Parameter ${name} is not valid. Reason: ${name} is a required argument.`,
    });
    const accepted = { EventId: expect.any(String) };
    const unauthorized = {
      ErrorCode: 'NotAuthorizedForSourceException',
      ErrorMessage: 'Not authorized for the source.',
    };
    expect(Entries).toEqual([
      ...[accepted, malformed, malformed, missing('Source'), missing('DetailType'), missing('Detail')],
      ...[unauthorized, accepted],
    ]);
  });

  test('takes ten entries and a megabyte', async () => {
    const eleven = Array.from({ length: 11 }, () => event('a'));
    await expect(call('PutEvents', { Entries: eleven })).rejects.toThrow(
      /at 'entries' failed to satisfy constraint: Member must have length less than or equal to 10$/,
    );
    await expect(call('PutEvents', { Entries: [event('a', { x: 'x'.repeat(1024 * 1024) })] })).rejects.toEqual(
      refused('ValidationException', 'Total size of the entries in the request is over the limit.'),
    );
  });

  test('is what TestEventPattern tries', async () => {
    const tried = { id: '1', account: '1', source: 'a', time: 't', region: 'r', resources: [], 'detail-type': 'd' };
    const Event = JSON.stringify(tried);
    expect(await call('TestEventPattern', { Event, EventPattern: pattern('a') })).toEqual({ Result: true });
    expect(await call('TestEventPattern', { Event, EventPattern: pattern('b') })).toEqual({ Result: false });
    await expect(call('TestEventPattern', { Event: '[]', EventPattern: pattern('b') })).rejects.toEqual(
      refused('ValidationException', 'Parameter Event is not valid.'),
    );
  });
});

describe('a delivery', () => {
  test('goes to a FIFO queue with a group', async () => {
    const fifo = { FifoQueue: 'true', ContentBasedDeduplication: 'true' };
    const queue = await openQueue(cloud, 'ordered.fifo', fifo);
    const SqsParameters = { MessageGroupId: 'g' };
    await route('fifo', pattern('fifo'), [{ Id: 'q', Arn: queue.arn, SqsParameters }]);
    await call('PutEvents', { Entries: [event('fifo')] });
    expect((await queue.messages())[0]?.Attributes).toMatchObject({ MessageGroupId: 'g' });
  });

  test('goes to another bus if the role allows it, and from there to no third', async () => {
    const last = await openQueue(cloud, 'last');
    for (const Name of ['near', 'far']) await call('CreateEventBus', { Name });
    const bus = (name: string) => arnOf('events', `event-bus/${name}`);
    const allowed = await createRole(
      cloud,
      { Effect: 'Allow', Action: 'events:PutEvents', Resource: '*' },
      'events.amazonaws.com',
    );
    await route('to-near', pattern('hop'), [{ Id: 'b', Arn: bus('near'), RoleArn: allowed }]);
    await route('to-far', pattern('hop'), [{ Id: 'b', Arn: bus('far'), RoleArn: allowed }], 'near');
    await route('to-last', pattern('hop'), [{ Id: 'q', Arn: last.arn }], 'near');
    await route('far-last', pattern('hop'), [{ Id: 'q', Arn: last.arn }], 'far');
    const { Entries } = await call('PutEvents', { Entries: [event('hop')] });
    const bodies = await last.bodies();
    expect(bodies.map((body) => (JSON.parse(body) as { id: string }).id)).toEqual([Entries?.[0]?.EventId]);
  });

  test('that is not allowed ends in the dead letter queue, with what went wrong', async () => {
    const dead = await openQueue(cloud, 'dead');
    const name = await createFunction(cloud, 'export const handler = async () => {};');
    const { FunctionArn = '' } = await cloud.call('lambda', 'GetFunctionConfiguration', { FunctionName: name });
    const DeadLetterConfig = { Arn: dead.arn };
    const RuleArn = await route('dead', pattern('dead'), [
      { Id: 'denied', Arn: FunctionArn, DeadLetterConfig },
      { Id: 'missing', Arn: arnOf('lambda', 'function:none'), DeadLetterConfig },
    ]);
    await call('PutEvents', { Entries: [event('dead')] });
    const messages = await dead.messages(2);
    const value = (text: unknown) => expect.objectContaining({ StringValue: text });
    const attributes = (target: string, code: string) => ({
      RULE_ARN: value(RuleArn),
      TARGET_ARN: value(target),
      ERROR_CODE: value(code),
      ERROR_MESSAGE: value(expect.any(String)),
    });
    expect(messages.map(({ MessageAttributes }) => MessageAttributes)).toEqual(
      expect.arrayContaining([
        attributes(FunctionArn, 'NO_PERMISSIONS'),
        attributes(arnOf('lambda', 'function:none'), 'NO_RESOURCE'),
      ]),
    );
    expect(JSON.parse(messages[0]?.Body ?? '')).toMatchObject({ source: 'dead' });
  });

  test('goes to a log group if a policy of CloudWatch Logs allows it', async () => {
    const dead = await openQueue(cloud, 'unlogged');
    const logGroupName = '/aws/events/all';
    await cloud.call('logs', 'CreateLogGroup', { logGroupName });
    const Arn = arnOf('logs', `log-group:${logGroupName}`);
    await route('logged', pattern('logged'), [{ Id: 'l', Arn, DeadLetterConfig: { Arn: dead.arn } }]);
    await call('PutEvents', { Entries: [event('logged')] });
    expect((await dead.messages())[0]?.MessageAttributes?.['ERROR_CODE']?.StringValue).toBe('NO_PERMISSIONS');
    const Statement = {
      ...{ Effect: 'Allow', Principal: { Service: ['events.amazonaws.com', 'delivery.logs.amazonaws.com'] } },
      ...{ Action: ['logs:CreateLogStream', 'logs:PutLogEvents'], Resource: `${Arn}:*` },
    };
    const policyDocument = JSON.stringify({ Version: '2012-10-17', Statement });
    await cloud.call('logs', 'PutResourcePolicy', { policyName: 'events', policyDocument });
    await route('after', pattern('logged'), [{ Id: 'q', Arn: dead.arn }]);
    await call('PutEvents', { Entries: [event('logged')] });
    await dead.messages();
    let events: readonly { readonly message?: string | undefined }[] = [];
    while (events.length === 0) events = (await cloud.call('logs', 'FilterLogEvents', { logGroupName })).events ?? [];
    expect(events.map(({ message = '' }) => (JSON.parse(message) as { source: string }).source)).toEqual(['logged']);
    await cloud.call('logs', 'DeleteResourcePolicy', { policyName: 'events' });
    expect(await cloud.call('logs', 'DescribeResourcePolicies', {})).toEqual({ resourcePolicies: [] });
  });

  test('may come from Lambda, with the record of an asynchronous invocation', async () => {
    const queue = await openQueue(cloud, 'records');
    const Role = await createRole(cloud, { Effect: 'Allow', Action: 'events:PutEvents', Resource: '*' });
    const FunctionName = await createFunction(cloud, 'export const handler = async () => 7;', { Role });
    const bus = arnOf('events', 'event-bus/default');
    const DestinationConfig = { OnSuccess: { Destination: bus } };
    await cloud.call('lambda', 'PutFunctionEventInvokeConfig', { FunctionName, DestinationConfig });
    await route('records', pattern('lambda'), [{ Id: 'q', Arn: queue.arn }]);
    await cloud.call('lambda', 'Invoke', { FunctionName, InvocationType: 'Event' });
    const [body = ''] = await queue.bodies();
    expect(JSON.parse(body)).toMatchObject({
      ...{ source: 'lambda', 'detail-type': 'Lambda Function Invocation Result - Success' },
      resources: [bus, arnOf('lambda', `function:${FunctionName}:$LATEST`)],
      detail: { requestContext: { condition: 'Success' }, responsePayload: 7 },
    });
  });
});
