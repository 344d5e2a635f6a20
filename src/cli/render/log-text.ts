// The lines of fx logs: laid out for people, one line each for other programs, or JSON.
import type { LogRecord, LogReport } from '../../operate/log-record.ts';
import { isError } from '../../operate/log-record.ts';
import type { LogLine } from '../../operate/logs.ts';
import type { LogValue } from '../outputs.ts';
import { codePlace, ownFrames, printable, thrownStack, uncoloured } from './message-text.ts';
import { functionHues, type Style } from './style.ts';

export const logFormats = ['pretty', 'short', 'json'] as const;
export type LogFormat = (typeof logFormats)[number];

export interface LogTextOptions {
  readonly styles: Style;
  /** False: the colours that functions write themselves are left out, too. */
  readonly color: boolean;
  /** Undefined if nothing needs to fit. */
  readonly columns: number | undefined;
  /** Of the environment, in order: each has a colour. */
  readonly functions: readonly string[];
  /** Those of the log, if there are several: each line names its own. */
  readonly regions?: readonly string[];
}

export interface RegionLine extends LogLine {
  /** Set if the log is that of several regions. */
  readonly region?: string;
}

export type LogText = (line: RegionLine) => string | undefined;

/** The text of each line in order; undefined for a line that is not shown. */
export function logText(format: LogFormat, options: LogTextOptions): LogText {
  switch (format) {
    case 'json':
      return (line) => JSON.stringify(logValue(line, line.record.members ?? line.message));
    case 'short':
      return (line) => shortText(line, options);
    case 'pretty':
      return prettyText(options);
  }
}

/** A line for programs. `message`: what the function wrote, or what that says in JSON. */
export function logValue<M extends object | string>(
  { region, functionName, version, time, stream, requestId, record }: RegionLine,
  message: M,
): Omit<LogValue, 'message'> & { readonly message: M } {
  return {
    ...(region === undefined ? {} : { region }),
    functionName,
    version,
    time: time.toISOString(),
    stream,
    requestId,
    level: record.level,
    message,
  };
}

/** One line, whatever the message has. */
function shortText(
  { time, region, functionName, message }: RegionLine,
  { styles, functions, color }: LogTextOptions,
): string {
  const text = cleaner(color)(message.trimEnd()).replaceAll('\n', '\\n');
  const place = region === undefined ? '' : `${region} `;
  return `${styles.dim(time.toISOString())} ${place}${hueOf(functionName, functions, styles)(functionName)} ${text}`;
}

const cleaner = (color: boolean): ((text: string) => string) => (color ? printable : uncoloured);

function hueOf(name: string, functions: readonly string[], styles: Style): (text: string) => string {
  return styles[functionHues[Math.max(0, functions.indexOf(name)) % functionHues.length] ?? 'cyan'];
}

/** Columns of a name; a longer one moves its line. */
const mostNameColumns = 16;
const clockColumns = 12;
const levelColumns = 5;
const indent = '    ';

/** Lines that say nothing beyond the REPORT of their invocation. */
const dull = new Set(['start', 'end', 'runtimeDone', 'initRuntimeDone', 'xray', 'extension']);

function prettyText({ styles, columns, functions, color, regions = [] }: LogTextOptions): LogText {
  const regionColumns = Math.max(0, ...regions.map(({ length }) => length + 1));
  const nameColumns = Math.min(mostNameColumns, Math.max(0, ...functions.map(({ length }) => length)));
  let day = '';
  return (line) => {
    const { record, functionName, time, continues, region = '' } = line;
    if (record.platform !== undefined && dull.has(record.platform) && !isError(record)) return undefined;
    const hue = hueOf(functionName, functions, styles);
    const iso = time.toISOString();
    const heading = iso.slice(0, 10) === day ? [] : [styles.dim(`${iso.slice(0, 10)} UTC`)];
    day = iso.slice(0, 10);
    const body = bodyOf(record, styles, cleaner(color));
    const rest = body.rest.map((text) => `${indent}${text}`);
    if (continues) return [...heading, `${indent}${styles.dim(body.first)}`, ...rest].join('\n');
    const prefix = `${styles.dim(iso.slice(11, 11 + clockColumns))} ${region.padEnd(regionColumns)}${hue(functionName.padEnd(nameColumns))} `;
    const room =
      columns === undefined
        ? Number.POSITIVE_INFINITY
        : columns - clockColumns - 2 - regionColumns - nameColumns - levelColumns - 1;
    const level =
      record.level === undefined ? '' : `${levelHue(record, styles)(levelWord(record).padEnd(levelColumns))} `;
    const used = body.first.length;
    const fields = fieldLines(body.fields, { used, room, columns: (columns ?? room) - indent.length });
    return [
      ...heading,
      `${prefix}${level}${body.isDim ? styles.dim(body.first) : paintFirst(body.first, record, styles)}${fields.same === '' ? '' : ` ${styles.dim(fields.same)}`}`.trimEnd(),
      ...fields.below.map((text) => `${indent}${styles.dim(text)}`),
      ...rest,
    ].join('\n');
  };
}

function levelWord({ level = 'info' }: LogRecord): string {
  return level.toUpperCase();
}

function levelHue({ level }: LogRecord, { red, yellow, green, dim }: Style): (text: string) => string {
  if (level === 'error' || level === 'fatal') return red;
  if (level === 'warn') return yellow;
  return level === 'info' ? green : dim;
}

function paintFirst(text: string, record: LogRecord, { red, yellow }: Style): string {
  if (isError(record)) return red(text);
  return record.level === 'warn' ? yellow(text) : text;
}

interface Body {
  readonly first: string;
  readonly isDim: boolean;
  /** `name=value`. */
  readonly fields: readonly string[];
  readonly rest: readonly string[];
}

function bodyOf(record: LogRecord, styles: Style, clean: (text: string) => string): Body {
  const { report, platform, members } = record;
  if (report !== undefined) return { first: reportText(report), isDim: !isError(record), fields: [], rest: [] };
  if (platform === 'initStart') return { first: initText(record), isDim: true, fields: [], rest: [] };
  const dimmed = (lines: readonly string[]) => lines.map((line) => styles.dim(line));
  if (members !== undefined && platform !== undefined) {
    const { record: said } = members as { readonly record: Readonly<Record<string, unknown>> };
    const shown = Object.entries(said).filter(([name]) => name !== 'requestId' && name !== 'functionArn');
    return { first: platform, isDim: !isError(record), fields: shown.map(field), rest: [] };
  }
  const all = members === undefined ? undefined : unfolded(members);
  const text = all === undefined ? (thrownStack(record.text) ?? record.text) : messageIn(all);
  const [first = '', ...more] = clean(text.replace(codePlace, '')).replaceAll('\r', '\n').trimEnd().split('\n');
  const own = ownFrames(more);
  if (all === undefined) {
    const isDim = platform !== undefined && !isError(record);
    return { first, isDim, fields: [], rest: dimmed(own) };
  }
  const stacks = stacksIn(all, clean);
  // Node.js repeats in members what its message says of an error
  const isRepeated = stacks.lines.length > 0 && stacks.lines.some((line) => own.includes(line));
  const isSaid = (name: string, value: unknown) =>
    saidElsewhere.has(name) ||
    stacks.names.has(name) ||
    ((name === 'errorType' || name === 'errorMessage') && text.includes(String(value)));
  const fields = Object.entries(all)
    .filter(([name, value]) => !isSaid(name, value) && value !== undefined)
    .map(field);
  return { first, isDim: false, fields, rest: dimmed([...own, ...(isRepeated ? [] : stacks.lines)]) };
}

/** `INIT_START nodejs:24.v41`. */
function initText({ text, members }: LogRecord): string {
  const { record } = (members ?? {}) as { readonly record?: { readonly runtimeVersion?: string } };
  return `INIT_START ${record?.runtimeVersion ?? /Runtime Version: (\S+)/.exec(text)?.[1] ?? ''}`.trimEnd();
}

/** A message that is an object is laid out like the line itself. */
function unfolded(members: Readonly<Record<string, unknown>>): Readonly<Record<string, unknown>> {
  const { message, ...others } = members;
  const isObject = typeof message === 'object' && message !== null && !Array.isArray(message);
  return isObject ? { ...others, ...message } : members;
}

/** Empty for a line that is all members. */
function messageIn({ message, msg, errorMessage }: Readonly<Record<string, unknown>>): string {
  const said = message ?? msg ?? errorMessage ?? '';
  return typeof said === 'string' ? said : JSON.stringify(said);
}

/** Members that the line shows in another place, or that every line of an invocation repeats. */
const saidElsewhere = new Set(
  'time timestamp ts level severity lvl log.level message msg requestId AWSRequestId awsRequestId aws_request_id function_request_id function_name function_arn function_memory_size'.split(
    ' ',
  ),
);

function stacksIn(
  members: Readonly<Record<string, unknown>>,
  clean: (text: string) => string,
): {
  readonly names: ReadonlySet<string>;
  readonly lines: readonly string[];
} {
  const found = Object.entries(members).flatMap(([name, value]) => {
    if (!/^(stack|stackTrace|stack_trace|exception|errorStack)$/.test(name)) return [];
    if (typeof value === 'string') return [[name, value.split('\n')] as const];
    return Array.isArray(value) && value.every((line) => typeof line === 'string') ? [[name, value] as const] : [];
  });
  return {
    names: new Set(found.map(([name]) => name)),
    lines: ownFrames(
      found.flatMap(([, lines]) => lines.map((line) => clean(line.replace(codePlace, '')).trimEnd())),
    ).filter((line) => line !== ''),
  };
}

function field([name, value]: readonly [string, unknown]): string {
  const isWord = typeof value === 'string' && /^[^\s"={}]+$/.test(value);
  return printable(`${name}=${isWord ? value : JSON.stringify(value)}`);
}

/** Members follow the message if they fit; else they fill lines of their own. */
function fieldLines(
  fields: readonly string[],
  { used, room, columns }: { readonly used: number; readonly room: number; readonly columns: number },
): { readonly same: string; readonly below: readonly string[] } {
  const all = fields.join(' ');
  if (used + 1 + all.length <= room) return { same: all, below: [] };
  const below: string[] = [];
  for (const text of fields) {
    const last = below.at(-1);
    if (last !== undefined && last.length + 1 + text.length <= columns) below[below.length - 1] = `${last} ${text}`;
    else below.push(text);
  }
  return { same: '', below };
}

/** `REPORT 12 ms, billed 13 ms, 78/128 MB, init 160 ms`. */
function reportText({ duration, billed, memory, memoryUsed, initialization, failure }: LogReport): string {
  const parts = [
    duration === 0 ? undefined : `${rounded(duration)} ms`,
    billed === 0 ? undefined : `billed ${rounded(billed)} ms`,
    memory === undefined ? undefined : `${memoryUsed}/${memory} MB`,
    initialization === undefined ? undefined : `init ${rounded(initialization)} ms`,
    failure,
  ];
  return `REPORT ${parts.filter((part) => part !== undefined).join(', ')}`;
}

const rounded = (ms: number): number => (ms < 10 ? Math.round(ms * 10) / 10 : Math.round(ms));
