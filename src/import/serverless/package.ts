// `package` of a service or function → include, exclude and artifact. fx packs only what a handler needs, so most patterns go.
import type { Plain } from '../../base/located.ts';
import type { Cursor } from '../cursor.ts';
import { type Path, placeOf } from '../draft.ts';
import type { Service } from './service.ts';

/** Returns the prebuilt artifact, if there is one. */
export function packageOf(service: Service, cursor: Cursor | undefined, to: Path): Plain | undefined {
  if (cursor === undefined) return undefined;
  const { draft } = service;
  const include: string[] = [];
  const left: string[] = [];
  for (const key of ['patterns', 'include', 'exclude'] as const) {
    const list = cursor.child(key);
    for (const item of list?.each() ?? []) {
      const text = item.text();
      if (text === undefined) {
        draft.dropped(placeOf(item), 'a pattern is text', { remedy: 'write it under include' });
        continue;
      }
      const isOut = key === 'exclude' || text.startsWith('!');
      const pattern = text.replace(/^!/, '').replace(/^\.\//, '');
      if (isOut) left.push(pattern);
      else if (!/^(\*\*|\*|\*\*\/\*|\.)$/.test(pattern) && !isCode(pattern)) include.push(pattern);
      else draft.carried(placeOf(item), `fx finds ${text} itself`);
    }
    if (list !== undefined && left.length > 0) {
      draft.changed(placeOf(list), 'fx packs only what a handler needs, so files need no pattern to stay out', {
        remedy: 'fx build --size shows what is packed; exclude leaves more out',
      });
    }
  }
  if (include.length > 0 && to.length > 0) {
    const path = [...to, 'include'];
    draft.set(path, include, placeOf(cursor));
  }
  for (const key of ['individually', 'excludeDevDependencies'] as const) {
    const value = cursor.child(key);
    if (value === undefined) continue;
    value.plain();
    draft.carried(
      placeOf(value),
      key === 'individually' ? 'fx packs each function by itself' : 'fx packs no packages that only development needs',
    );
  }
  const disabled = cursor.child('disable');
  disabled?.plain();
  return cursor.child('artifact')?.plain();
}

/** Programs and packages, which fx builds or finds. */
const isCode = (pattern: string) =>
  /^(\.?\/?bin(\/|$)|node_modules\/?\*|.*\.(js|ts|mjs|py|rb|go)$|dist\/|build\/|\.build|\.esbuild|\.webpack|bootstrap$|target\/)/.test(
    pattern,
  );
