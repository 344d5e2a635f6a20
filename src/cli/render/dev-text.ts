// The lines of fx dev: requests, invocations and logs, each fitted to the terminal.
import type { Served } from '../../session/follow.ts';
import { codePlace, printable, thrownStack } from './message-text.ts';
import { functionHues, type Style, style } from './style.ts';

export interface DevTextOptions {
  readonly color: boolean;
  /** Undefined for a pipe: no line is cut. */
  readonly columns: number | undefined;
  /** The name in project.yml of a function's name in AWS. */
  nameOf(physicalName: string): string;
  now(): number;
}

type Of<K extends Served['kind']> = Extract<Served, { readonly kind: K }>;

/** Undefined for an event that is not worth a line. */
export function servedText(event: Served, options: DevTextOptions): string | undefined {
  switch (event.kind) {
    case 'request':
      return requestText(event, options);
    case 'invocation':
      return invocationText(event, options);
    case 'log':
      return logText(event, options);
    case 'debugger':
      return debuggerText(event, options);
    case 'dropped':
      return style(options.color).yellow(`${event.count} lines were left out: this terminal reads too slowly`);
  }
}

/** `12:03:44 GET /hello/fx 200 hello 3 ms`. */
function requestText(event: Of<'request'>, options: DevTextOptions): string {
  const { method, path, status, ms, functionName, cold, error } = event;
  const paint = style(options.color);
  const hue = status === undefined || status >= 500 ? paint.red : status >= 400 ? paint.yellow : paint.green;
  const name = functionName === undefined ? '' : options.nameOf(functionName);
  const after = [status === undefined ? 'gone' : String(status), name, duration(ms), cold === true ? 'cold' : ''];
  const time = clockText(options.now());
  const taken = [time, method, ...after].filter((text) => text !== '').join(' ').length + 1;
  const shown = fitted(path, options.columns === undefined ? undefined : options.columns - taken);
  const [statusText = '', ...rest] = after;
  const line = [
    paint.dim(time),
    paint.bold(method),
    shown,
    hue(statusText),
    ...(name === '' ? [] : [functionHue(name, paint)(name)]),
    ...rest
      .slice(1)
      .filter((text) => text !== '')
      .map(paint.dim),
  ];
  return [line.join(' '), ...errorLines(error, paint)].join('\n');
}

/** `12:03:44 jobs ran 12 ms`. */
function invocationText({ functionName, ms, cold, error }: Of<'invocation'>, options: DevTextOptions): string {
  const paint = style(options.color);
  const name = options.nameOf(functionName);
  const ended = error === undefined ? paint.green('ran') : paint.red('failed');
  const rest = [duration(ms), ...(cold ? ['cold'] : [])].map(paint.dim);
  const line = [paint.dim(clockText(options.now())), functionHue(name, paint)(name), ended, ...rest].join(' ');
  return [line, ...errorLines(error, paint)].join('\n');
}

function errorLines(error: { readonly type: string; readonly message: string } | undefined, { red }: Style): string[] {
  if (error === undefined) return [];
  const text = error.message === '' ? error.type : `${error.type}: ${error.message}`;
  return [`  ${red(printable(text.split('\n')[0] ?? ''))}`];
}

/** Each line of the message, after the function's name. */
function logText({ functionName, message }: Of<'log'>, options: DevTextOptions): string | undefined {
  const paint = style(options.color);
  const name = options.nameOf(functionName);
  const { level, text } = readMessage(message);
  if (text === '') return undefined;
  const hue = /^(ERROR|FATAL)$/.test(level) ? paint.red : level === 'WARN' ? paint.yellow : (line: string) => line;
  const prefix = functionHue(name, paint)(`${name} │`);
  return text
    .split('\n')
    .map((line) => `${prefix} ${hue(printable(line))}`)
    .join('\n');
}

function debuggerText({ functionName, state }: Of<'debugger'>, options: DevTextOptions): string {
  const said = {
    ready: 'waits for a debugger',
    paused: 'stopped in the debugger: timeouts stand still',
    resumed: 'runs on',
  }[state];
  return style(options.color).yellow(`${options.nameOf(functionName)} ${said}`);
}

/** The level and the text of a line, without what Lambda adds: the time, the request, and where the local AWS keeps the code. */
function readMessage(message: string): { readonly level: string; readonly text: string } {
  const [, level = '', said = message] =
    /^\d{4}-\d\d-\d\dT[\d:.]+Z\t[^\t]*\t(TRACE|DEBUG|INFO|WARN|ERROR|FATAL)\t([\s\S]*)$/.exec(message) ?? [];
  return { level, text: (thrownStack(said) ?? said).trimEnd().replace(codePlace, '') };
}

function functionHue(name: string, paint: Style): (text: string) => string {
  const sum = [...name].reduce((total, character) => total + (character.codePointAt(0) ?? 0), 0);
  return paint[functionHues[sum % functionHues.length] ?? 'cyan'];
}

const duration = (ms: number): string => `${ms < 10 ? ms : Math.round(ms)} ms`;

function clockText(time: number): string {
  const date = new Date(time);
  return [date.getHours(), date.getMinutes(), date.getSeconds()].map((part) => String(part).padStart(2, '0')).join(':');
}

/** Never shorter than it is readable. */
function fitted(path: string, columns: number | undefined): string {
  const plain = printable(path);
  const most = Math.max(12, columns ?? Number.POSITIVE_INFINITY);
  return plain.length <= most ? plain : `${plain.slice(0, most - 1)}…`;
}
