// Reads one line of a function's log: its level, the invocation that it belongs to, and what Lambda itself says in it. Functions log
// text or JSON: https://docs.aws.amazon.com/lambda/latest/dg/monitoring-cloudwatchlogs-logformat.html
import { type InvocationReport, reportOfMetrics, reportOfText } from './invocation-report.ts';

export type LogLevel = 'trace' | 'debug' | 'info' | 'warn' | 'error' | 'fatal';

/** What Lambda says at the end of an invocation. */
export interface LogReport extends InvocationReport {
  /** The memory of the function, in MB. */
  readonly memory: number | undefined;
  /** `error` or `timeout`; undefined for a success. */
  readonly failure: string | undefined;
}

export interface LogRecord {
  readonly level: LogLevel | undefined;
  readonly requestId: string | undefined;
  /** What Lambda itself wrote: `start`, `end`, `report`, `initStart` …; undefined for the function's own lines. */
  readonly platform: string | undefined;
  readonly report: LogReport | undefined;
  /** The line, if it is a JSON object. */
  readonly members: Readonly<Record<string, unknown>> | undefined;
  /** The text without the columns for time, id and level. */
  readonly text: string;
}

const uuid = '[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}';
const time = '\\d{4}-\\d\\d-\\d\\dT\\d\\d:\\d\\d:\\d\\d(?:\\.\\d+)?Z';

/** Lambda's own lines of text. */
const platformLine = /^(START|END|REPORT|INIT_START|INIT_REPORT|RESTORE_START|RESTORE_REPORT|XRAY|EXTENSION)\b/;
const platformId = new RegExp(`RequestId: (${uuid})`);
/** Node.js writes time, id and level before the message; .NET does, too. */
const columnsFirst = new RegExp(`^${time}\\t(${uuid}|undefined)\\t([A-Za-z]+)\\t`);
/** Python writes the level, the time and the id. */
const levelFirst = new RegExp(`^\\[([A-Z]+)\\]\\t${time}\\t(${uuid})\\t`);
/** Lambda's words about a function that took too long or whose process ended. */
const lambdasWords = new RegExp(
  `^(?:${time} (${uuid}) (?=Task timed out after)|RequestId: (${uuid}) (?:Error: (?=Runtime )|(?=Process|Error)))`,
);

const levels: ReadonlyMap<string, LogLevel> = new Map(
  (
    [
      ['trace', 'trace verbose'],
      ['debug', 'debug dbug fine'],
      ['info', 'info information notice log'],
      ['warn', 'warn warning'],
      ['error', 'error err fail severe'],
      ['fatal', 'fatal crit critical alert emergency panic'],
    ] as const
  ).flatMap(([level, words]) => words.split(' ').map((word) => [word, level] as const)),
);

/** Starts of lines that only failures have: runtimes write them for errors that nobody caught. */
const failures: readonly RegExp[] = [
  /^\[ERROR\]/,
  /^Traceback \(most recent call last\):/,
  /^(Uncaught|Unhandled)\b/,
  /^(panic|fatal error): /,
  /^Exception in thread /,
  /^thread '.*' panicked at /,
  /^Error raised from handler method/,
  /^(?:[a-z][\w$]*\.)+[A-Z][\w$]*(?:Exception|Error)\b/,
  /^[A-Z]\w*(?:Error|Exception): /,
];

/** The level as a word of its own at the start, perhaps after a time: `[2026-01-01 10:00:00] ERROR …`, `E, [… #8] ERROR -- : …`. */
const levelWord =
  /^(?:[DIWEF], )?(?:\[?\d{4}[-/]\d\d[-/]\d\d[T ]?[\d:.,Z+ ]*(?:#\d+)?\]?\s+|\[[^\]\s]*\d[^\]]*\]\s+)?\[?(TRACE|DEBUG|INFO|WARN(?:ING)?|ERROR|FATAL|CRITICAL|SEVERE|PANIC)\]?(?=[\s:|-]|$)/;

export function readRecord(message: string): LogRecord {
  const text = message.trimEnd();
  const members = membersOf(text);
  if (members !== undefined) return fromMembers(members, text);
  return fromText(text);
}

function membersOf(text: string): Readonly<Record<string, unknown>> | undefined {
  if (!text.startsWith('{') || !text.endsWith('}')) return undefined;
  try {
    return JSON.parse(text) as Record<string, unknown>;
  } catch {
    return undefined;
  }
}

function fromText(text: string): LogRecord {
  const plain = { requestId: undefined, platform: undefined, report: undefined, members: undefined, text };
  const platform = platformLine.exec(text)?.[1];
  if (platform !== undefined) {
    const report = platform.endsWith('REPORT') ? reportOf(text) : undefined;
    return {
      ...plain,
      platform: platformNames[platform] ?? platform.toLowerCase(),
      requestId: platformId.exec(text)?.[1],
      report,
      level: report?.failure === undefined ? undefined : 'error',
    };
  }
  const spoken = lambdasWords.exec(text);
  if (spoken !== null) {
    const said = text.slice(spoken[0].length);
    return { ...plain, requestId: spoken[1] ?? spoken[2], level: 'error', platform: 'fault', text: said };
  }
  const columns = columnsFirst.exec(text);
  if (columns !== null) {
    const [all, id = '', word = ''] = columns;
    const rest = text.slice(all.length);
    return { ...plain, requestId: id === 'undefined' ? undefined : id, level: levelOf(word), text: rest };
  }
  const python = levelFirst.exec(text);
  if (python !== null) {
    const [all, word = '', requestId] = python;
    return { ...plain, requestId, level: levelOf(word), text: text.slice(all.length) };
  }
  if (failures.some((pattern) => pattern.test(text))) return { ...plain, level: 'error' };
  return { ...plain, level: levelOf(levelWord.exec(text)?.[1] ?? '') };
}

const platformNames: Readonly<Record<string, string>> = {
  START: 'start',
  END: 'end',
  REPORT: 'report',
  INIT_START: 'initStart',
  INIT_REPORT: 'initReport',
  RESTORE_START: 'restoreStart',
  RESTORE_REPORT: 'restoreReport',
};

function reportOf(text: string): LogReport {
  const memory = /\tMemory Size: (\d+) MB/.exec(text)?.[1];
  const status = /\tStatus: (\w+)/.exec(text)?.[1];
  return {
    ...reportOfText(text.replace(/^(?:INIT|RESTORE)_REPORT /, '')),
    memory: memory === undefined ? undefined : Number(memory),
    failure: status === 'success' ? undefined : status,
  };
}

function fromMembers(members: Readonly<Record<string, unknown>>, text: string): LogRecord {
  const { type, record } = members;
  if (typeof type === 'string' && type.startsWith('platform.') && isObject(record)) {
    return fromPlatform(type.slice('platform.'.length), record, { members, text });
  }
  const level = levelOf(members['level'] ?? members['severity'] ?? members['log.level'] ?? members['lvl'] ?? '');
  // what a runtime writes about an error that nobody caught has no level
  const isUncaught = 'errorMessage' in members && ('errorType' in members || 'stackTrace' in members);
  return {
    level: level ?? (isUncaught ? 'error' : undefined),
    requestId: idMembers.map((name) => members[name]).find((value) => typeof value === 'string') as string | undefined,
    platform: undefined,
    report: undefined,
    members,
    text: messageOf(members) ?? text,
  };
}

/** As Lambda's runtimes, Powertools and others name the id of the request. */
const idMembers = ['requestId', 'AWSRequestId', 'awsRequestId', 'aws_request_id', 'function_request_id', 'request_id'];

function messageOf({ message, msg, errorMessage }: Readonly<Record<string, unknown>>): string | undefined {
  const said = message ?? msg ?? errorMessage;
  if (said === undefined) return undefined;
  return typeof said === 'string' ? said : JSON.stringify(said);
}

// https://docs.aws.amazon.com/lambda/latest/dg/telemetry-schema-reference.html
function fromPlatform(
  platform: string,
  record: Readonly<Record<string, unknown>>,
  { members, text }: Pick<LogRecord, 'members' | 'text'>,
): LogRecord {
  const { requestId, status, metrics } = record;
  const failed = status !== undefined && status !== 'success';
  const numbers = (isObject(metrics) ? metrics : {}) as Readonly<Record<string, number>>;
  const report =
    platform === 'report'
      ? {
          ...reportOfMetrics(numbers),
          memory: numbers['memorySizeMB'],
          failure: failed ? String(status) : undefined,
        }
      : undefined;
  return {
    platform,
    report,
    members,
    text,
    requestId: typeof requestId === 'string' ? requestId : undefined,
    level: failed || platform === 'fault' ? 'error' : undefined,
  };
}

/** Words, and the numbers of pino and bunyan: https://getpino.io/#/docs/api?id=loggerlevels-object */
function levelOf(value: unknown): LogLevel | undefined {
  if (typeof value !== 'number') return levels.get(String(value).toLowerCase());
  if (value >= 60) return 'fatal';
  return (['trace', 'debug', 'info', 'warn', 'error'] as const)[Math.floor(value / 10) - 1];
}

export function isError({ level }: Pick<LogRecord, 'level'>): boolean {
  return level === 'error' || level === 'fatal';
}

function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null;
}
