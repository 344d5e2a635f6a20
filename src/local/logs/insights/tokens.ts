// The words and signs of a query of CloudWatch Logs Insights, read one after another. Whether a slash divides or begins a regular
// expression depends on what is expected, so there is no list of tokens.
import { type Expression, malformed } from './syntax.ts';

/** Without backticks, a name has letters, digits, @, _ and dots. */
const nameText = /[A-Za-z_@][\w@]*(?:\.[\w@]+)*/y;
const numberText = /(\d+(?:\.\d+)?(?:[eE][+-]?\d+)?)(ms|s|m|h|d|w)?(?![\w.])/y;

const periodMs: Readonly<Record<string, number>> = {
  ms: 1,
  s: 1_000,
  m: 60_000,
  h: 3_600_000,
  d: 86_400_000,
  w: 604_800_000,
};

export interface Word {
  readonly text: string;
  readonly place: readonly [number, number];
  /** Whether it was in backticks. */
  readonly isQuoted: boolean;
}

export class Tokens {
  readonly #text: string;
  #at = 0;

  constructor(text: string) {
    this.#text = text;
    this.#skip();
  }

  position(): number {
    return this.#at;
  }

  textSince(start: number): string {
    return this.#text.slice(start, this.#at).trim();
  }

  isAtEnd(): boolean {
    return this.#at >= this.#text.length;
  }

  /** The error about what comes next. */
  unexpected(): Error {
    if (this.isAtEnd()) return malformed('unexpected end of the query', [this.#at, this.#at]);
    const next = /^(?:[\w@.]+|\S)/.exec(this.#text.slice(this.#at))?.[0] ?? '';
    return malformed(`unexpected symbol found ${next} at line 1 and position ${this.#at}`, [
      this.#at,
      this.#at + next.length,
    ]);
  }

  take(sign: string): boolean {
    if (!this.#text.startsWith(sign, this.#at)) return false;
    this.#move(sign.length);
    return true;
  }

  takeOneOf(signs: readonly string[]): string | undefined {
    return signs.find((sign) => this.take(sign));
  }

  need(sign: string): void {
    if (!this.take(sign)) throw this.unexpected();
  }

  /** Keywords have no case. */
  takeWord(keyword: string): boolean {
    const next = this.#text.slice(this.#at, this.#at + keyword.length);
    if (next.toLowerCase() !== keyword) return false;
    if (/[\w@.]/.test(this.#text[this.#at + keyword.length] ?? '')) return false;
    this.#move(keyword.length);
    return true;
  }

  /** A word of letters, such as the name of a command. */
  word(): Word {
    const word = /[A-Za-z]+/y;
    return this.#matched(word);
  }

  name(): Word {
    if (this.#text[this.#at] !== '`') return this.#matched(nameText);
    const start = this.#at;
    const end = this.#text.indexOf('`', start + 1);
    if (end < 0) throw this.unexpected();
    this.#move(end + 1 - start);
    return { text: this.#text.slice(start + 1, end), place: [start, end + 1], isQuoted: true };
  }

  field(): string {
    return this.name().text;
  }

  isText(): boolean {
    return /["']/.test(this.#text[this.#at] ?? '');
  }

  string(): string {
    const quoted = /"((?:[^"\\]|\\.)*)"|'((?:[^'\\]|\\.)*)'/sy;
    quoted.lastIndex = this.#at;
    const match = quoted.exec(this.#text);
    if (match === null) throw this.unexpected();
    this.#move(match[0].length);
    return (match[1] ?? match[2] ?? '').replace(/\\(["'\\])/g, '$1');
  }

  isRegex(): boolean {
    return this.#text[this.#at] === '/';
  }

  regex(): RegExp {
    const start = this.#at;
    const quoted = /\/((?:[^/\\\n]|\\.)*)\//y;
    quoted.lastIndex = start;
    const match = quoted.exec(this.#text);
    if (match === null) throw this.unexpected();
    this.#move(match[0].length);
    const source = match[1] ?? '';
    try {
      // AWS has the flag within the expression, wherever it stands
      return new RegExp(source.replaceAll('(?i)', ''), source.includes('(?i)') ? 'i' : '');
    } catch {
      throw malformed(`invalid regular expression /${source}/`, [start, this.#at]);
    }
  }

  integer(): number {
    const number = this.number();
    if (number?.kind !== 'value' || !Number.isInteger(number.value) || Number(number.value) < 1)
      throw this.unexpected();
    return Number(number.value);
  }

  /** A number or a period; undefined if something else comes. */
  number(): Expression | undefined {
    numberText.lastIndex = this.#at;
    const match = numberText.exec(this.#text);
    if (match === null) return undefined;
    this.#move(match[0].length);
    const [, digits = '', unit] = match;
    const value = Number(digits);
    return unit === undefined ? { kind: 'value', value } : { kind: 'period', ms: value * (periodMs[unit] ?? 1) };
  }

  #matched(pattern: RegExp): Word {
    pattern.lastIndex = this.#at;
    const match = pattern.exec(this.#text);
    if (match === null) throw this.unexpected();
    const start = this.#at;
    this.#move(match[0].length);
    return { text: match[0], place: [start, start + match[0].length], isQuoted: false };
  }

  #move(length: number): void {
    this.#at += length;
    this.#skip();
  }

  /** Spaces and comments. */
  #skip(): void {
    const space = /(?:\s|#[^\n]*)*/y;
    space.lastIndex = this.#at;
    this.#at += space.exec(this.#text)?.[0].length ?? 0;
  }
}
