// `--param` names that the project does not use. Without this check, a typo would silently leave the default in force.
import type { Problem } from '../base/error.ts';
import { type Located, type LocatedMap, valueAt } from '../base/located.ts';
import { nearest } from '../base/suggest.ts';

/** `project` is without the command line's layer. A name is in use if it is under params, or in a lookup. */
export function unusedParams(project: LocatedMap, names: readonly string[]): readonly Problem[] {
  if (names.length === 0) return [];
  const texts = [...lookupTexts(project)];
  // a lookup inside the name of a param may refer to any param
  if (texts.some((text) => text.includes('params.${'))) return [];
  const written = valueAt(project, ['params']);
  const known = written?.kind === 'map' ? [...written.entries.keys()] : [];
  const looked = texts.flatMap((text) => [...text.matchAll(/params\.([\w-]+)/g)].map(([, name = '']) => name));
  const all = [...new Set([...known, ...looked])];
  return names.flatMap((name): Problem[] => {
    const [first = ''] = name.split('.');
    if (all.includes(first)) return [];
    const suggestion = nearest(first, all);
    const list = all.length === 0 ? 'it has none' : `params are ${all.join(', ')}`;
    return [
      {
        at: { file: `--param ${name}`, line: 1, column: 1, length: 1 },
        message: `the project does not use the param "${first}"`,
        hint: suggestion === undefined ? list : `did you mean "${suggestion}"? ${list}`,
      },
    ];
  });
}

function* lookupTexts(value: Located): Generator<string> {
  if (value.kind === 'scalar') {
    if (typeof value.value === 'string' && value.value.includes('${')) yield value.value;
    return;
  }
  const below = value.kind === 'list' ? value.items : [...value.entries.values()].map((entry) => entry.value);
  for (const child of below) yield* lookupTexts(child);
}
