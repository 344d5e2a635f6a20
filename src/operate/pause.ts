// fx pause and fx resume: switches off what calls functions by itself (mappings, schedules, rules, pipes), and on again.
import type { SourceState, StackResource, SwitchedSource } from '../aws/aws.ts';
import { FxError } from '../base/error.ts';
import { pause as wait } from '../base/interrupt.ts';
import { nearest } from '../base/suggest.ts';
import { wildcard } from '../base/wildcard.ts';
import { callsTo } from '../cfn/function-calls.ts';
import { type Resource, referencesIn, type Value } from '../cfn/resource.ts';
import { valueText } from '../cfn/value-text.ts';
import type { Environment } from '../project/environment.ts';
import { type Context, eachFunction } from './context.ts';
import { type LiveStack, liveStackOf, readLive } from './live-stack.ts';
import { resourceOf } from './state.ts';

export interface Source {
  readonly logicalId: string;
  readonly type: SwitchedSource['type'];
  /** The functions that it calls. */
  readonly functions: readonly string[];
  /** What it is, such as `Jobs` or `rate(5 minutes)`. */
  readonly text: string;
  /** The logical ids that it reads from. */
  readonly from: readonly string[];
  readonly state: SourceState;
  /** Whether the template has it switched on. */
  readonly isOnInTemplate: boolean;
  readonly physicalId: string;
  readonly group: string | undefined;
}

/** What can be paused, with its state. Throws NOT_DEPLOYED. */
export async function pausableSources(environment: Environment, context: Context): Promise<readonly Source[]> {
  return sourcesIn(await liveStackOf(await readLive(environment, context), context), environment, context);
}

/** Whether a resource of the type may be one that can be paused. */
export const isSwitched = (type: string): boolean => Object.hasOwn(readers, type);

export async function sourcesIn(
  stack: LiveStack,
  environment: Environment,
  context: Context,
): Promise<readonly Source[]> {
  const found = Object.entries(stack.template.Resources).flatMap(([logicalId, resource]) =>
    sourceOf({ ...stack, environment }, logicalId, resource),
  );
  const states = await eachFunction(found, (source) => context.aws.sources.state(source));
  return found.flatMap((source, index) => {
    const state = states[index];
    return state === undefined ? [] : [{ ...source, state }];
  });
}

/** Those that belong to the named functions, that are named themselves, or that read from what is named; `*` stands for any characters.
 * Throws USAGE for a name without one. */
export function chosenSources(all: readonly Source[], names: readonly string[]): readonly Source[] {
  const chosen = names.flatMap((name) => {
    const pattern = wildcard(name);
    const matches = all.filter((source) => namesOf(source).some((each) => pattern.test(each)));
    if (matches.length > 0) return matches;
    const known = [...new Set(all.flatMap(namesOf))];
    const suggestion = nearest(name, known);
    throw new FxError('USAGE', `nothing that can be paused belongs to "${name}"`, {
      hint: suggestion === undefined ? `there are: ${known.join(', ') || 'none'}` : `did you mean "${suggestion}"?`,
    });
  });
  return all.filter((source) => chosen.includes(source));
}

const namesOf = ({ logicalId, functions, from }: Source): readonly string[] => [...functions, logicalId, ...from];

export interface Turned {
  readonly changed: readonly Source[];
  /** In that state before. */
  readonly unchanged: readonly Source[];
}

/** Resolves when AWS has switched all of them. What the template has switched off is not switched on. */
export async function turnSources(sources: readonly Source[], to: 'on' | 'off', context: Context): Promise<Turned> {
  const wanted = sources.filter(({ isOnInTemplate }) => to === 'off' || isOnInTemplate);
  const changing = wanted.filter(({ state }) => state !== to);
  await eachFunction(changing, async (source) => {
    await settled(source, context);
    await context.aws.sources.turn(source, to);
    await settled(source, context);
  });
  return {
    changed: changing.map((source) => ({ ...source, state: to })),
    unchanged: sources.filter((source) => !changing.includes(source)),
  };
}

/** AWS refuses to switch what it is still switching. */
async function settled(source: Source, context: Context): Promise<void> {
  while ((await context.aws.sources.state(source)) === 'changing') await wait(context.pollMs, context.signal);
}

interface Of extends LiveStack {
  readonly environment: Environment;
}

type Found = Omit<Source, 'state'>;

interface Reading {
  readonly type: SwitchedSource['type'];
  /** What it calls. */
  readonly target: Value | undefined;
  readonly from: Value | undefined;
  readonly isOn: boolean;
  readonly group?: Value | undefined;
}

const readers: Readonly<Record<string, (properties: Readonly<Record<string, Value>>) => Reading>> = {
  'AWS::Lambda::EventSourceMapping': ({ FunctionName, EventSourceArn, SelfManagedEventSource, Enabled }) => ({
    type: 'mapping',
    target: FunctionName,
    from: EventSourceArn ?? SelfManagedEventSource,
    isOn: Enabled !== false,
  }),
  'AWS::Scheduler::Schedule': ({ Target, ScheduleExpression, State, GroupName }) => ({
    type: 'schedule',
    target: (Target as { readonly Arn?: Value } | undefined)?.Arn,
    from: ScheduleExpression,
    isOn: State !== 'DISABLED',
    group: GroupName,
  }),
  'AWS::Events::Rule': ({ Targets, ScheduleExpression, EventPattern, State }) => ({
    type: 'rule',
    target: Targets,
    from: ScheduleExpression ?? EventPattern,
    isOn: State !== 'DISABLED',
  }),
  'AWS::Pipes::Pipe': ({ Target, Source: from, DesiredState }) => ({
    type: 'pipe',
    target: Target,
    from,
    isOn: DesiredState !== 'STOPPED',
  }),
};

function sourceOf({ template, resources, environment }: Of, logicalId: string, resource: Resource): readonly Found[] {
  const reading = readers[resource.Type]?.(resource.Properties ?? {});
  const physicalId = resourceOf(resources, logicalId)?.physicalId;
  if (reading === undefined || physicalId === undefined) return [];
  const functions = environment.functions.flatMap(({ name }) =>
    callsTo(template, name)(reading.target) ? [name] : [],
  );
  const from = referencesIn(reading.from).map((reference) => reference.logicalId);
  const isSchedule = typeof reading.from === 'string' || from.length === 0;
  const { type, isOn, group } = reading;
  return [
    {
      logicalId,
      type,
      functions,
      text: isSchedule ? valueText(reading.from ?? '') : from.join(', '),
      from: from.filter((id) => template.Resources[id] !== undefined),
      isOnInTemplate: isOn,
      physicalId,
      group: typeof group === 'string' ? group : groupNamed(group, resources),
    },
  ];
}

/** CloudFormation's id of a group of schedules is its name. */
function groupNamed(group: Value | undefined, resources: readonly StackResource[]): string | undefined {
  const [reference] = referencesIn(group);
  return reference === undefined ? undefined : resourceOf(resources, reference.logicalId)?.physicalId;
}
