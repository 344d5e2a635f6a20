// The functions of IoT's SQL that need nothing but their arguments and the message.
// https://docs.aws.amazon.com/iot/latest/developerguide/iot-sql-functions.html
import { createHash, randomUUID } from 'node:crypto';
import { type Expression, type Message, textOf } from '../../cfn/iot-sql-values.ts';
import { notImplemented } from '../constraint.ts';

type Call = (args: readonly unknown[], message: Message) => unknown;

const number =
  (run: (...values: number[]) => number): Call =>
  (args) => {
    const values = args.map((value) => (typeof value === 'string' && value.trim() !== '' ? Number(value) : value));
    if (!values.every((value) => typeof value === 'number' && !Number.isNaN(value))) return undefined;
    const result = run(...(values as number[]));
    return Number.isFinite(result) ? result : undefined;
  };
const words =
  (run: (...texts: string[]) => unknown): Call =>
  (args) =>
    args.includes(undefined) ? undefined : run(...args.map(textOf));
const hash = (algorithm: string): Call => words((text = '') => createHash(algorithm).update(text).digest('hex'));

const calls: Readonly<Record<string, Call>> = {
  abs: number((x = 0) => Math.abs(x)),
  accountid: (_, { accountId }) => accountId,
  ceil: number((x = 0) => Math.ceil(x)),
  clientid: (_, { clientId }) => clientId,
  concat: (args) => {
    if (args.some(Array.isArray)) return args.includes(undefined) ? undefined : args.flat();
    return words((...texts) => texts.join(''))(args, {} as Message);
  },
  cos: number((x = 0) => Math.cos(x)),
  decode: ([value, scheme]) =>
    typeof value === 'string' && scheme === 'base64' ? Buffer.from(value, 'base64').toString() : undefined,
  encode: ([value, scheme]) => {
    if (scheme !== 'base64' || value === undefined) return undefined;
    return (Buffer.isBuffer(value) ? value : Buffer.from(textOf(value))).toString('base64');
  },
  endswith: words((text = '', end = '') => text.endsWith(end)),
  exp: number((x = 0) => Math.exp(x)),
  floor: number((x = 0) => Math.floor(x)),
  get: ([from, key]) => {
    if (typeof from === 'string' || Array.isArray(from)) return typeof key === 'number' ? from[key] : undefined;
    if (typeof from !== 'object' || from === null || typeof key !== 'string') return undefined;
    return Object.hasOwn(from, key) ? (from as Record<string, unknown>)[key] : undefined;
  },
  indexof: words((text = '', part = '') => text.indexOf(part)),
  isnull: ([value]) => value === null,
  isundefined: ([value]) => value === undefined,
  length: words((text = '') => text.length),
  ln: number((x = 0) => Math.log(x)),
  log: number((x = 0) => Math.log10(x)),
  lower: words((text = '') => text.toLowerCase()),
  lpad: ([text, length]) =>
    typeof length === 'number' ? textOf(text).padStart(textOf(text).length + length) : undefined,
  ltrim: words((text = '') => text.trimStart()),
  md5: hash('md5'),
  mod: number((x = 0, y = 0) => x % y),
  nanvl: ([value, other]) => (typeof value === 'number' && !Number.isNaN(value) ? value : other),
  newuuid: () => randomUUID(),
  numbytes: words((text = '') => Buffer.byteLength(text)),
  power: number((x = 0, y = 0) => x ** y),
  rand: () => Math.random(),
  regexp_matches: words((text = '', pattern = '') => expression(pattern)?.test(text)),
  regexp_replace: words((text = '', pattern = '', by = '') => {
    const found = expression(pattern, 'g');
    return found === undefined ? undefined : text.replace(found, by);
  }),
  regexp_substr: words((text = '', pattern = '') => expression(pattern)?.exec(text)?.[0]),
  remainder: number((x = 0, y = 0) => x % y),
  replace: words((text = '', from = '', by = '') => text.replaceAll(from, by)),
  round: number((x = 0) => Math.round(x)),
  rpad: ([text, length]) =>
    typeof length === 'number' ? textOf(text).padEnd(textOf(text).length + length) : undefined,
  rtrim: words((text = '') => text.trimEnd()),
  sha1: hash('sha1'),
  sha224: hash('sha224'),
  sha256: hash('sha256'),
  sha384: hash('sha384'),
  sha512: hash('sha512'),
  sign: number((x = 0) => Math.sign(x)),
  sin: number((x = 0) => Math.sin(x)),
  sourceip: () => '127.0.0.1',
  sqrt: number((x = 0) => Math.sqrt(x)),
  startswith: words((text = '', start = '') => text.startsWith(start)),
  substring: ([text, start, end]) => {
    if (text === undefined || typeof start !== 'number') return undefined;
    return textOf(text).slice(start, typeof end === 'number' ? end : undefined);
  },
  tan: number((x = 0) => Math.tan(x)),
  timestamp: (_, { timestamp }) => timestamp,
  topic: ([level], { topic }) => (typeof level === 'number' ? topic.split('/')[level - 1] : topic),
  traceid: (_, { traceId }) => traceId,
  trim: words((text = '') => text.trim()),
  trunc: ([value, digits]) => {
    if (typeof value !== 'number' || typeof digits !== 'number') return undefined;
    return Math.trunc(value * 10 ** digits) / 10 ** digits;
  },
  upper: words((text = '') => text.toUpperCase()),
};

function expression(pattern: string, flags?: string): RegExp | undefined {
  try {
    return new RegExp(pattern, flags);
  } catch {
    return undefined;
  }
}

/** Throws NotImplemented for the functions that ask other services, and for those that do not exist. */
export function functions(name: string, args: readonly Expression[]): Expression {
  const key = name.toLowerCase();
  const call = Object.hasOwn(calls, key) ? calls[key] : undefined;
  if (call === undefined) throw notImplemented(`the function ${name} in IoT's SQL`);
  return (message) =>
    call(
      args.map((argument) => argument(message)),
      message,
    );
}
