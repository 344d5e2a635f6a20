// References of the draft that mean something else in one environment.
import { referredTo } from '../against/values.ts';
import type { Path } from '../draft.ts';
import type { Own } from './own.ts';
import { translated } from './references.ts';

/** Values below a path that refer to one of `ids` refer to another in this environment. */
export function renameIn(own: Own, path: Path, ids: ReadonlyMap<string, string>): void {
  const { draft, environment } = own;
  const value = draft.get(path);
  if (typeof value !== 'object' || value === null || path.at(-1) === 'events') return;
  const keys = Object.keys(value);
  if (!Array.isArray(value) && keys.some((key) => key !== 'Ref' && !key.startsWith('Fn::'))) {
    for (const key of keys) renameIn(own, [...path, key], ids);
  } else if (referredTo(value).some((id) => ids.has(id))) {
    draft.set([...environment, ...path], translated(value, { ids, parameters: {} }));
  }
}
