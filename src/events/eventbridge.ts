// `eventbridge`: a rule of an EventBridge bus; the events that match its pattern go to the function's live alias.

import type { Problem } from '../base/error.ts';
import type { Plain } from '../base/located.ts';
import { nearest } from '../base/suggest.ts';
import { arnOf } from '../cfn/arn.ts';
import { pascalCase } from '../cfn/names.ts';
import type { Part, SharedPart } from '../cfn/part.ts';
import type { Resource } from '../cfn/resource.ts';
import { checkDeadLetters, warnOfPolicy } from './_dead-letters.ts';
import { archiveProperties, busAt, busResources, busSection, type EventBridgeSection } from './_event-bus.ts';
import { type BusEvent, busEventSchema } from './_event-bus-event.ts';
import { busEventType } from './_event-type.ts';
import { rulePermission, ruleTarget } from './_rule-target.ts';
import type { EventSource, SourceContext, Use } from './source.ts';

// https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-quota.html
const usualRules = 300;

export const eventbridge: EventSource<'eventbridge', BusEvent, EventBridgeSection> = {
  kind: 'eventbridge',
  schema: busEventSchema,
  section: busSection,
  startsMachines: true,
  docs: {
    summary: 'Calls the function with the events of an EventBridge bus that match a pattern.',
    example: 'eventbridge: {bus: orders, pattern: {source: [shop], detail-type: [OrderPlaced]}}',
    aws: 'https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-event-patterns.html',
  },
  typeOf: ({ pattern, input, inputPath, transformer }) =>
    input === undefined && inputPath === undefined && transformer === undefined ? busEventType(pattern) : 'unknown',
  describe({ bus, pattern, enabled }) {
    const where = typeof bus === 'string' ? bus : JSON.stringify(bus);
    return `eventbridge ${where} ${patternText(pattern)}${enabled ? '' : ' (disabled)'}`;
  },
  check: (uses, context) => [
    ...uses.flatMap((use) => [...checkDeadLetters(use.config.deadLetters, use, context), ...checkBus(use, context)]),
    ...sameNames(uses),
  ],
  warn: (uses, context) => [
    ...uses.flatMap((use) => [
      ...warnOfPolicy(use.config.deadLetters, use, context, 'events.amazonaws.com'),
      ...warnOfBus(use, context),
    ]),
    ...manyRules(uses),
  ],
  fire: ({ config: { bus, pattern } }, context) => ({ to: 'bus', at: busAt(bus, context).name, pattern }),
  compile,
  shared: (_, context): SharedPart => ({ resources: busResources(context.section, context.names) }),
};

/** A rule keeps its logical id as long as it keeps its name. */
function compile(
  { function: target, config, ordinal }: Use<BusEvent>,
  context: SourceContext<EventBridgeSection>,
): Part {
  const suffix = config.name === undefined ? (ordinal === 1 ? '' : String(ordinal)) : pascalCase(config.name);
  const id = target.id(`Rule${suffix}`);
  const arn = arnOf(id, 'AWS::Events::Rule');
  const sent = ruleTarget(target, config, { id, arn });
  const bus = busAt(config.bus, context);
  const tags = [...(config.tags ?? [])].map(([Key, Value]) => ({ Key, Value }));
  const resources: Record<string, Resource> = {
    [id]: {
      Type: 'AWS::Events::Rule',
      Properties: {
        ...(config.name === undefined ? {} : { Name: config.name }),
        ...(config.description === undefined ? {} : { Description: config.description }),
        ...(bus.name === undefined ? {} : { EventBusName: bus.name }),
        EventPattern: config.pattern,
        State: config.enabled ? 'ENABLED' : 'DISABLED',
        Targets: [sent.target],
        ...(tags.length === 0 ? {} : { Tags: tags }),
      },
    },
    ...rulePermission(target, id, arn),
    ...sent.resources,
  };
  if (config.archive !== undefined) {
    resources[`${id}Archive`] = {
      Type: 'AWS::Events::Archive',
      Properties: { SourceArn: bus.arn, EventPattern: config.pattern, ...archiveProperties(config.archive) },
    };
  }
  return { resources };
}

const longestShown = 60;

function patternText(pattern: Plain): string {
  const text = JSON.stringify(pattern);
  return text.length > longestShown ? `${text.slice(0, longestShown)}…` : text;
}

const busType = 'AWS::Events::EventBus';

/** A bus by name may exist outside of the project, so only what cannot be right is a problem. */
function checkBus(
  { config: { bus }, at }: Use<BusEvent>,
  context: SourceContext<EventBridgeSection>,
): readonly Problem[] {
  if (typeof bus !== 'string') return [];
  if (bus.startsWith('arn:')) {
    const [, , service, region, account, resource = ''] = bus.split(':');
    if (service !== 'events' || !resource.startsWith('event-bus/')) {
      return [{ at, message: `"${bus}" is not the ARN of an event bus` }];
    }
    if (region !== context.names.region) {
      const message = `the event bus is in ${region}, but the function is in ${context.names.region}: a rule is in the region of its bus`;
      return [{ at, message, hint: `send its events to a bus in ${context.names.region} by a rule there` }];
    }
    if (context.account !== undefined && account !== context.account) {
      const message = `the event bus is in account ${account}, but the environment is in ${context.account}: a rule calls functions of its own account only`;
      return [{ at, message, hint: 'send its events to a bus of this account by a rule there' }];
    }
    return [];
  }
  const type = context.section?.buses.has(bus) ? undefined : context.resources.get(bus)?.Type;
  return type === undefined || type === busType ? [] : [{ at, message: `"${bus}" is ${type}, not ${busType}` }];
}

/** The name of a bus outside of the project that is nearly one of the project is probably a typing mistake. */
function warnOfBus(
  { config: { bus }, at }: Use<BusEvent>,
  context: SourceContext<EventBridgeSection>,
): readonly Problem[] {
  if (typeof bus !== 'string' || bus.startsWith('arn:') || bus === 'default') return [];
  const own = [
    ...(context.section?.buses.keys() ?? []),
    ...[...context.resources].flatMap(([id, { Type }]) => (Type === busType ? [id] : [])),
  ];
  if (own.includes(bus)) return [];
  const suggestion = nearest(bus, [...own, 'default']);
  if (suggestion === undefined) return [];
  return [
    {
      at,
      message: `the project has no event bus "${bus}", so one of this name must exist in AWS`,
      hint: `did you mean "${suggestion}"?`,
    },
  ];
}

function sameNames(uses: readonly Use<BusEvent>[]): Problem[] {
  const seen = new Set<string>();
  return uses.flatMap(({ config: { name, bus }, at }) => {
    if (name === undefined) return [];
    const key = `${JSON.stringify(bus)} ${name}`;
    if (seen.has(key)) return [{ at, message: `two rules have the name "${name}"`, hint: 'names are unique on a bus' }];
    seen.add(key);
    return [];
  });
}

function manyRules(uses: readonly Use<BusEvent>[]): Problem[] {
  const byBus = new Map<string, Use<BusEvent>[]>();
  for (const use of uses) {
    const key = JSON.stringify(use.config.bus);
    byBus.set(key, [...(byBus.get(key) ?? []), use]);
  }
  return [...byBus.values()].flatMap((rules) => {
    const last = rules[usualRules];
    if (last === undefined) return [];
    const message = `this bus has ${rules.length} rules; AWS allows ${usualRules}, unless your account has more`;
    return [{ at: last.at, message, hint: 'spread them over several buses, or ask for a higher quota' }];
  });
}
