// The statements of the policies in a resource, one grant per action, resource and principal, so that two can be compared.
import { isMap } from '../base/plain.ts';
import { canonicalJson, type Resource } from '../cfn/resource.ts';
import { fullText } from '../cfn/value-text.ts';

/** What one statement says about one action, one resource and one principal. */
export interface Grant {
  readonly effect: 'Allow' | 'Deny';
  readonly action: string;
  readonly resource: string;
  /** '' in a policy of an identity. */
  readonly principal: string;
  /** '' for none. */
  readonly condition: string;
  /** The policy inside the resource: `['Properties', 'Policies', '0', 'PolicyDocument']`. */
  readonly path: readonly string[];
}

type Path = readonly string[];

/** The grants of every policy document in the resource, and of what stands for one. */
export function grantsOf({ Type, Properties = {} }: Resource): readonly Grant[] {
  if (Type === 'AWS::Lambda::Permission') return isOfPublicUrl(Properties) ? [] : [permissionGrant(Properties)];
  return [...documentGrants(Properties, ['Properties']), ...attachedGrants(Properties)];
}

function documentGrants(value: unknown, path: Path): readonly Grant[] {
  if (Array.isArray(value)) return value.flatMap((item, index) => documentGrants(item, [...path, String(index)]));
  if (!isMap(value)) return [];
  if (Object.hasOwn(value, 'Statement')) return statementsIn(value['Statement']).flatMap((each) => split(each, path));
  return Object.entries(value).flatMap(([key, item]) => documentGrants(item, [...path, key]));
}

/** Both branches of a condition: either may become true. */
function statementsIn(value: unknown): readonly Readonly<Record<string, unknown>>[] {
  if (Array.isArray(value)) return value.flatMap(statementsIn);
  if (!isMap(value)) return [];
  const branches = value['Fn::If'];
  return Array.isArray(branches) ? statementsIn(branches.slice(1)) : [value];
}

function split(statement: Readonly<Record<string, unknown>>, path: Path): readonly Grant[] {
  const effect = statement['Effect'] === 'Deny' ? 'Deny' : 'Allow';
  const condition = statement['Condition'] === undefined ? '' : canonicalJson(statement['Condition']);
  const actions = valuesOf(statement, 'Action');
  const resources = valuesOf(statement, 'Resource');
  return principalsOf(statement).flatMap((principal) =>
    actions.flatMap((action) =>
      resources.map((resource) => ({ effect, action, resource, principal, condition, path }) as const),
    ),
  );
}

/** `NotAction` and `NotResource` stay one value each: only an equal one covers it. */
function valuesOf(statement: Readonly<Record<string, unknown>>, key: 'Action' | 'Resource'): readonly string[] {
  const not = statement[`Not${key}`];
  if (not !== undefined) return [`everything except ${[not].flat().map(fullText).sort().join(', ')}`];
  const value = statement[key];
  // a trust policy has no resource
  return value === undefined ? [''] : [value].flat().map(fullText);
}

function principalsOf(statement: Readonly<Record<string, unknown>>): readonly string[] {
  const not = statement['NotPrincipal'];
  if (not !== undefined) return [`everyone except ${fullText(not)}`];
  const principal = statement['Principal'];
  if (principal === undefined) return [''];
  if (!isMap(principal) || Object.keys(principal).some((key) => key.startsWith('Fn::') || key === 'Ref'))
    return [fullText(principal)];
  return Object.values(principal).flatMap((value) => [value].flat().map(fullText));
}

/** The permissions that a public function URL needs say nothing without it.
 * https://docs.aws.amazon.com/lambda/latest/dg/urls-auth.html */
export function isOfPublicUrl(properties: NonNullable<Resource['Properties']>): boolean {
  const { Principal, FunctionUrlAuthType, InvokedViaFunctionUrl } = properties;
  return Principal === '*' && (FunctionUrlAuthType === 'NONE' || InvokedViaFunctionUrl === true);
}

/** A permission is a statement of the function's policy.
 * https://docs.aws.amazon.com/lambda/latest/dg/access-control-resource-based.html */
function permissionGrant(properties: NonNullable<Resource['Properties']>): Grant {
  const { Action, FunctionName, Principal, ...conditions } = properties;
  return {
    effect: 'Allow',
    action: fullText(Action),
    resource: fullText(FunctionName),
    principal: fullText(Principal),
    condition: Object.keys(conditions).length === 0 ? '' : canonicalJson(conditions),
    path: ['Properties'],
  };
}

/** Managed policies count as one action each; a permissions boundary that goes is like a denial that goes. */
function attachedGrants(properties: NonNullable<Resource['Properties']>): readonly Grant[] {
  const grant = (effect: Grant['effect'], property: string, value: unknown): Grant => ({
    effect,
    action: effect === 'Allow' ? `the policy ${fullText(value)}` : `beyond the boundary ${fullText(value)}`,
    resource: '',
    principal: '',
    condition: '',
    path: ['Properties', property],
  });
  const { ManagedPolicyArns, PermissionsBoundary } = properties;
  const managed = Array.isArray(ManagedPolicyArns) ? ManagedPolicyArns : [];
  return [
    ...managed.map((arn) => grant('Allow', 'ManagedPolicyArns', arn)),
    ...(PermissionsBoundary === undefined ? [] : [grant('Deny', 'PermissionsBoundary', PermissionsBoundary)]),
  ];
}

/** Whether `wide` includes `narrow`. */
export function includes(wide: Grant, narrow: Grant): boolean {
  return (
    wide.effect === narrow.effect &&
    matches(wide.action.toLowerCase(), narrow.action.toLowerCase()) &&
    matches(wide.resource, narrow.resource) &&
    (wide.principal === '*' ? narrow.principal !== '' : wide.principal === narrow.principal) &&
    (wide.condition === '' || wide.condition === narrow.condition)
  );
}

/** Whether a pattern with `*` and `?` matches each text that `narrow`, itself a pattern, matches. `${A.Arn}/*` is text and a star. */
function matches(pattern: string, narrow: string): boolean {
  if (pattern === narrow) return true;
  if (!/[*?]/.test(pattern) || pattern.startsWith('everything') || narrow.startsWith('everything')) return false;
  const parts = pattern
    .replace(/[.+^${}()|[\]\\]/g, '\\$&')
    .replaceAll('*', '.*')
    .replaceAll('?', '.');
  return new RegExp(`^${parts}$`, 's').test(narrow);
}
