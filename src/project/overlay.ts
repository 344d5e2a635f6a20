// Merges one layer of a project over another by JSON Merge Patch (RFC 7396): maps merge, everything else replaces, null
// removes. An intrinsic such as !Ref is one value, though YAML has it as a map. Every value keeps its position.
import type { Entry, Located, LocatedMap } from '../base/located.ts';
import { isOneIntrinsic } from '../cfn/value-schema.ts';

/** The base with the patch merged over it; changes neither. */
export function mergePatch(base: Located | undefined, patch: Located): Located {
  return merge(base, patch, false);
}

/** One patch equivalent to two in sequence. Nulls stay: they remove keys from the value that the patch is applied to. */
export function composePatch(first: Located | undefined, second: Located): Located {
  return merge(first, second, true);
}

/** The project with a layer merged over it. `extend` itself patches what fx generates, so there the two patches are combined. */
export function mergeLayer(base: LocatedMap, layer: LocatedMap): LocatedMap {
  const extend = layer.entries.get('extend');
  if (extend === undefined || isNull(extend.value)) return mergePatch(base, layer) as LocatedMap;
  const merged = mergePatch(base, without(layer, 'extend')) as LocatedMap;
  const old = base.entries.get('extend');
  const value = composePatch(old?.value, extend.value);
  const entries = new Map(merged.entries).set('extend', { keyAt: old?.keyAt ?? extend.keyAt, value });
  return { ...merged, entries };
}

function merge(base: Located | undefined, patch: Located, keepNulls: boolean): Located {
  if (patch.kind !== 'map' || isIntrinsic(patch)) return patch;
  const entries = new Map<string, Entry>(base?.kind === 'map' && !isIntrinsic(base) ? base.entries : []);
  for (const [key, entry] of patch.entries) {
    const old = entries.get(key);
    if (isNull(entry.value)) {
      if (keepNulls) entries.set(key, entry);
      else entries.delete(key);
      continue;
    }
    const value = merge(old?.value, entry.value, keepNulls);
    entries.set(key, { keyAt: old !== undefined && value.kind === 'map' ? old.keyAt : entry.keyAt, value });
  }
  return { kind: 'map', at: base?.kind === 'map' ? base.at : patch.at, entries };
}

/** `{Ref: A}` or `{Fn::Sub: …}`; `{Ref: null}` takes one away. */
function isIntrinsic({ entries }: LocatedMap): boolean {
  return isOneIntrinsic([...entries.keys()]) && ![...entries.values()].some(({ value }) => isNull(value));
}

export function isNull(value: Located): boolean {
  return value.kind === 'scalar' && value.value === null;
}

/** The map without some of its keys. */
export function without(value: LocatedMap, ...keys: readonly string[]): LocatedMap {
  return { ...value, entries: new Map([...value.entries].filter(([key]) => !keys.includes(key))) };
}
