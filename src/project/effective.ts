// Effective functions: each merged over `defaults`, by the same rule as environments. Permissions are the exception: they
// accumulate, since a function that needs one more permission still needs the others.
import { type Entry, type Located, type LocatedMap, mapValues } from '../base/located.ts';
import { isNull, mergePatch, without } from './overlay.ts';

/** The project with its defaults merged into each function. They stay under `defaults` too, so that the schema checks them even if every
 * function overrides them, except for the name template, which contains ${function}. The schema reports a function that is not a map. */
export function withDefaults(project: LocatedMap): LocatedMap {
  const defaults = project.entries.get('defaults')?.value;
  const functions = project.entries.get('functions');
  // a null counts as absent, with or without defaults
  const base: LocatedMap = defaults?.kind === 'map' ? defaults : { kind: 'map', at: project.at, entries: new Map() };
  const checked = defaults?.kind === 'map' ? withoutName(project, defaults) : project;
  if (functions?.value.kind !== 'map') return checked;
  const value = mapValues(functions.value, (settings) => effective(base, settings));
  return { ...checked, entries: new Map(checked.entries).set('functions', { ...functions, value }) };
}

function withoutName(project: LocatedMap, defaults: LocatedMap): LocatedMap {
  const entry = project.entries.get('defaults') as Entry;
  return {
    ...project,
    entries: new Map(project.entries).set('defaults', { ...entry, value: without(defaults, 'functionName') }),
  };
}

function effective(defaults: LocatedMap, settings: Located): Located {
  if (settings.kind !== 'map' && !isNull(settings)) return settings;
  const patch: LocatedMap = settings.kind === 'map' ? settings : { kind: 'map', at: settings.at, entries: new Map() };
  const merged = mergePatch(defaults, patch) as LocatedMap;
  const [before, after] = [defaults, patch].map((from) => from.entries.get('permissions')?.value);
  const sum = new Map(merged.entries);
  if (before?.kind === 'list' && after?.kind === 'list') {
    const entry = sum.get('permissions') as Entry;
    sum.set('permissions', { ...entry, value: { ...after, items: [...before.items, ...after.items] } });
  }
  // report a wrong default at the default, a missing key at the function
  return { kind: 'map', at: settings.at, entries: sum };
}
