// Lays an environment over the project by one rule, JSON Merge Patch (RFC 7396): maps merge, everything else replaces,
// null removes. Every value keeps the place where it was written.
import type { Entry, Located } from '../base/located.ts';

/** The base with the patch merged over it; neither is changed. */
export function mergePatch(base: Located | undefined, patch: Located): Located {
  if (patch.kind !== 'map') return patch;
  const entries = new Map<string, Entry>(base?.kind === 'map' ? base.entries : []);
  for (const [key, entry] of patch.entries) {
    if (entry.value.kind === 'scalar' && entry.value.value === null) entries.delete(key);
    else {
      const old = entries.get(key);
      const value = mergePatch(old?.value, entry.value);
      entries.set(key, { keyAt: old !== undefined && value.kind === 'map' ? old.keyAt : entry.keyAt, value });
    }
  }
  return { kind: 'map', at: base?.kind === 'map' ? base.at : patch.at, entries };
}

/** The map without some of its keys. */
export function without(value: Located, ...keys: readonly string[]): Located {
  if (value.kind !== 'map') return value;
  return { ...value, entries: new Map([...value.entries].filter(([key]) => !keys.includes(key))) };
}
