// EventBridge's replays: events of an archive are sent to their bus again.
// https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-replay-archived-event.html
import { AwsError, type Input, type Operations, type Output } from '../cloud.ts';
import { checkConstraints } from '../constraint.ts';
import { pageByName } from '../paging.ts';
import { kept, type Replay } from './archives.ts';
import type { Dispatcher } from './dispatch.ts';
import { busName, type EventsContext, eventsArn, invalid, notFound, tooMany } from './state.ts';

// https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-quota.html
const mostActive = 10;
const active = ['STARTING', 'RUNNING', 'CANCELLING'];

export function replayOperations(context: EventsContext, dispatcher: Dispatcher): Operations<'events'> {
  const { replays } = context;
  const onReplay = {
    resource: ({ ReplayName }: { ReplayName: string | undefined }) => eventsArn(context, 'replay', ReplayName ?? ''),
  };
  const find = (name: string | undefined): Replay => {
    const replay = replays.get(name ?? '');
    if (replay === undefined) throw notFound(`Replay ${name} does not exist.`);
    return replay;
  };
  return {
    StartReplay: {
      members: ['ReplayName', 'Description', 'EventSourceArn', 'EventStartTime', 'EventEndTime', 'Destination'],
      authorize: onReplay,
      run(input) {
        const replay = newReplay(context, input);
        if (replays.filter(({ state }) => active.includes(state)).length >= mostActive) throw tooMany();
        replays.set(replay.name, replay);
        context.cloud.after(0, () => run(context, dispatcher, replay.name));
        return {
          ReplayArn: eventsArn(context, 'replay', replay.name),
          ReplayStartTime: new Date(replay.started),
          State: replay.state,
        };
      },
    },
    DescribeReplay: {
      members: ['ReplayName'],
      authorize: onReplay,
      run: ({ ReplayName }) => described(context, find(ReplayName)),
    },
    ListReplays: {
      members: ['NamePrefix', 'EventSourceArn', 'State', 'NextToken', 'Limit'],
      run({ NamePrefix: prefix, EventSourceArn: source, State, NextToken: token, Limit: most = 50 }) {
        if ([prefix, source, State].filter((filter) => filter !== undefined).length > 1) {
          throw invalid(
            'At most one filter is allowed for ListReplays. Use either : State, EventSourceArn, or NamePrefix.',
          );
        }
        const found = replays
          .filter(({ name }) => name.startsWith(prefix ?? ''))
          .filter(({ archive }) => source === undefined || source === eventsArn(context, 'archive', archive))
          .filter(({ state }) => State === undefined || State === state)
          .sort((a, b) => (a.name < b.name ? -1 : 1));
        const { items, nextToken } = pageByName(found, ({ name }) => name, { token, most });
        return {
          Replays: items.map((replay) => {
            const { ReplayArn: _, Destination: __, Description: ___, ...listed } = described(context, replay);
            return listed;
          }),
          ...(nextToken === undefined ? {} : { NextToken: nextToken }),
        };
      },
    },
    CancelReplay: {
      members: ['ReplayName'],
      authorize: onReplay,
      run({ ReplayName }) {
        const replay = find(ReplayName);
        if (!['STARTING', 'RUNNING'].includes(replay.state)) {
          throw new AwsError(
            'IllegalStatusException',
            `Replay ${replay.name} is not in a valid state for this operation.`,
          );
        }
        replays.set(replay.name, { ...replay, state: 'CANCELLED', ended: context.cloud.now() });
        return { ReplayArn: eventsArn(context, 'replay', replay.name), State: 'CANCELLING' };
      },
    },
  };
}

function newReplay(context: EventsContext, input: Input<'events', 'StartReplay'>): Replay {
  const { cloud, archives, replays } = context;
  const { ReplayName: name = '', EventSourceArn: source = '', Destination } = input;
  checkConstraints('ValidationException', [
    ['replayName', name, { pattern: '[\\.\\-_A-Za-z0-9]+', min: 1, max: 64 }],
    ['description', input.Description, { max: 512 }],
  ]);
  const bus = busName(context, Destination?.Arn ?? '');
  if (!Destination?.Arn?.includes(':event-bus/')) {
    throw invalid('Parameter Destination.Arn is not valid. Reason: Must contain an event bus ARN.');
  }
  if (bus === undefined || !(bus === 'default' || context.buses.has(bus))) {
    throw notFound(`Event bus ${Destination.Arn.split('/').at(-1)} does not exist.`);
  }
  const archive = archives.get(source.split(':archive/')[1] ?? '');
  if (archive === undefined || eventsArn(context, 'archive', archive.name) !== source) {
    throw invalid(`Parameter EventSourceArn is not valid. Reason: Archive ${source.split('/').at(-1)} does not exist.`);
  }
  if (archive.bus !== bus) {
    throw invalid('Parameter Destination.Arn is not valid. Reason: Cross event bus replay is not permitted.');
  }
  if (replays.has(name)) throw new AwsError('ResourceAlreadyExistsException', `Replay ${name} already exists.`);
  const [from, to] = [Number(input.EventStartTime), Number(input.EventEndTime)];
  if (from >= to) {
    throw invalid('Parameter EventEndTime is not valid. Reason: EventStartTime must be before EventEndTime.');
  }
  return {
    ...{ name, archive: archive.name, bus, from, to, state: 'STARTING', started: cloud.now() },
    ...(input.Description === undefined ? {} : { description: input.Description }),
    ...(Destination.FilterArns?.length ? { rules: Destination.FilterArns } : {}),
  };
}

/** Sends the events in the order of their archive, with the replay's name in each. */
function run(context: EventsContext, dispatcher: Dispatcher, name: string): void {
  const { archives, replays, cloud } = context;
  const replay = replays.get(name);
  if (replay === undefined || replay.state !== 'STARTING') return;
  const archive = archives.get(replay.archive);
  const events = archive === undefined ? [] : kept(archive, cloud.now());
  const chosen = events.filter(({ event }) => {
    const at = Date.parse(event.time);
    return at >= replay.from && at <= replay.to;
  });
  for (const { event } of chosen) {
    dispatcher.dispatch(replay.bus, { ...event, 'replay-name': replay.name }, { only: replay.rules });
  }
  const last = chosen.at(-1);
  replays.set(name, {
    ...replay,
    state: archive === undefined ? 'FAILED' : 'COMPLETED',
    ended: cloud.now(),
    ...(last === undefined ? {} : { lastReplayed: Date.parse(last.event.time) }),
  });
}

function described(context: EventsContext, replay: Replay): Output<'events', 'DescribeReplay'> {
  return {
    ReplayName: replay.name,
    ReplayArn: eventsArn(context, 'replay', replay.name),
    ...(replay.description === undefined ? {} : { Description: replay.description }),
    State: replay.state,
    EventSourceArn: eventsArn(context, 'archive', replay.archive),
    Destination: {
      Arn: eventsArn(context, 'event-bus', replay.bus),
      FilterArns: [...(replay.rules ?? [])],
    },
    EventStartTime: new Date(replay.from),
    EventEndTime: new Date(replay.to),
    ...(replay.lastReplayed === undefined ? {} : { EventLastReplayedTime: new Date(replay.lastReplayed) }),
    ReplayStartTime: new Date(replay.started),
    ...(replay.ended === undefined ? {} : { ReplayEndTime: new Date(replay.ended) }),
  };
}
