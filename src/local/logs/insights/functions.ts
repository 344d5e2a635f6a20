// The functions of CloudWatch Logs Insights that the local AWS has.
// https://docs.aws.amazon.com/AmazonCloudWatch/latest/logs/CWL_QuerySyntax-operations-functions.html
import { aggregateArity } from './aggregates.ts';
import { Instant, numberOf, textOf, type Value } from './values.ts';

interface Function {
  readonly arity: readonly [least: number, most: number];
  run(...args: readonly Value[]): Value;
}

/** Of numbers; without a result if one is missing. */
const ofNumbers = (count: number, run: (...numbers: readonly number[]) => number): Function => ({
  arity: [1, count],
  run(...args) {
    const numbers = args.map(numberOf);
    if (numbers.some((number) => number === undefined)) return undefined;
    const result = run(...(numbers as number[]));
    return Number.isFinite(result) ? result : undefined;
  },
});

/** Of text; without a result if one is missing. */
const ofTexts = (least: number, most: number, run: (...texts: readonly string[]) => Value): Function => ({
  arity: [least, most],
  run(...args) {
    const texts = args.map(textOf);
    return texts.some((text) => text === undefined) ? undefined : run(...(texts as string[]));
  },
});

const many = Number.POSITIVE_INFINITY;
const one = (isTrue: boolean): number => (isTrue ? 1 : 0);

/** Of spaces, or of the characters of the second text. */
const trimmed = (start: boolean, end: boolean) => (text: string, characters?: string) => {
  const isCut = (at: number) =>
    characters === undefined ? text[at]?.trim() === '' : characters.includes(text[at] ?? '\u0000');
  let [from, to] = [0, text.length];
  while (start && from < to && isCut(from)) from++;
  while (end && from < to && isCut(to - 1)) to--;
  return text.slice(from, to);
};

const rounded = (round: (value: number) => number): Function => ({
  arity: [2, 2],
  run(time, period) {
    const [ms, step] = [numberOf(time), numberOf(period)];
    return ms === undefined || step === undefined || step <= 0 ? undefined : new Instant(round(ms / step) * step);
  },
});

const functions: ReadonlyMap<string, Function> = new Map(
  Object.entries({
    abs: ofNumbers(1, Math.abs),
    ceil: ofNumbers(1, Math.ceil),
    floor: ofNumbers(1, Math.floor),
    greatest: ofNumbers(many, Math.max),
    least: ofNumbers(many, Math.min),
    log: ofNumbers(1, Math.log),
    sqrt: ofNumbers(1, Math.sqrt),
    ispresent: { arity: [1, 1], run: (value) => one(value !== undefined) },
    coalesce: { arity: [1, many], run: (...values) => values.find((value) => value !== undefined) },
    isempty: { arity: [1, 1], run: (value) => one((textOf(value) ?? '') === '') },
    isblank: { arity: [1, 1], run: (value) => one((textOf(value) ?? '').trim() === '') },
    concat: ofTexts(1, many, (...texts) => texts.join('')),
    ltrim: ofTexts(1, 2, trimmed(true, false)),
    rtrim: ofTexts(1, 2, trimmed(false, true)),
    trim: ofTexts(1, 2, trimmed(true, true)),
    strlen: ofTexts(1, 1, (text) => [...text].length),
    toupper: ofTexts(1, 1, (text) => text.toUpperCase()),
    tolower: ofTexts(1, 1, (text) => text.toLowerCase()),
    substr: ofTexts(2, 3, (text, start, length) =>
      [...text].slice(Number(start), length === undefined ? undefined : Number(start) + Number(length)).join(''),
    ),
    replace: ofTexts(3, 3, (text, from = '', to = '') => (from === '' ? text : text.replaceAll(from, () => to))),
    strcontains: ofTexts(2, 2, (text, part = '') => one(text.includes(part))),
    datefloor: rounded(Math.floor),
    dateceil: rounded(Math.ceil),
    frommillis: {
      arity: [1, 1],
      run: (value) => {
        const ms = numberOf(value);
        return ms === undefined ? undefined : new Instant(ms);
      },
    },
    tomillis: { arity: [1, 1], run: (value) => numberOf(value) },
  } satisfies Record<string, Function>),
);

/** How many arguments a function takes; undefined if the local AWS does not have it. `name` in lower case. */
export function arityOf(name: string): readonly [least: number, most: number] | undefined {
  // the time of the event, rounded
  if (name === 'bin') return [1, 1];
  return functions.get(name)?.arity ?? aggregateArity(name);
}

export function callFunction(name: string, args: readonly Value[]): Value {
  return functions.get(name)?.run(...args);
}
