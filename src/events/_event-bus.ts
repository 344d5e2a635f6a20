// The section `eventbridge`: event buses that the project makes, with their archives; and where a bus is, however it is named.
import type { Plain } from '../base/located.ts';
import { byKind, converted, described, flag, integer, mapOf, object, type Schema, text } from '../base/schema.ts';
import { busDialect } from '../cfn/event-pattern-language.ts';
import { type EnvironmentNames, fitted, pascalCase } from '../cfn/names.ts';
import { attribute, type Resource, ref, sub, type Value } from '../cfn/resource.ts';
import { eventPattern } from './_pattern.ts';
import type { SourceContext } from './source.ts';

export interface Archive {
  /** All the events of the bus without it. */
  readonly pattern?: Plain;
  /** For ever without it. */
  readonly retentionInDays?: number;
}

export interface MadeBus {
  readonly name?: string;
  readonly description?: string;
  readonly archive?: Archive;
}

export interface EventBridgeSection {
  readonly buses: ReadonlyMap<string, MadeBus>;
}

/** AWS's archives keep events for ever by default; fx keeps them for that many days, since storage costs. */
const defaultRetention = 30;

export function archiveSchema(about: string, withPattern = false): Schema<Archive> {
  const settings = object({
    required: {},
    optional: {
      retentionInDays: described('How many days to keep events.', integer({ least: 1, most: 36_500 }), {
        default: defaultRetention,
        examples: [90],
      }),
      ...(withPattern
        ? {
            pattern: described('Which events to keep; all without it.', eventPattern(busDialect, 4096), {
              examples: [{ source: ['shop'] }],
            }),
          }
        : {}),
    },
    elsewhere: { days: 'retentionInDays', retention: 'retentionInDays' },
  }) as Schema<Archive>;
  const schema = byKind<Archive>({
    scalar: converted(flag, (on) => (on ? { value: {} } : { wrong: 'expected true, or leave archive out' })),
    map: settings,
    expected: 'true, or a map with retentionInDays',
  });
  return described(about, schema, { examples: [{ retentionInDays: 90 }] });
}

export function archiveProperties({ retentionInDays = defaultRetention }: Archive): Readonly<Record<string, Value>> {
  return { RetentionDays: retentionInDays };
}

const madeBus: Schema<MadeBus> = object({
  required: {},
  optional: {
    name: described(
      'The name of the bus in AWS; fx makes one of the project, the environment and the key without it.',
      text({
        pattern: /^(?!default$|aws\.)[.A-Za-z0-9_-]+$/,
        expected: 'a name of letters, digits, . _ and -',
        longest: 256,
      }),
      { examples: ['shop-orders'] },
    ),
    description: described('A description, shown next to the name in AWS.', text({ longest: 512 }), {
      examples: ['All that happens to orders'],
    }),
    archive: archiveSchema('Keeps the events of the bus, to replay them.', true),
  },
});

export const busSection: Schema<EventBridgeSection> = object({
  required: {
    buses: described(
      'Event buses of the project, by a key that events name.',
      mapOf(madeBus, { pattern: /^[A-Za-z][A-Za-z0-9_-]*$/, expected: 'a name of letters, digits, _ and -' }),
      { examples: [{ orders: { archive: true } }] },
    ),
  },
  optional: {},
  about: 'Event buses that the project makes.',
});

/** The logical id of a bus of the section: `Bus` and its key. */
export const busId = (key: string): string => `Bus${pascalCase(key)}`;

/** The buses of the section, with their archives and queues. */
export function busResources(
  section: EventBridgeSection | undefined,
  { project, environment }: EnvironmentNames,
): Readonly<Record<string, Resource>> {
  const resources: Record<string, Resource> = {};
  for (const [key, bus] of section?.buses ?? []) {
    const id = busId(key);
    const arn = attribute(id, 'Arn');
    resources[id] = {
      Type: 'AWS::Events::EventBus',
      Properties: {
        Name: bus.name ?? fitted(`${project}-${environment}-${key}`, 256),
        ...(bus.description === undefined ? {} : { Description: bus.description }),
      },
    };
    if (bus.archive !== undefined) {
      const { pattern } = bus.archive;
      resources[`${id}Archive`] = {
        Type: 'AWS::Events::Archive',
        Properties: {
          SourceArn: arn,
          ...(pattern === undefined ? {} : { EventPattern: pattern }),
          ...archiveProperties(bus.archive),
        },
      };
    }
  }
  return resources;
}

interface BusPlace {
  /** Undefined for the default bus. */
  readonly name: Value | undefined;
  readonly arn: Value;
}

/** What a rule and an archive call the bus that an event names. */
export function busAt(bus: Plain, { section, resources }: SourceContext<EventBridgeSection>): BusPlace {
  const arnBy = (name: string) =>
    sub(`arn:\${AWS::Partition}:events:\${AWS::Region}:\${AWS::AccountId}:event-bus/${name}`);
  if (typeof bus !== 'string') {
    // an intrinsic may be a name or an ARN; a Ref to a bus is its name
    return {
      name: bus,
      arn: {
        'Fn::Sub': ['arn:${AWS::Partition}:events:${AWS::Region}:${AWS::AccountId}:event-bus/${Bus}', { Bus: bus }],
      },
    };
  }
  if (bus === 'default') return { name: undefined, arn: arnBy('default') };
  if (section?.buses.has(bus) === true) return { name: ref(busId(bus)), arn: attribute(busId(bus), 'Arn') };
  if (resources.get(bus)?.Type === 'AWS::Events::EventBus') return { name: ref(bus), arn: attribute(bus, 'Arn') };
  return bus.startsWith('arn:') ? { name: bus, arn: bus } : { name: bus, arn: arnBy(bus) };
}
