// EventBridge's operations on event buses and their policies.
// https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-event-bus.html
import { randomUUID } from 'node:crypto';
import { AwsError, type Input, type Operations, type Output } from '../cloud.ts';
import { checkConstraints } from '../constraint.ts';
import { pageByName } from '../paging.ts';
import {
  type Bus,
  type BusStatement,
  busName,
  defaultBus,
  type EventsContext,
  eventsArn,
  findBus,
  invalid,
  notFound,
} from './state.ts';
import { tagsOf } from './tags.ts';

const nameRule = { pattern: '[/\\.\\-_A-Za-z0-9]+', min: 1, max: 256 };
const statementIdRule = { pattern: '[a-zA-Z0-9-_]+', min: 1, max: 64 };

export function busOperations(context: EventsContext): Operations<'events'> {
  const { cloud, buses, rules } = context;
  const onBus = {
    resource: ({ Name }: { Name?: string | undefined }) =>
      eventsArn(context, 'event-bus', busName(context, Name) ?? ''),
  };
  return {
    CreateEventBus: {
      members: ['Name', 'Description', 'DeadLetterConfig', 'Tags'],
      authorize: onBus,
      run(input) {
        const name = input.Name ?? '';
        checkConstraints('ValidationException', [
          ['name', name, nameRule],
          ['description', input.Description, { max: 512 }],
        ]);
        // https://docs.aws.amazon.com/eventbridge/latest/APIReference/API_CreateEventBus.html
        if (name.startsWith('aws.')) throw notFound(`Event source ${name} does not exist.`);
        if (name.includes('/')) throw invalid("Event bus name must not contain '/'.");
        if (name === defaultBus || buses.has(name)) {
          throw new AwsError('ResourceAlreadyExistsException', `Event bus ${name} already exists.`);
        }
        const now = cloud.now();
        buses.set(name, {
          ...{ name, created: now, modified: now, statements: [], tags: tagsOf(input.Tags) },
          ...settingsOf(input),
        });
        return { EventBusArn: eventsArn(context, 'event-bus', name), ...shownSettings(input) };
      },
    },
    UpdateEventBus: {
      members: ['Name', 'Description', 'DeadLetterConfig'],
      authorize: onBus,
      run(input) {
        const bus = findBus(context, input.Name);
        const changed = { ...bus, ...settingsOf(input), modified: cloud.now() };
        buses.set(bus.name, changed);
        return { Arn: eventsArn(context, 'event-bus', bus.name), Name: bus.name, ...shownSettings(described(changed)) };
      },
    },
    DescribeEventBus: {
      members: ['Name'],
      authorize: onBus,
      run: ({ Name }) => shown(context, findBus(context, Name)),
    },
    ListEventBuses: {
      members: ['NamePrefix', 'NextToken', 'Limit'],
      run({ NamePrefix = '', NextToken: token, Limit: most = 100 }) {
        findBus(context, defaultBus);
        const named = buses
          .filter(({ name }) => name.startsWith(NamePrefix))
          .sort((a, b) => (a.name < b.name ? -1 : 1));
        const { items, nextToken } = pageByName(named, ({ name }) => name, { token, most });
        return {
          EventBuses: items.map((bus) => shown(context, bus)),
          ...(nextToken === undefined ? {} : { NextToken: nextToken }),
        };
      },
    },
    DeleteEventBus: {
      members: ['Name'],
      authorize: onBus,
      run({ Name }) {
        const { name } = findBus(context, Name);
        if (name === defaultBus) throw invalid('Cannot delete event bus default.');
        if (rules.find(({ EventBusName }) => EventBusName === name) !== undefined) {
          throw invalid(`Event bus ${name} can't be deleted since it has rules.`);
        }
        buses.delete(name);
        return {};
      },
    },

    PutPermission: {
      members: ['EventBusName', 'Action', 'Principal', 'StatementId', 'Condition', 'Policy'],
      authorize: { resource: ({ EventBusName }) => onBus.resource({ Name: EventBusName }) },
      run(input) {
        const bus = findBus(context, input.EventBusName);
        buses.set(bus.name, { ...bus, statements: withPermission(context, bus, input), modified: cloud.now() });
        return {};
      },
    },
    RemovePermission: {
      members: ['EventBusName', 'StatementId', 'RemoveAllPermissions'],
      authorize: { resource: ({ EventBusName }) => onBus.resource({ Name: EventBusName }) },
      run({ EventBusName, StatementId, RemoveAllPermissions }) {
        const bus = findBus(context, EventBusName);
        if (StatementId === undefined && RemoveAllPermissions !== true) {
          throw invalid('Parameter StatementId is required.');
        }
        const statements = RemoveAllPermissions === true ? [] : bus.statements.filter(({ Sid }) => Sid !== StatementId);
        if (RemoveAllPermissions !== true && statements.length === bus.statements.length) {
          throw notFound('Statement with the provided id does not exist.');
        }
        buses.set(bus.name, { ...bus, statements, modified: cloud.now() });
        return {};
      },
    },
  };
}

type Settings = Pick<Input<'events', 'CreateEventBus'>, 'Description' | 'DeadLetterConfig'>;

function settingsOf({ Description, DeadLetterConfig }: Settings): Pick<Bus, 'description' | 'deadLetters'> {
  return {
    ...(Description === undefined ? {} : { description: Description }),
    ...(DeadLetterConfig === undefined ? {} : { deadLetters: DeadLetterConfig }),
  };
}

function described({ description, deadLetters }: Bus): Settings {
  return { Description: description, DeadLetterConfig: deadLetters };
}

function shownSettings({ Description, DeadLetterConfig }: Settings): Settings {
  return {
    ...(Description ? { Description } : {}),
    ...(DeadLetterConfig?.Arn === undefined ? {} : { DeadLetterConfig }),
  };
}

function shown(context: EventsContext, bus: Bus): Output<'events', 'DescribeEventBus'> {
  return {
    Arn: eventsArn(context, 'event-bus', bus.name),
    CreationTime: new Date(bus.created),
    LastModifiedTime: new Date(bus.modified),
    Name: bus.name,
    ...shownSettings(described(bus)),
    ...(bus.statements.length === 0
      ? {}
      : { Policy: JSON.stringify({ Version: '2012-10-17', Statement: bus.statements }) }),
  };
}

function withPermission(
  context: EventsContext,
  bus: Bus,
  input: Input<'events', 'PutPermission'>,
): readonly BusStatement[] {
  if (input.Policy !== undefined) return policyStatements(input.Policy);
  checkConstraints('ValidationException', [
    ['action', input.Action, { pattern: 'events:[a-zA-Z]+', min: 1, max: 64 }],
    ['principal', input.Principal, { pattern: '(\\d{12}|\\*)', min: 1, max: 12 }],
    ['statementId', input.StatementId, statementIdRule],
  ]);
  const { Action = 'events:PutEvents', Principal = '*', StatementId: Sid = randomUUID(), Condition } = input;
  if (Action !== 'events:PutEvents') throw invalid("Provided value in parameter 'action' is not supported.");
  const statement: BusStatement = {
    Sid,
    Effect: 'Allow',
    Principal: Principal === '*' ? '*' : { AWS: `arn:aws:iam::${Principal}:root` },
    Action,
    Resource: eventsArn(context, 'event-bus', bus.name),
    ...(Condition === undefined
      ? {}
      : { Condition: { [Condition.Type ?? '']: { [Condition.Key ?? '']: Condition.Value ?? '' } } }),
  };
  return [...bus.statements.filter((other) => other.Sid !== Sid), statement];
}

function policyStatements(policy: string): readonly BusStatement[] {
  let document: { Statement?: BusStatement | readonly BusStatement[] };
  try {
    document = JSON.parse(policy) as typeof document;
  } catch {
    throw invalid('This policy contains invalid Json');
  }
  const statements = [document.Statement ?? []].flat();
  if (statements.length === 0) throw invalid('This policy contains invalid Json');
  return statements;
}
