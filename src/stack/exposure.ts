// What a change allows that was not allowed before: permissions that widen, and what becomes open to the public.
import type { Resource } from '../cfn/resource.ts';
import type { StackSet } from '../template/stack-set.ts';
import { type PublicFact, publicFacts } from './public-facts.ts';
import { type Grant, grantsOf, includes } from './statements.ts';

export interface PermissionChange {
  readonly logicalId: string;
  readonly type: string;
  readonly path: readonly string[];
  readonly effect: Grant['effect'];
  readonly principal: string;
  readonly actions: readonly string[];
  readonly resource: string;
  /** JSON; '' for none. */
  readonly condition: string;
}

export interface Exposure {
  /** New grants that no grant of the resource covered before, and denials that are gone. */
  readonly widened: readonly PermissionChange[];
  /** The reverse. */
  readonly narrowed: readonly PermissionChange[];
  /** What becomes open to anyone, or to other accounts without a limit. */
  readonly opened: readonly PublicFact[];
  readonly closed: readonly PublicFact[];
}

type Resources = Readonly<Record<string, Resource>>;

export function exposureOf(live: StackSet | undefined, next: StackSet): Exposure {
  const [before, after] = [live?.root.template.Resources ?? {}, next.root.template.Resources];
  return {
    widened: [...more(before, after, 'Allow'), ...more(after, kept(before, after), 'Deny')],
    // what a removed resource allowed is gone with it
    narrowed: [...more(after, kept(before, after), 'Allow'), ...more(before, after, 'Deny')],
    opened: unlike(publicFacts(after), publicFacts(before)),
    closed: unlike(publicFacts(before), publicFacts(after)),
  };
}

function kept(before: Resources, after: Resources): Resources {
  return Object.fromEntries(Object.entries(before).filter(([id]) => Object.hasOwn(after, id)));
}

/** What `after` grants, or denies, and `before` did not. */
function more(before: Resources, after: Resources, effect: Grant['effect']): readonly PermissionChange[] {
  return Object.entries(after).flatMap(([logicalId, resource]) => {
    const old = before[logicalId];
    const had = old === undefined ? [] : grantsOf(old);
    const added = grantsOf(resource).filter(
      (grant) => grant.effect === effect && !had.some((other) => isSameKind(other, grant) && includes(other, grant)),
    );
    return grouped(added).map((grants) => changeOf(logicalId, resource.Type, grants));
  });
}

/** Who may assume a role is another matter than what the role may do. */
function isSameKind(one: Grant, other: Grant): boolean {
  return (one.principal === '') === (other.principal === '');
}

function changeOf(logicalId: string, type: string, grants: readonly [Grant, ...Grant[]]): PermissionChange {
  const [{ path, effect, principal, resource, condition }] = grants;
  const actions = [...new Set(grants.map(({ action }) => action))];
  return { logicalId, type, path, effect, principal, actions, resource, condition };
}

/** Grants that differ only in their action. */
function grouped(grants: readonly Grant[]): readonly (readonly [Grant, ...Grant[]])[] {
  const groups = new Map<string, [Grant, ...Grant[]]>();
  for (const grant of grants) {
    const key = JSON.stringify([grant.principal, grant.resource, grant.condition]);
    const group = groups.get(key);
    if (group === undefined) groups.set(key, [grant]);
    else group.push(grant);
  }
  return [...groups.values()];
}

function unlike(facts: readonly PublicFact[], others: readonly PublicFact[]): readonly PublicFact[] {
  const known = new Set(others.map(({ logicalId, what }) => `${logicalId} ${what}`));
  return facts.filter(({ logicalId, what }) => !known.has(`${logicalId} ${what}`));
}
