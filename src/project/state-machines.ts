// The key `stateMachines` of project.yml: Step Functions' state machines, each with its definition in a file.
import { duration } from '../base/duration.ts';
import type { Problem, Span } from '../base/error.ts';
import type { Plain } from '../base/located.ts';
import { isMap } from '../base/plain.ts';
import {
  byKind,
  converted,
  described,
  flag,
  list,
  mapOf,
  object,
  oneOf,
  type Read,
  text,
  verbatim,
} from '../base/schema.ts';
import { nearest } from '../base/suggest.ts';
import { defaultRetention, retentionDays } from '../cfn/log-retention.ts';
import { type EnvironmentNames, stateMachineName } from '../cfn/names.ts';
import { checkDefinition, type Fields, type PlacedState, statesIn } from '../cfn/states-definition.ts';
import { isOneIntrinsic } from '../cfn/value-schema.ts';
import { type EventSources, eventSources } from '../events/index.ts';
import { tagKey, tagValue } from '../settings/tags.ts';
import { eventSchema } from './function-schema.ts';
import { permission } from './permissions.ts';
import type { Project } from './project.ts';

const level = oneOf(['ALL', 'ERROR', 'FATAL'], 'Which events of executions are logged.', {
  default: 'ALL',
  examples: ['ERROR'],
});
const loggingMap = object({
  required: {},
  optional: {
    level,
    includeExecutionData: described('Log the inputs and outputs of states too.', flag, {
      default: false,
      examples: [true],
    }),
    retentionInDays: oneOf([...retentionDays, 'forever'], 'How many days to keep the log, or forever.', {
      default: defaultRetention,
      examples: [90],
    }),
  },
});

const noLogging = converted(flag, (on): { value: false } | { wrong: string } =>
  on ? { wrong: 'expected false, a level, or a map' } : { value: false },
);
const shortLogging = converted(level, (value) => ({ value: { level: value } }));
const logging = byKind<false | Read<typeof loggingMap>>({
  scalar: {
    ...shortLogging,
    json: { anyOf: [level.json, { enum: [false] }] },
    read: (value, reading) =>
      value.kind === 'scalar' && typeof value.value === 'boolean'
        ? noLogging.read(value, reading)
        : shortLogging.read(value, reading),
  },
  map: loggingMap,
  expected: 'a level such as ERROR, a map, or false',
});

const startSchema = eventSchema(
  Object.fromEntries(Object.entries(eventSources as EventSources).filter(([, source]) => source.startsMachines)),
  'What starts the state machine.',
);

// https://docs.aws.amazon.com/step-functions/latest/dg/service-quotas.html#service-limits-state-machine-executions
const longestExecution = 31_536_000;
const longestExpress = 300;

const stateMachine = object({
  about: 'A state machine.',
  required: {},
  optional: {
    file: described(
      'The file with the definition in the Amazon States Language, in YAML or JSON. Functions of the project are named by their names in this file.',
      text({ expected: 'a file such as flow.asl.yml' }),
      { examples: ['flow.asl.yml'] },
    ),
    definition: described('The definition itself, instead of a file.', verbatim, {
      examples: [{ StartAt: 'Charge', States: { Charge: { Type: 'Task', Resource: 'orders', End: true } } }],
    }),
    type: oneOf(
      ['STANDARD', 'EXPRESS'],
      'STANDARD runs for up to a year and keeps its history; EXPRESS for up to five minutes, cheaper, and only its log remains.',
      { default: 'STANDARD', examples: ['EXPRESS'] },
    ),
    timeout: described(
      'How long an execution may take: TimeoutSeconds of the definition.',
      duration({ least: 1, most: longestExecution, expected: 'a time from 1s to 365d' }),
      { examples: ['1h'] },
    ),
    logging: described('A log group for the events of executions; none without this key.', logging, {
      default: false,
      examples: [{ level: 'ERROR', includeExecutionData: true }],
      aws: 'https://docs.aws.amazon.com/step-functions/latest/dg/cw-logs.html',
    }),
    events: described('What starts it: schedules, and events of EventBridge buses.', list(startSchema), {
      examples: [[{ schedule: 'rate(1 hour)' }]],
    }),
    tracing: described('Send traces to X-Ray.', flag, { default: false, examples: [true] }),
    permissions: described(
      'What its role may do besides what fx reads from the definition: for resources that are known only when it runs.',
      list(permission),
      { examples: [['sqs:SendMessage on Jobs']] },
    ),
    name: described(
      'The name of the state machine in AWS.',
      text({ pattern: /^[A-Za-z0-9_-]{1,80}$/, expected: 'a name of letters, digits, - and _, at most 80' }),
      { default: '${name}-${env}-<this name>', examples: ['order-flow'] },
    ),
    tags: described('Tags of the state machine, added to those of the project.', mapOf(tagValue, tagKey), {
      examples: [{ team: 'checkout' }],
    }),
  },
  elsewhere: {
    definitionUri: 'file',
    definitionSubstitutions: 'intrinsics such as !GetAtt Queue.Arn in the definition itself',
    policies: 'permissions',
    role: 'fx makes it from the definition; permissions adds to it',
    loggingConfig: 'logging',
    tracingConfig: 'tracing',
  },
});

const short = converted(
  text({ expected: 'a file such as flow.asl.yml' }),
  (file): { value: Read<typeof stateMachine> } => ({
    value: { file },
  }),
);

export const stateMachinesSchema = described(
  'State machines of Step Functions by name: the file with the definition, or settings.',
  mapOf(byKind({ scalar: short, map: stateMachine, expected: 'a file such as flow.asl.yml, or settings' }), {
    pattern: /^[a-zA-Z][a-zA-Z0-9_-]*$/,
    expected: 'a name (a letter, then letters, digits, - and _)',
  }),
  {
    examples: [{ checkout: 'checkout.asl.yml' }],
    aws: 'https://docs.aws.amazon.com/step-functions/latest/dg/concepts-amazon-states-language.html',
  },
);

export interface StateMachineSettings extends Omit<Read<typeof stateMachine>, 'name' | 'file' | 'definition'> {
  readonly name: string;
  readonly physicalName: string;
  readonly definition: Fields;
  readonly at: Span;
}

export function toStateMachine(
  name: string,
  { name: physical, definition, file: _, ...settings }: Read<typeof stateMachine>,
  { names, at }: { readonly names: EnvironmentNames; readonly at: Span },
): StateMachineSettings {
  const physicalName = physical ?? stateMachineName(names, name);
  return { ...settings, name, physicalName, definition: (definition ?? {}) as Fields, at };
}

/** An intrinsic of CloudFormation in a definition. `Condition` is a field of the language. */
export function isIntrinsicValue(value: unknown): value is Readonly<Record<string, Plain>> {
  if (!isMap(value)) return false;
  return isOneIntrinsic(Object.keys(value));
}

/** The field with the name or ARN of the function that a task calls, by the keys on its way; undefined for other tasks. */
export function functionField({ state, path, language }: PlacedState): readonly (string | number)[] | undefined {
  const { Resource } = state;
  if (state['Type'] !== 'Task') return undefined;
  if (typeof Resource !== 'string') return undefined;
  if (!Resource.startsWith('arn:')) return [...path, 'Resource'];
  if (!/^arn:[\w-]+:states:::(aws-sdk:)?lambda:invoke(\.|$)/.test(Resource)) return undefined;
  const key = language === 'JSONata' ? 'Arguments' : 'Parameters';
  const named = state[key];
  return isMap(named) && named['FunctionName'] !== undefined ? [...path, key, 'FunctionName'] : undefined;
}

/** A value of the definition. */
export function valueIn(definition: unknown, path: readonly (string | number)[]): unknown {
  return path.reduce<unknown>(
    (value, key) => (value as Record<string | number, unknown> | undefined)?.[key],
    definition,
  );
}

/** Whether the text is computed when the state machine runs. */
export const isComputed = (value: unknown): boolean =>
  typeof value === 'string' && (/^\{%.*%\}$/s.test(value) || value.startsWith('$') || value.startsWith('States.'));

export async function checkStateMachines(project: Project): Promise<readonly Problem[]> {
  if (project.stateMachines.length === 0) return [];
  const { expressionProblem } = await import('./jsonata-syntax.ts');
  return project.stateMachines.flatMap((machine): readonly Problem[] => {
    const { name, definition, type = 'STANDARD', timeout } = machine;
    const from = ['stateMachines', name];
    const at = project.origin([...from, 'definition']);
    if (Object.keys(definition).length === 0) {
      return [{ at, message: 'a state machine needs a definition', hint: 'name its file: file: flow.asl.yml' }];
    }
    const problems: Problem[] = [];
    if (timeout !== undefined && definition['TimeoutSeconds'] !== undefined) {
      const hint = 'remove one of them';
      problems.push({
        at: project.origin([...from, 'timeout']),
        message: 'the definition has TimeoutSeconds too',
        hint,
      });
    }
    if (type === 'EXPRESS' && timeout !== undefined && timeout > longestExpress) {
      const message = 'an express state machine runs for at most five minutes';
      problems.push({ at: project.origin([...from, 'timeout']), message });
    }
    const found = checkDefinition(checkable(definition), { type, expressionProblem });
    for (const { message, path } of found) {
      problems.push({ at: project.origin([...from, 'definition', ...path]), message: message.trimEnd() });
    }
    return [...problems, ...functionProblems(project, machine)];
  });
}

/** With text in place of what is not text yet: intrinsics, and names of functions as resources. */
function checkable(value: unknown, key?: string): unknown {
  const isResource = key === 'Resource';
  const arn = 'arn:aws:lambda:us-east-1:111122223333:function:named';
  if (isIntrinsicValue(value)) return isResource ? arn : 'x';
  if (Array.isArray(value)) return value.map((item) => checkable(item));
  if (isResource && typeof value === 'string' && /^[\w-]+$/.test(value)) return arn;
  if (!isMap(value)) return value;
  return Object.fromEntries(Object.entries(value).map(([name, item]) => [name, checkable(item, name)]));
}

function functionProblems(project: Project, { name, definition }: StateMachineSettings): readonly Problem[] {
  return [...statesIn(definition)].flatMap((placed): readonly Problem[] => {
    const path = functionField(placed);
    const named = path === undefined ? undefined : valueIn(definition, path);
    if (path === undefined || typeof named !== 'string' || named.startsWith('arn:') || isComputed(named)) return [];
    const at = project.origin(['stateMachines', name, 'definition', ...path]);
    const settings = project.functions.find((candidate) => candidate.name === named);
    if (settings === undefined) {
      const all = project.functions.map((candidate) => candidate.name);
      const suggestion = nearest(named, all);
      const hint =
        suggestion === undefined ? 'name a function of the project, or give an ARN' : `did you mean "${suggestion}"?`;
      return [{ at, message: `there is no function "${named}"`, hint }];
    }
    if (settings.condition !== undefined) {
      const message = `"${named}" exists only if the condition "${settings.condition}" holds, the state machine always`;
      return [{ at, message, hint: 'remove the condition of the function' }];
    }
    const qualifier = [...path.slice(0, -1), 'Qualifier'];
    if (path.at(-1) === 'FunctionName' && valueIn(definition, qualifier) !== undefined) {
      const message = `fx calls the live alias of "${named}", so there is no Qualifier`;
      return [{ at: project.origin(['stateMachines', name, 'definition', ...qualifier]), message, hint: 'remove it' }];
    }
    return [];
  });
}
