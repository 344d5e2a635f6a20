// IAM's checks of names and policy documents.
import { AwsError } from '../cloud.ts';

// https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_iam-quotas.html#reference_iam-quotas-entity-length
export const inlinePolicyLimit = 10_240;
export const trustPolicyLimit = 2_048;
export const managedPolicyLimit = 6_144;

export function validName(name: string | undefined, field: string, longest: number): string {
  const constraint =
    name === undefined || name.length < 1
      ? 'Member must have length greater than or equal to 1'
      : name.length > longest
        ? `Member must have length less than or equal to ${longest}`
        : /^[\w+=,.@-]+$/.test(name)
          ? undefined
          : 'Member must satisfy regular expression pattern: [\\w+=,.@-]+';
  if (constraint !== undefined) {
    throw new AwsError(
      'ValidationError',
      `1 validation error detected: Value '${name}' at '${field}' failed to satisfy constraint: ${constraint}`,
    );
  }
  return name ?? '';
}

export function checkedDocument(
  text: string | undefined,
  limit: number,
  quota: string,
  kind: 'trust' | 'identity',
): string {
  const problem = policyProblem(text ?? '', kind);
  if (problem !== undefined) throw new AwsError('MalformedPolicyDocumentException', problem);
  const size = withoutSpace(text ?? '');
  if (size > limit) throw new AwsError('LimitExceededException', `Cannot exceed quota for ${quota}: ${limit}`, 409);
  return text ?? '';
}

function policyProblem(text: string, kind: 'trust' | 'identity'): string | undefined {
  let document: unknown;
  try {
    document = JSON.parse(text);
  } catch {
    return 'This policy contains invalid Json';
  }
  if (typeof document !== 'object' || document === null || !('Statement' in document)) {
    return 'Syntax errors in policy.';
  }
  const { Statement } = document as { Statement: unknown };
  for (const statement of Array.isArray(Statement) ? Statement : [Statement]) {
    const has = (key: string) => Object.hasOwn(statement as object, key);
    if (typeof statement !== 'object' || statement === null || !has('Effect')) return 'Syntax errors in policy.';
    if (!has('Action') && !has('NotAction')) return 'Policy statement must contain actions.';
    if (kind === 'trust') {
      if (has('Resource')) return 'Has prohibited field Resource';
      if (!has('Principal') && !has('NotPrincipal')) return 'Missing required field Principal';
    } else {
      if (has('Principal')) return 'Policy document should not specify a principal.';
      if (!has('Resource') && !has('NotResource')) return 'Policy statement must contain resources.';
    }
  }
  return undefined;
}

/** IAM does not count white space against its quotas. */
export function withoutSpace(text: string): number {
  return text.replace(/\s/g, '').length;
}
