// Logical ids that end with a hash of other resources: what is a snapshot of them, such as a deployment of an API, is made anew when one
// of them changes. This comes after `extend`, so that what the user changes there counts too.
import { sha256 } from '../base/hash.ts';
import type { OwnedResource } from '../cfn/part.ts';
import { canonicalJson, type Value } from '../cfn/resource.ts';

const hashLength = 12;

/** `identities`: the ids of the resources that each id is made of. References to the ids are changed too. */
export function withIdentities(
  ownedResources: ReadonlyMap<string, OwnedResource>,
  identities: ReadonlyMap<string, readonly string[]>,
): ReadonlyMap<string, OwnedResource> {
  if (identities.size === 0) return ownedResources;
  const renamed = new Map(
    [...identities].map(([id, parts]) => {
      const content = parts.map((part) => [part, ownedResources.get(part)?.resource ?? null]);
      return [id, `${id}${sha256(canonicalJson(content as unknown as Value)).slice(0, hashLength)}`];
    }),
  );
  return new Map(
    [...ownedResources].map(([id, entry]) => [
      renamed.get(id) ?? id,
      { ...entry, resource: withIds(entry.resource, renamed) },
    ]),
  );
}

/** The value with the new ids in Ref, Fn::GetAtt, Fn::Sub and DependsOn. */
export function withIds<T>(value: T, renamed: ReadonlyMap<string, string>): T {
  return (renamed.size === 0 ? value : rewritten(value, renamed)) as T;
}

function rewritten(value: unknown, renamed: ReadonlyMap<string, string>): unknown {
  if (Array.isArray(value)) return value.map((item) => rewritten(item, renamed));
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(
    Object.entries(value).map(([key, inner]) => {
      if (key === 'Ref' || key === 'DependsOn' || key === 'Fn::GetAtt') return [key, renamedIn(inner, renamed)];
      if (key === 'Fn::Sub') return [key, renamedInSub(inner, renamed)];
      return [key, rewritten(inner, renamed)];
    }),
  );
}

function renamedIn(value: unknown, renamed: ReadonlyMap<string, string>): unknown {
  if (Array.isArray(value)) return value.map((item) => renamedIn(item, renamed));
  if (typeof value !== 'string') return rewritten(value, renamed);
  const [id = '', ...attribute] = value.split('.');
  return [renamed.get(id) ?? id, ...attribute].join('.');
}

function renamedInSub(value: unknown, renamed: ReadonlyMap<string, string>): unknown {
  if (Array.isArray(value))
    return [renamedInSub(value[0], renamed), ...value.slice(1).map((rest) => rewritten(rest, renamed))];
  if (typeof value !== 'string') return rewritten(value, renamed);
  return value.replace(/\$\{([A-Za-z0-9]+)/g, (whole, id: string) =>
    renamed.has(id) ? `\${${renamed.get(id)}` : whole,
  );
}
