// Every function as it is: `defaults` with the function merged over it, by the rule of the environments. Permissions are the one
// exception: they add up, since a function that needs one right more needs the others still.
import { type Entry, type Located, type LocatedMap, mapValues } from '../base/located.ts';
import { isNull, mergePatch, without } from './overlay.ts';

/** The project with its defaults in each function. They stay beside them too, to be checked though every function overrides them,
 * all but the form of names: it has a ${function} in it. A function that is no map is left for the schema to tell. */
export function withDefaults(project: LocatedMap): LocatedMap {
  const defaults = project.entries.get('defaults')?.value;
  const functions = project.entries.get('functions');
  // a function is read by one rule whether there are defaults or not: what is null counts as not written
  const base: LocatedMap = defaults?.kind === 'map' ? defaults : { kind: 'map', at: project.at, entries: new Map() };
  const rest = defaults?.kind === 'map' ? withoutName(project, defaults) : project;
  if (functions?.value.kind !== 'map') return rest;
  const value = mapValues(functions.value, (own) => effective(base, own));
  return { ...rest, entries: new Map(rest.entries).set('functions', { ...functions, value }) };
}

function withoutName(project: LocatedMap, defaults: LocatedMap): LocatedMap {
  const entry = project.entries.get('defaults') as Entry;
  return {
    ...project,
    entries: new Map(project.entries).set('defaults', { ...entry, value: without(defaults, 'functionName') }),
  };
}

function effective(defaults: LocatedMap, own: Located): Located {
  if (own.kind !== 'map' && !isNull(own)) return own;
  const patch: LocatedMap = own.kind === 'map' ? own : { kind: 'map', at: own.at, entries: new Map() };
  const merged = mergePatch(defaults, patch) as LocatedMap;
  const [before, after] = [defaults, patch].map((from) => from.entries.get('permissions')?.value);
  const sum = new Map(merged.entries);
  if (before?.kind === 'list' && after?.kind === 'list') {
    const entry = sum.get('permissions') as Entry;
    sum.set('permissions', { ...entry, value: { ...after, items: [...before.items, ...after.items] } });
  }
  // what a default got wrong is told at the default; what the function lacks is told at the function
  return { kind: 'map', at: own.at, entries: sum };
}
