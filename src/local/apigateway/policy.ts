// Evaluates policies with principals and conditions: an API's resource policy, and what authorizers return.
// https://docs.aws.amazon.com/apigateway/latest/developerguide/apigateway-authorization-flow.html
import { BlockList, isIPv4 } from 'node:net';
import { wildcard } from '../iam/evaluation.ts';

type OneOrMore = string | readonly string[];

export interface Statement {
  readonly Effect?: string;
  readonly Principal?: '*' | Readonly<Record<string, OneOrMore>>;
  readonly NotPrincipal?: unknown;
  readonly Action?: OneOrMore;
  readonly NotAction?: OneOrMore;
  readonly Resource?: OneOrMore;
  readonly NotResource?: OneOrMore;
  readonly Condition?: Readonly<Record<string, Readonly<Record<string, unknown>>>>;
}

export interface PolicyCall {
  readonly action: string;
  readonly resource: string;
  /** The ARNs and account that name the caller; none for an anonymous one. */
  readonly principals: readonly string[];
  /** Condition keys in lower case. */
  readonly values: Readonly<Record<string, string | undefined>>;
}

export type Decision = 'allowed' | 'explicitDeny' | 'implicitDeny';

export function statementsOf(document: unknown): Statement[] {
  if (typeof document !== 'object' || document === null) return [];
  const { Statement: statements = [] } = document as { Statement?: Statement | Statement[] };
  return [statements].flat();
}

/** `withPrincipals`: whether the statements say whom they are for. */
export function decide(statements: readonly Statement[], call: PolicyCall, withPrincipals: boolean): Decision {
  const applying = statements.filter((statement) => applies(statement, call, withPrincipals));
  if (applying.some(({ Effect }) => Effect === 'Deny')) return 'explicitDeny';
  return applying.some(({ Effect }) => Effect === 'Allow') ? 'allowed' : 'implicitDeny';
}

function applies(statement: Statement, call: PolicyCall, withPrincipals: boolean): boolean {
  const { Action, NotAction, Resource, NotResource, Condition = {} } = statement;
  const action = Action === undefined ? !matches(NotAction, call.action, 'i') : matches(Action, call.action, 'i');
  const resource =
    Resource === undefined ? !matches(NotResource ?? [], call.resource, '') : matches(Resource, call.resource, '');
  return (
    action &&
    resource &&
    (!withPrincipals || principalFits(statement, call)) &&
    Object.entries(Condition).every(([operator, keys]) =>
      Object.entries(keys).every(([key, expected]) =>
        isMet(operator, call.values[key.toLowerCase()], [expected].flat().map(String)),
      ),
    )
  );
}

function matches(patterns: OneOrMore | undefined, text: string, flags: string): boolean {
  return [patterns ?? []].flat().some((pattern) => wildcard(pattern, flags).test(text));
}

function principalFits({ Principal }: Statement, { principals }: PolicyCall): boolean {
  if (Principal === '*') return true;
  const named = [Principal?.['AWS'] ?? []].flat();
  return named.some((name) => name === '*' || principals.includes(name));
}

/** An operator that is not known here is never met, so what it allows is denied. */
function isMet(operator: string, actual: string | undefined, expected: readonly string[]): boolean {
  const name = operator.replace(/^(ForAnyValue|ForAllValues):/, '');
  if (name === 'Null') return (actual === undefined) === (expected[0] === 'true');
  const isOptional = name.endsWith('IfExists');
  const base = name.replace(/IfExists$/, '');
  const negated = /^(Not|StringNot|ArnNot|NumericNot|DateNot)/.test(base);
  if (actual === undefined) return isOptional || negated;
  const positive = base.replace(/Not/, '');
  const any = expected.some((value) => compare(positive, actual, value));
  return negated ? !any : any;
}

function compare(operator: string, actual: string, expected: string): boolean {
  switch (operator) {
    case 'StringEquals':
      return actual === expected;
    case 'StringEqualsIgnoreCase':
      return actual.toLowerCase() === expected.toLowerCase();
    case 'StringLike':
    case 'ArnLike':
    case 'ArnEquals':
      return wildcard(expected, 's').test(actual);
    case 'Bool':
      return actual.toLowerCase() === expected.toLowerCase();
    case 'IpAddress':
      return isInRange(actual, expected);
    default:
      return compareSizes(operator, actual, expected);
  }
}

function compareSizes(operator: string, actual: string, expected: string): boolean {
  const read = operator.startsWith('Date') ? Date.parse : Number;
  const [left, right] = [read(actual), read(expected)];
  switch (operator.replace(/^(Numeric|Date)/, '')) {
    case 'Equals':
      return left === right;
    case 'LessThan':
      return left < right;
    case 'LessThanEquals':
      return left <= right;
    case 'GreaterThan':
      return left > right;
    case 'GreaterThanEquals':
      return left >= right;
    default:
      return false;
  }
}

function isInRange(address: string, range: string): boolean {
  const [base = '', bits] = range.split('/');
  const family = isIPv4(base) ? 'ipv4' : 'ipv6';
  if (isIPv4(address) !== (family === 'ipv4')) return false;
  const list = new BlockList();
  try {
    if (bits === undefined) list.addAddress(base, family);
    else list.addSubnet(base, Number(bits), family);
  } catch {
    return false;
  }
  return list.check(address, family);
}
