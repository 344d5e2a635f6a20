// The SQL of IoT's rules: which messages a rule is about, and what of them its actions get.
// https://docs.aws.amazon.com/iot/latest/developerguide/iot-sql-reference.html
import { IotSqlError, type Token, tokensOf } from './iot-sql-tokens.ts';
import { type Expression, type Message, textOf } from './iot-sql-values.ts';
import { isTopicFilter, topicMatches } from './iot-topics.ts';

/** What a call of a function of the SQL evaluates to. */
export type Functions = (name: string, args: readonly Expression[]) => Expression;

export interface Statement {
  readonly topicFilter: string;
  /** Undefined if the rule is not about the message; with `anyTopic`, whatever its topic. */
  select(message: Message, options?: { readonly anyTopic: boolean }): { readonly selected: unknown } | undefined;
}

interface Selected {
  /** Undefined for `*`. */
  readonly name: string | undefined;
  readonly value: Expression;
}

/** Throws an IotSqlError, and what `functions` throws. */
export function parseIotSql(sql: string, functions: Functions): Statement {
  const parser = new Parser(tokensOf(sql), functions);
  parser.keyword('SELECT');
  const items: Selected[] = [];
  do items.push(parser.selected());
  while (parser.skip(','));
  parser.keyword('FROM');
  const topicFilter = parser.text();
  if (!isTopicFilter(topicFilter)) throw new IotSqlError(`"${topicFilter}" is not a topic filter`);
  const condition = parser.skip('WHERE') ? parser.expression() : undefined;
  parser.end();
  return {
    topicFilter,
    select(message, { anyTopic } = { anyTopic: false }) {
      if (!anyTopic && !topicMatches(topicFilter, message.topic)) return undefined;
      if (condition !== undefined && condition(message) !== true) return undefined;
      return { selected: selection(items, message) };
    },
  };
}

/** An expression by itself, as in `${topic(2)}`. */
export function parseIotExpression(text: string, functions: Functions): Expression {
  const parser = new Parser(tokensOf(text), functions);
  const expression = parser.expression();
  parser.end();
  return expression;
}

function selection(items: readonly Selected[], message: Message): unknown {
  const [only, ...others] = items;
  if (only?.name === undefined && others.length === 0) return message.payload;
  const all: Record<string, unknown> = {};
  for (const { name, value } of items) {
    const given = value(message);
    if (name !== undefined) all[name] = given;
    else if (typeof given === 'object' && given !== null) Object.assign(all, given);
  }
  return all;
}

const comparisons: Readonly<Record<string, (order: number) => boolean>> = {
  '<': (order) => order < 0,
  '<=': (order) => order <= 0,
  '>': (order) => order > 0,
  '>=': (order) => order >= 0,
};

/** As names they are in backticks. https://docs.aws.amazon.com/iot/latest/developerguide/iot-sql-reference.html */
const reserved = new Set([
  'AND',
  'AS',
  'CASE',
  'ELSE',
  'END',
  'FROM',
  'IN',
  'NOT',
  'OR',
  'SELECT',
  'THEN',
  'WHEN',
  'WHERE',
]);

class Parser {
  readonly #tokens: readonly Token[];
  readonly #functions: Functions;
  #at = 0;

  constructor(tokens: readonly Token[], functions: Functions) {
    this.#tokens = tokens;
    this.#functions = functions;
  }

  /** Whether the next token is this word or sign; if so, it is read. */
  skip(text: string): boolean {
    const next = this.#tokens[this.#at];
    if (next === undefined || next.kind === 'text' || next.kind === 'number') return false;
    if (next.kind === 'quoted' || next.text.toUpperCase() !== text) return false;
    this.#at++;
    return true;
  }

  keyword(text: string): void {
    if (!this.skip(text)) throw new IotSqlError(`Expected ${text} but found ${this.#shown()}`);
  }

  text(): string {
    const next = this.#tokens[this.#at];
    if (next?.kind !== 'text') throw new IotSqlError(`Expected a text in quotes but found ${this.#shown()}`);
    this.#at++;
    return next.text;
  }

  end(): void {
    if (this.#at < this.#tokens.length) throw new IotSqlError(`Unexpected ${this.#shown()}`);
  }

  selected(): Selected {
    if (this.skip('*')) return { name: undefined, value: ({ payload }) => payload };
    const first = this.#tokens[this.#at];
    const start = this.#at;
    const value = this.expression();
    if (this.skip('AS')) return { name: this.#name(), value };
    // a path is called by its last name, a call by its function
    const last = this.#tokens[this.#at - 1];
    const isPath = last?.kind === 'word' || last?.kind === 'quoted';
    return { name: (isPath ? last : first)?.text ?? `${start}`, value };
  }

  expression(): Expression {
    let left = this.#conjunction();
    while (this.skip('OR')) {
      const [a, b] = [left, this.#conjunction()];
      left = (message) => a(message) === true || b(message) === true;
    }
    return left;
  }

  #conjunction(): Expression {
    let left = this.#negation();
    while (this.skip('AND')) {
      const [a, b] = [left, this.#negation()];
      left = (message) => a(message) === true && b(message) === true;
    }
    return left;
  }

  #negation(): Expression {
    if (!this.skip('NOT')) return this.#comparison();
    const inner = this.#negation();
    return (message) => {
      const value = inner(message);
      return typeof value === 'boolean' ? !value : undefined;
    };
  }

  #comparison(): Expression {
    const left = this.#sum();
    if (this.skip('IN')) {
      const right = this.#sum();
      return (message) => {
        const [value, among] = [left(message), right(message)];
        return Array.isArray(among) ? among.some((item) => isEqual(item, value)) : undefined;
      };
    }
    if (this.skip('=')) return this.#equality(left, true);
    if (this.skip('<>') || this.skip('!=')) return this.#equality(left, false);
    const sign = Object.keys(comparisons).find((one) => this.skip(one));
    if (sign === undefined) return left;
    const right = this.#sum();
    return (message) => {
      const order = orderOf(left(message), right(message));
      return order === undefined ? undefined : comparisons[sign]?.(order);
    };
  }

  #equality(left: Expression, expected: boolean): Expression {
    const right = this.#sum();
    return (message) => {
      const [a, b] = [left(message), right(message)];
      return a === undefined || b === undefined ? undefined : isEqual(a, b) === expected;
    };
  }

  #sum(): Expression {
    let left = this.#product();
    for (;;) {
      const isPlus = this.skip('+');
      if (!isPlus && !this.skip('-')) return left;
      const [a, b] = [left, this.#product()];
      left = isPlus
        ? (message) => added(a(message), b(message))
        : (message) => calculated(a(message), b(message), (x, y) => x - y);
    }
  }

  #product(): Expression {
    let left = this.#unary();
    for (;;) {
      const sign = (['*', '/', '%'] as const).find((one) => this.skip(one));
      if (sign === undefined) return left;
      const operation = { '*': times, '/': over, '%': remainder }[sign];
      const [a, b] = [left, this.#unary()];
      left = (message) => calculated(a(message), b(message), operation);
    }
  }

  #unary(): Expression {
    if (!this.skip('-')) return this.#path(this.#primary());
    const inner = this.#unary();
    return (message) => calculated(0, inner(message), (_, value) => -value);
  }

  #path(base: Expression): Expression {
    let value = base;
    for (;;) {
      const before = value;
      if (this.skip('.')) {
        const name = this.#name();
        value = (message) => memberOf(before(message), name);
      } else if (this.skip('[')) {
        const index = this.expression();
        this.keyword(']');
        value = (message) => memberOf(before(message), index(message));
      } else return value;
    }
  }

  #primary(): Expression {
    const next = this.#tokens[this.#at];
    if (this.skip('(')) {
      const inner = this.expression();
      this.keyword(')');
      return inner;
    }
    if (this.skip('[')) {
      const items = this.#list(']');
      return (message) => items.map((item) => item(message));
    }
    if (this.skip('CASE')) return this.#case();
    if (this.skip('TRUE')) return () => true;
    if (this.skip('FALSE')) return () => false;
    if (this.skip('NULL')) return () => null;
    if (this.skip('*')) return ({ raw }) => raw;
    const isReserved = next?.kind === 'word' && reserved.has(next.text.toUpperCase());
    if (next === undefined || next.kind === 'sign' || isReserved) {
      throw new IotSqlError(`Unexpected ${this.#shown()}`);
    }
    this.#at++;
    if (next.kind === 'text') return () => next.text;
    if (next.kind === 'number') return () => Number(next.text);
    if (next.kind === 'word' && this.skip('(')) return this.#functions(next.text, this.#list(')'));
    return ({ payload }) => memberOf(payload, next.text);
  }

  #list(end: string): Expression[] {
    if (this.skip(end)) return [];
    const items: Expression[] = [];
    do items.push(this.expression());
    while (this.skip(','));
    this.keyword(end);
    return items;
  }

  /** CASE value WHEN value THEN result … ELSE result END */
  #case(): Expression {
    const value = this.expression();
    const choices: (readonly [Expression, Expression])[] = [];
    while (this.skip('WHEN')) {
      const when = this.expression();
      this.keyword('THEN');
      choices.push([when, this.expression()]);
    }
    const otherwise = this.skip('ELSE') ? this.expression() : () => undefined;
    this.keyword('END');
    return (message) => {
      const given = value(message);
      const choice = choices.find(([when]) => isEqual(when(message), given));
      return (choice?.[1] ?? otherwise)(message);
    };
  }

  #name(): string {
    const next = this.#tokens[this.#at];
    if (next?.kind !== 'word' && next?.kind !== 'quoted')
      throw new IotSqlError(`Expected a name but found ${this.#shown()}`);
    this.#at++;
    return next.text;
  }

  #shown(): string {
    const next = this.#tokens[this.#at];
    return next === undefined ? 'the end of the statement' : `'${next.text}'`;
  }
}

function memberOf(value: unknown, key: unknown): unknown {
  if (Array.isArray(value)) return typeof key === 'number' ? value[key] : undefined;
  if (typeof value !== 'object' || value === null || typeof key !== 'string') return undefined;
  return Object.hasOwn(value, key) ? (value as Record<string, unknown>)[key] : undefined;
}

function isEqual(a: unknown, b: unknown): boolean {
  return a !== undefined && JSON.stringify(a) === JSON.stringify(b);
}

/** Numbers as numbers, also those in texts beside a number; texts as texts; else nothing. */
function orderOf(a: unknown, b: unknown): number | undefined {
  if (typeof a === 'string' && typeof b === 'string') return a < b ? -1 : a > b ? 1 : 0;
  const [x, y] = [numberIn(a), numberIn(b)];
  return x === undefined || y === undefined ? undefined : x - y;
}

function numberIn(value: unknown): number | undefined {
  if (typeof value === 'number') return value;
  return typeof value === 'string' && value.trim() !== '' && !Number.isNaN(Number(value)) ? Number(value) : undefined;
}

function calculated(a: unknown, b: unknown, operation: (x: number, y: number) => number): number | undefined {
  const [x, y] = [numberIn(a), numberIn(b)];
  if (x === undefined || y === undefined) return undefined;
  const result = operation(x, y);
  return Number.isFinite(result) ? result : undefined;
}

const times = (x: number, y: number) => x * y;
const over = (x: number, y: number) => x / y;
const remainder = (x: number, y: number) => x % y;

function added(a: unknown, b: unknown): unknown {
  if (typeof a === 'number' && typeof b === 'number') return a + b;
  if (a === undefined || b === undefined || (typeof a !== 'string' && typeof b !== 'string')) return undefined;
  return textOf(a) + textOf(b);
}
