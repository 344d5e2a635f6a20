// Reads a query of CloudWatch Logs Insights. What the local AWS does not have is refused by name.
// https://docs.aws.amazon.com/AmazonCloudWatch/latest/logs/CWL_QuerySyntax.html
import { isAggregate } from './aggregates.ts';
import { arityOf } from './functions.ts';
import { type Column, type Command, type Expression, malformed } from './syntax.ts';
import { Tokens } from './tokens.ts';

/** Commands of AWS that the local AWS does not have. */
const otherCommands = new Set([
  'anomaly',
  'diff',
  'filterindex',
  'join',
  'lookup',
  'pattern',
  'search',
  'source',
  'subqueries',
  'tail',
  'head',
  'unmask',
  'unnest',
]);

/** Throws MalformedQueryException. */
export function parseQuery(text: string): readonly Command[] {
  const tokens = new Tokens(text);
  const commands: Command[] = [];
  // an empty query has the default columns
  if (tokens.isAtEnd()) return [];
  do {
    commands.push(parseCommand(tokens, commands));
  } while (tokens.take('|'));
  if (!tokens.isAtEnd()) throw tokens.unexpected();
  return commands;
}

function parseCommand(tokens: Tokens, before: readonly Command[]): Command {
  const { text: written, place } = tokens.word();
  const name = written.toLowerCase();
  const last = before.at(-1);
  if (last?.kind === 'dedup' && name !== 'limit') {
    throw malformed(`only limit can follow dedup, not ${written}`, place);
  }
  switch (name) {
    case 'fields':
    case 'display':
      return { kind: name, columns: columns(tokens) };
    case 'filter':
    case 'where':
      return { kind: 'filter', condition: expression(tokens) };
    case 'stats':
      return parseStats(tokens);
    case 'sort':
    case 'order': {
      tokens.takeWord('by');
      return { kind: 'sort', keys: sortKeys(tokens) };
    }
    case 'limit':
      return { kind: 'limit', count: tokens.integer() };
    case 'dedup':
      return { kind: 'dedup', names: fieldNames(tokens) };
    case 'parse':
      return parseParse(tokens);
    default:
      throw malformed(
        otherCommands.has(name)
          ? `the local AWS does not have the command ${written}`
          : `mismatched input '${written}' expecting {K_PARSE, K_FIELDS, K_DISPLAY, K_FILTER, K_STATS, K_SORT, K_ORDER, K_LIMIT, K_DEDUP}`,
        place,
      );
  }
}

function columns(tokens: Tokens): readonly Column[] {
  const found: Column[] = [];
  do {
    const start = tokens.position();
    const of = expression(tokens);
    const written = tokens.textSince(start);
    const name = tokens.takeWord('as') ? tokens.field() : of.kind === 'field' ? of.name : written;
    found.push({ expression: of, name });
  } while (tokens.take(','));
  return found;
}

function parseStats(tokens: Tokens): Command {
  const aggregated = columns(tokens);
  for (const { expression: of, name } of aggregated) {
    if (!hasAggregate(of)) throw malformed(`stats needs a function that aggregates, which ${name} is not`);
  }
  const by = tokens.takeWord('by') ? columns(tokens) : [];
  for (const { expression: of, name } of by) {
    if (hasAggregate(of)) throw malformed(`stats cannot group by ${name}, which aggregates`);
  }
  return { kind: 'stats', columns: aggregated, by };
}

function hasAggregate(of: Expression): boolean {
  switch (of.kind) {
    case 'call':
      return isAggregate(of.name) || of.args.some(hasAggregate);
    case 'binary':
      return hasAggregate(of.left) || hasAggregate(of.right);
    case 'not':
    case 'negative':
      return hasAggregate(of.of);
    default:
      return false;
  }
}

function sortKeys(tokens: Tokens) {
  const keys: { by: Expression; descending: boolean }[] = [];
  do {
    const by = expression(tokens);
    const descending = tokens.takeWord('desc');
    if (!descending) tokens.takeWord('asc');
    keys.push({ by, descending });
  } while (tokens.take(','));
  return keys;
}

function fieldNames(tokens: Tokens): readonly string[] {
  const names: string[] = [];
  do names.push(tokens.field());
  while (tokens.take(','));
  return names;
}

function parseParse(tokens: Tokens): Command {
  // the field is @message if the pattern comes first
  const of: Expression = tokens.isText() || tokens.isRegex() ? { kind: 'field', name: '@message' } : primary(tokens);
  if (tokens.isRegex()) {
    const pattern = tokens.regex();
    const names = [...pattern.source.matchAll(/\(\?<([A-Za-z]\w*)>/g)].map(([, name = '']) => name);
    if (names.length > 0) return { kind: 'parse', of, pattern: new RegExp(pattern, `${pattern.flags}d`), names };
    if (!tokens.takeWord('as')) throw malformed('parse needs named groups, or names after "as"');
    return { kind: 'parse', of, pattern, names: fieldNames(tokens) };
  }
  const glob = tokens.string();
  if (!tokens.takeWord('as')) throw tokens.unexpected();
  const names = fieldNames(tokens);
  const wildcards = glob.split('*').length - 1;
  if (wildcards !== names.length) {
    throw malformed(`parse has ${wildcards} wildcards, and ${names.length} names`);
  }
  const source = glob
    .split('*')
    .map((part) => part.replace(/[.*+?^${}()|[\]\\]/g, '\\$&'))
    .join('([\\s\\S]*?)');
  // the last wildcard takes the rest
  return { kind: 'parse', of, pattern: new RegExp(glob.endsWith('*') ? `${source}$` : source), names };
}

function expression(tokens: Tokens): Expression {
  let left = conjunction(tokens);
  while (tokens.takeWord('or')) left = { kind: 'binary', operator: 'or', left, right: conjunction(tokens) };
  return left;
}

function conjunction(tokens: Tokens): Expression {
  let left = negation(tokens);
  while (tokens.takeWord('and')) left = { kind: 'binary', operator: 'and', left, right: negation(tokens) };
  return left;
}

function negation(tokens: Tokens): Expression {
  return tokens.takeWord('not') ? { kind: 'not', of: negation(tokens) } : comparison(tokens);
}

function comparison(tokens: Tokens): Expression {
  const left = sum(tokens);
  const operator = tokens.takeOneOf(['=~', '!=', '<=', '>=', '=', '<', '>']);
  if (operator === '=~') return matching(tokens, left);
  if (operator !== undefined) return { kind: 'binary', operator, left, right: sum(tokens) };
  const isNot = tokens.takeWord('not');
  const negated = (of: Expression): Expression => (isNot ? { kind: 'not', of } : of);
  if (tokens.takeWord('like')) return negated(matching(tokens, left));
  if (tokens.takeWord('in')) {
    tokens.need('[');
    const among: Expression[] = [];
    do among.push(sum(tokens));
    while (tokens.take(','));
    tokens.need(']');
    return negated({ kind: 'in', of: left, among });
  }
  if (isNot) throw tokens.unexpected();
  return left;
}

function matching(tokens: Tokens, of: Expression): Expression {
  if (tokens.isRegex()) return { kind: 'matches', of, pattern: tokens.regex() };
  return { kind: 'contains', of, part: sum(tokens) };
}

function sum(tokens: Tokens): Expression {
  let left = product(tokens);
  for (;;) {
    const operator = tokens.takeOneOf(['+', '-']);
    if (operator === undefined) return left;
    left = { kind: 'binary', operator, left, right: product(tokens) };
  }
}

function product(tokens: Tokens): Expression {
  let left = power(tokens);
  for (;;) {
    const operator = tokens.takeOneOf(['*', '/', '%']);
    if (operator === undefined) return left;
    left = { kind: 'binary', operator, left, right: power(tokens) };
  }
}

function power(tokens: Tokens): Expression {
  if (tokens.take('-')) return { kind: 'negative', of: power(tokens) };
  const left = primary(tokens);
  return tokens.take('^') ? { kind: 'binary', operator: '^', left, right: power(tokens) } : left;
}

function primary(tokens: Tokens): Expression {
  if (tokens.take('(')) {
    const inner = expression(tokens);
    tokens.need(')');
    return inner;
  }
  if (tokens.isText()) return { kind: 'value', value: tokens.string() };
  const number = tokens.number();
  if (number !== undefined) return number;
  const { text, place, isQuoted } = tokens.name();
  if (isQuoted || !tokens.take('(')) return { kind: 'field', name: text };
  return call(tokens, text, place);
}

function call(tokens: Tokens, written: string, place: readonly [number, number]): Expression {
  const name = written.toLowerCase();
  const args: Expression[] = [];
  if (name === 'count' && tokens.take('*')) tokens.need(')');
  else if (!tokens.take(')')) {
    do args.push(expression(tokens));
    while (tokens.take(','));
    tokens.need(')');
  }
  const arity = arityOf(name);
  if (arity === undefined) throw malformed(`the local AWS does not have the function ${written}`, place);
  const [least, most] = arity;
  if (args.length < least || args.length > most) {
    throw malformed(
      `${written} takes ${least === most ? least : `${least} or more`} arguments, not ${args.length}`,
      place,
    );
  }
  return { kind: 'call', name, args };
}
