// Evaluates a resource's policy for a call by an AWS service, which needs permission from that policy.
// https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_condition_operators.html
import type { Principal } from './cloud.ts';
import { wildcard } from './iam/evaluation.ts';

type OneOrMore = string | readonly string[];

export interface ResourceStatement {
  readonly Effect: string;
  readonly Principal?: '*' | Readonly<Record<string, OneOrMore>>;
  readonly Action?: OneOrMore;
  readonly Resource?: OneOrMore;
  readonly Condition?: Readonly<Record<string, Readonly<Record<string, OneOrMore>>>>;
}

export interface ServiceCall {
  readonly principal: Principal & { readonly kind: 'service' };
  readonly action: string;
  readonly resource: string;
  /** The account of the resource. A source whose ARN has no account, such as a bucket, counts as part of it. */
  readonly accountId: string;
}

/** Whether a statement allows the call and none denies it. */
export function allowsServiceCall(statements: readonly ResourceStatement[], call: ServiceCall): boolean {
  const applying = statements.filter((statement) => applies(statement, call));
  return applying.length > 0 && applying.every(({ Effect }) => Effect === 'Allow');
}

function applies(statement: ResourceStatement, call: ServiceCall): boolean {
  const {
    Principal: who,
    Action: actions = [],
    Resource: resources = call.resource,
    Condition: conditions = {},
  } = statement;
  const services = typeof who === 'object' ? [who['Service'] ?? []].flat() : [];
  return (
    (who === '*' || services.includes(call.principal.service)) &&
    [actions].flat().some((action) => wildcard(action, 'i').test(call.action)) &&
    [resources].flat().some((resource) => wildcard(resource).test(call.resource)) &&
    Object.entries(conditions).every(([operator, keys]) =>
      Object.entries(keys).every(([key, expected]) => conditionIsMet(operator, key, [expected].flat(), call)),
    )
  );
}

// A condition on a key that the call does not have is not met.
function conditionIsMet(operator: string, key: string, expected: readonly string[], call: ServiceCall): boolean {
  const actual = contextValue(key, call);
  if (actual === undefined) return false;
  switch (operator) {
    case 'ArnLike':
    case 'ArnEquals':
      return expected.some((pattern) => arnLike(pattern, actual));
    case 'StringEquals':
      return expected.includes(actual);
    case 'StringLike':
      return expected.some((pattern) => wildcard(pattern, 's').test(actual));
    default:
      return false;
  }
}

function contextValue(key: string, { principal, accountId }: ServiceCall): string | undefined {
  switch (key.toLowerCase()) {
    case 'aws:sourcearn':
      return principal.sourceArn;
    case 'aws:sourceaccount':
      return principal.sourceArn.split(':')[4] || accountId;
    default:
      return undefined;
  }
}

/** Matches each of the six parts of an ARN separately. */
function arnLike(pattern: string, arn: string): boolean {
  const parts = arnParts(arn);
  return arnParts(pattern).every((part, i) => wildcard(part, 's').test(parts[i] ?? ''));
}

function arnParts(arn: string): string[] {
  const parts = arn.split(':');
  return [...parts.slice(0, 5), parts.slice(5).join(':')];
}
