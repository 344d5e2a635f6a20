// Evaluates identity policies: an explicit deny wins, then an allow; otherwise the result is an implicit deny.
// https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_evaluation-logic.html
export type Decision = 'allowed' | 'explicitDeny' | 'implicitDeny';

export interface PolicyStatement {
  readonly Effect: 'Allow' | 'Deny';
  readonly Action?: string | readonly string[];
  readonly NotAction?: string | readonly string[];
  readonly Resource?: string | readonly string[];
  readonly NotResource?: string | readonly string[];
}

/** The statements of a policy document, whose JSON was validated when it was stored. */
export function parsePolicy(text: string): readonly PolicyStatement[] {
  const { Statement } = JSON.parse(text) as { Statement: PolicyStatement | PolicyStatement[] };
  return Array.isArray(Statement) ? Statement : [Statement];
}

/** The decision for one action on one resource. Conditions count as met: their keys are unknown here. */
export function evaluate(
  policies: readonly (readonly PolicyStatement[])[],
  action: string,
  resource: string,
): Decision {
  const applying = policies.flat().filter((statement) => applies(statement, action, resource));
  if (applying.some((statement) => statement.Effect === 'Deny')) return 'explicitDeny';
  return applying.length > 0 ? 'allowed' : 'implicitDeny';
}

/** The decision for an action on any resource: allowed if it is allowed on one, denied only if it is denied on all. */
export function evaluateAnywhere(policies: readonly (readonly PolicyStatement[])[], action: string): Decision {
  const applying = policies.flat().filter((statement) => actionApplies(statement, action));
  const coversEverything = (statement: PolicyStatement) => [statement.Resource ?? []].flat().includes('*');
  if (applying.some((statement) => statement.Effect === 'Deny' && coversEverything(statement))) return 'explicitDeny';
  return applying.some(({ Effect }) => Effect === 'Allow') ? 'allowed' : 'implicitDeny';
}

function applies(statement: PolicyStatement, action: string, resource: string): boolean {
  const resourceFits =
    statement.Resource === undefined
      ? !anyMatches(statement.NotResource, resource, '')
      : anyMatches(statement.Resource, resource, '');
  return resourceFits && actionApplies(statement, action);
}

function actionApplies({ Action, NotAction }: PolicyStatement, action: string): boolean {
  return Action === undefined ? !anyMatches(NotAction, action, 'i') : anyMatches(Action, action, 'i');
}

function anyMatches(patterns: string | readonly string[] | undefined, text: string, flags: string): boolean {
  return [patterns ?? []].flat().some((pattern) => wildcard(pattern, flags).test(text));
}

const compiled = new Map<string, RegExp>();
const compiledLimit = 1000;

/** `*` matches any number of characters, `?` exactly one, as in IAM's ARNs and actions. */
export function wildcard(pattern: string, flags = ''): RegExp {
  const key = `${flags}/${pattern}`;
  let expression = compiled.get(key);
  if (expression === undefined) {
    if (compiled.size === compiledLimit) compiled.clear();
    expression = compileWildcard(pattern, flags);
    compiled.set(key, expression);
  }
  return expression;
}

function compileWildcard(pattern: string, flags: string): RegExp {
  const source = pattern
    .replace(/[.+^${}()|[\]\\]/g, '\\$&')
    .replace(/\*/g, '.*')
    .replace(/\?/g, '.');
  return new RegExp(`^${source}$`, flags);
}
