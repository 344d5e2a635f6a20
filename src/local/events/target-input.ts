// What a target receives: the event, a part of it, a text, or a template filled from it.
// https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-transform-target-input.html
import type { Target } from '@aws-sdk/client-eventbridge';
import { invalid } from './state.ts';

export interface BusEvent {
  readonly version: string;
  readonly id: string;
  readonly 'detail-type': string;
  readonly source: string;
  readonly account: string;
  readonly time: string;
  readonly region: string;
  readonly resources: readonly string[];
  readonly detail: unknown;
  readonly 'replay-name'?: string;
}

/** How the target's rule appears in templates. */
export interface RuleNames {
  readonly name: string;
  readonly arn: string;
  readonly ingestion: string;
}

const path = /^\$(?:\.[^.[\]]+|\[\d+\]|\[\*\])*$/;

/** Checks the settings of a target, as PutTargets does. */
export function checkTargetInput({ Id, Input, InputPath, InputTransformer }: Target): void {
  const given = [Input, InputPath, InputTransformer].filter((setting) => setting !== undefined);
  if (given.length > 1) {
    throw invalid(`Only one of Input, InputPath, or InputTransformer must be provided for target ${Id}.`);
  }
  if (Input !== undefined && !isJson(Input)) throw invalid(`JSON syntax error in input for target ${Id}.`);
  if (InputPath !== undefined && !path.test(InputPath)) throw invalid(`InputPath for target ${Id} is invalid.`);
  if (InputTransformer === undefined) return;
  const { InputPathsMap = {}, InputTemplate = '' } = InputTransformer;
  for (const [name, value] of Object.entries(InputPathsMap)) {
    if (/^aws\./i.test(name)) throw invalid(`InputPathsMap for target ${Id} contains reserved key ${name}.`);
    if (!path.test(value)) throw invalid(`InputPathsMap for target ${Id} contains an invalid path ${value}.`);
  }
  for (const [, name = ''] of InputTemplate.matchAll(placeholder)) {
    if (!Object.hasOwn(InputPathsMap, name) && !reserved.has(name)) {
      throw invalid(`InputTemplate for target ${Id} contains invalid placeholder ${name}.`);
    }
  }
}

const placeholder = /<([^<>\s"]+)>/g;

// https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-transform-target-input.html#eb-transform-input-predefined
const reserved = new Set([
  'aws.events.rule-arn',
  'aws.events.rule-name',
  'aws.events.event.ingestion-time',
  'aws.events.event',
  'aws.events.event.json',
]);

function isJson(text: string): boolean {
  try {
    JSON.parse(text);
    return true;
  } catch {
    return false;
  }
}

/** The body that the target receives; undefined if the filled template is not what it promises to be, JSON or a text. */
export function targetBody(target: Target, event: BusEvent, rule: RuleNames): string | undefined {
  if (target.Input !== undefined) return target.Input;
  if (target.InputPath !== undefined) {
    const part = valueAt(event, target.InputPath);
    return part === undefined ? '{}' : JSON.stringify(part);
  }
  if (target.InputTransformer === undefined) return JSON.stringify(event);
  return filledTemplate(target.InputTransformer, event, rule);
}

/** The value at a path such as `$.detail.items[0].name`; `[*]` collects from all elements. */
function valueAt(value: unknown, written: string): unknown {
  const steps = [...written.slice(1).matchAll(/\.([^.[\]]+)|\[(\d+|\*)\]/g)].map(
    ([, key, index]) => key ?? index ?? '',
  );
  const read = (from: unknown, [step, ...rest]: readonly string[]): unknown => {
    if (step === undefined) return from;
    if (typeof from !== 'object' || from === null) return undefined;
    if (Array.isArray(from)) {
      if (step !== '*') return read(from[Number(step)], rest);
      return from.map((element: unknown) => read(element, rest)).filter((found) => found !== undefined);
    }
    return Object.hasOwn(from, step) ? read((from as Record<string, unknown>)[step], rest) : undefined;
  };
  return read(value, steps);
}

function filledTemplate(
  { InputPathsMap = {}, InputTemplate = '' }: NonNullable<Target['InputTransformer']>,
  event: BusEvent,
  rule: RuleNames,
): string | undefined {
  const values: Record<string, unknown> = {
    'aws.events.rule-arn': rule.arn,
    'aws.events.rule-name': rule.name,
    'aws.events.event.ingestion-time': rule.ingestion,
    'aws.events.event.json': event,
    'aws.events.event': withoutDetail(event, rule.ingestion),
  };
  for (const [name, at] of Object.entries(InputPathsMap)) values[name] = valueAt(event, at);
  const isText = InputTemplate.trimStart().startsWith('"') || !InputTemplate.trimStart().startsWith('{');
  let inQuotes = false;
  const filled = InputTemplate.replace(/\\.|"|<([^<>\s"]+)>/g, (found, name: string | undefined) => {
    if (found === '"') inQuotes = !inQuotes;
    if (name === undefined || !Object.hasOwn(values, name)) return found;
    return inQuotes ? withinText(values[name]) : asValue(values[name]);
  });
  if (isText) {
    // lines that are not texts in quotes are dropped
    return filled.trimStart().startsWith('"') ? filled : undefined;
  }
  try {
    return JSON.stringify(JSON.parse(filled));
  } catch {
    return undefined;
  }
}

/** `aws.events.event` is the event without its detail, with AWS's own spelling of its keys. */
function withoutDetail({ detail: _, 'detail-type': detailType, ...event }: BusEvent, time: string): object {
  return {
    ...{ id: event.id, account: event.account, detailType, time, source: event.source, region: event.region },
    ...{ resources: event.resources, version: event.version },
  };
}

/** A missing value leaves a JSON template with "" in its place. */
function asValue(value: unknown): string {
  return value === undefined ? '""' : JSON.stringify(value);
}

/** Within quotes, objects and lists are printed without the quotes of their texts: `{acc_id:0a787ecb-4015,sf_id:baz}`. */
function withinText(value: unknown): string {
  if (value === undefined) return '';
  if (typeof value === 'string') return JSON.stringify(value).slice(1, -1);
  return JSON.stringify(value).replaceAll('"', '');
}
