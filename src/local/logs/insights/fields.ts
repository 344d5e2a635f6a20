// The fields that CloudWatch Logs Insights finds in a log event.
// https://docs.aws.amazon.com/AmazonCloudWatch/latest/logs/CWL_AnalyzeLogData-discoverable-fields.html
import type { LogEvent } from '../events.ts';
import { Instant, type Value } from './values.ts';

/** Of one event of JSON. */
const mostFields = 200;

export interface StoredEvent extends LogEvent {
  readonly group: string;
  readonly stream: string;
}

export function fieldsOf(event: StoredEvent, accountId: string): Map<string, Value> {
  const fields = new Map<string, Value>();
  const found = jsonIn(event.message);
  if (found !== undefined) flatten(found, '', fields);
  for (const [name, value] of lambdaFields(event.message)) fields.set(name, value);
  fields.set('@timestamp', new Instant(event.timestamp));
  fields.set('@ingestionTime', new Instant(event.ingestionTime));
  fields.set('@message', event.message);
  fields.set('@logStream', event.stream);
  fields.set('@log', `${accountId}:${event.group}`);
  fields.set('@ptr', Buffer.from(`${event.group}/${event.stream}/${event.id}`).toString('base64'));
  return fields;
}

/** The event, or the first JSON object in it. */
function jsonIn(message: string): unknown {
  const start = message.indexOf('{');
  if (start < 0) return undefined;
  const text = message.slice(start, endOfObject(message, start));
  try {
    return JSON.parse(text) as unknown;
  } catch {
    return undefined;
  }
}

function endOfObject(text: string, start: number): number {
  let depth = 0;
  let isQuoted = false;
  for (let at = start; at < text.length; at++) {
    const character = text[at];
    if (isQuoted) {
      if (character === '\\') at++;
      else if (character === '"') isQuoted = false;
    } else if (character === '"') isQuoted = true;
    else if (character === '{') depth++;
    else if (character === '}' && --depth === 0) return at + 1;
  }
  return text.length;
}

/** `a.b.0` for the members of members and of lists. */
function flatten(value: unknown, path: string, fields: Map<string, Value>): void {
  if (typeof value === 'object' && value !== null) {
    for (const [name, member] of Object.entries(value)) {
      // a name that begins with @ gets another
      const own = path === '' && name.startsWith('@') ? `@${name}` : name;
      flatten(member, path === '' ? own : `${path}.${own}`, fields);
    }
    return;
  }
  if (value === null || fields.size >= mostFields) return;
  if (typeof value === 'boolean') fields.set(path, value ? 1 : 0);
  else fields.set(path, value as string | number);
}

const id = '[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}';
const idInColumns = new RegExp(`^(?:\\[[A-Z]+\\]\\t)?\\S+Z\\t(${id})\\t`);
const platformLine = new RegExp(`^(START|END|REPORT) RequestId: (${id})`);

/** Units are part of the names' meaning: milliseconds and bytes. */
const reported = [
  ['@duration', /\tDuration: ([\d.]+) ms/, 1],
  ['@billedDuration', /\tBilled Duration: ([\d.]+) ms/, 1],
  ['@initDuration', /\tInit Duration: ([\d.]+) ms/, 1],
  ['@memorySize', /\tMemory Size: (\d+) MB/, 1_000_000],
  ['@maxMemoryUsed', /\tMax Memory Used: (\d+) MB/, 1_000_000],
] as const;

function* lambdaFields(message: string): Generator<readonly [string, Value]> {
  const [, type, requestId] = platformLine.exec(message) ?? [];
  if (type === undefined) {
    const inColumns = idInColumns.exec(message)?.[1];
    if (inColumns !== undefined) yield ['@requestId', inColumns];
    return;
  }
  yield ['@type', type];
  yield ['@requestId', requestId];
  if (type !== 'REPORT') return;
  for (const [name, pattern, unit] of reported) {
    const number = pattern.exec(message)?.[1];
    if (number !== undefined) yield [name, Number(number) * unit];
  }
}
