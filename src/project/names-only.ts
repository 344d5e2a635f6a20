// What things are called and where they are, without the rest: enough to find what is deployed. At three in the morning a rollback
// must not fail on a variable that is not set, or on a line that somebody is in the middle of writing.
import type { Entry, Located, LocatedMap } from '../base/located.ts';
import { isNull } from './overlay.ts';

const kept = ['name', 'region', 'account', 'profile', 'assumeRole', 'protected', 'stackName', 'fxVersion'];
const keptOfFunction = ['functionName', 'logging'];

/** The project with these keys only; each function has a handler that stands for its own. */
export function namesOnly(project: LocatedMap): LocatedMap {
  const entries = [...project.entries].filter(([key]) => kept.includes(key));
  const functions = project.entries.get('functions');
  if (functions?.value.kind === 'map') {
    const each = [...functions.value.entries].map(([name, entry]): [string, Entry] => [
      name,
      { ...entry, value: nameOf(entry.value) },
    ]);
    entries.push(['functions', { ...functions, value: { ...functions.value, entries: new Map(each) } }]);
  }
  const resources = project.entries.get('resources');
  if (resources?.value.kind === 'map') {
    const each = [...resources.value.entries].map(([id, entry]): [string, Entry] => [
      id,
      { ...entry, value: typeOf(entry.value) },
    ]);
    entries.push(['resources', { ...resources, value: { ...resources.value, entries: new Map(each) } }]);
  }
  return { ...project, entries: new Map(entries) };
}

function typeOf(resource: Located): Located {
  if (resource.kind !== 'map') return resource;
  return { ...resource, entries: new Map([...resource.entries].filter(([key]) => key === 'Type')) };
}

function nameOf(settings: Located): Located {
  if (settings.kind !== 'map' && !isNull(settings)) return settings;
  const own = settings.kind === 'map' ? [...settings.entries].filter(([key]) => keptOfFunction.includes(key)) : [];
  const handler: Entry = { keyAt: settings.at, value: { kind: 'scalar', at: settings.at, value: 'index.handler' } };
  return { kind: 'map', at: settings.at, entries: new Map([...own, ['handler', handler]]) };
}
