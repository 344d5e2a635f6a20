// Who owns each resource of a release, as the ledger has it: a plan can group what only the live template still has.
import type { OwnedResource, Owner } from '../cfn/part.ts';

/** The logical ids of each owner: `function:orders`, `layer:fonts`, `plugin:./alarms.mjs`, `project` or `user`. */
export type RecordedOwners = Readonly<Record<string, readonly string[]>>;

export function recordedOwners(owned: ReadonlyMap<string, Pick<OwnedResource, 'owner'>>): RecordedOwners {
  const ids: Record<string, string[]> = {};
  for (const [id, { owner }] of owned) {
    const name = 'name' in owner ? `${owner.kind}:${owner.name}` : owner.kind;
    ids[name] ??= [];
    ids[name].push(id);
  }
  return ids;
}

/** By logical id. Without owners that only a newer fx knows. */
export function ownersById(recorded: RecordedOwners = {}): ReadonlyMap<string, Owner> {
  return new Map(
    Object.entries(recorded).flatMap(([text, ids]) => {
      const owner = ownerOf(text);
      return owner === undefined ? [] : ids.map((id) => [id, owner] as const);
    }),
  );
}

function ownerOf(text: string): Owner | undefined {
  const [kind = '', ...rest] = text.split(':');
  const name = rest.join(':');
  if (kind === 'function' || kind === 'layer' || kind === 'plugin') return { kind, name };
  return kind === 'project' || kind === 'user' ? { kind } : undefined;
}

/** Those of the first record, and of the other where the first has none. */
export function mergedOwners(
  first: RecordedOwners | undefined,
  other: RecordedOwners | undefined,
): RecordedOwners | undefined {
  if (first === undefined || other === undefined) return first ?? other;
  const known = new Set(Object.values(first).flat());
  const names = new Set([...Object.keys(first), ...Object.keys(other)]);
  return Object.fromEntries(
    [...names].map((name) => [name, [...(first[name] ?? []), ...(other[name] ?? []).filter((id) => !known.has(id))]]),
  );
}
