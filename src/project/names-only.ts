// What things are called and where they are, without the rest: enough to find what is deployed. At three in the morning a rollback
// must not fail on a variable that is not set, or on a line that somebody is in the middle of writing.
import type { Entry, Located, LocatedMap } from '../base/located.ts';

const kept = ['name', 'region', 'account', 'profile', 'assumeRole', 'protected', 'stackName', 'fxVersion'];

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
    const each = [...resources.value.entries].flatMap(([id, entry]): [string, Entry][] => {
      const value = typeOf(entry.value);
      return value === undefined ? [] : [[id, { ...entry, value }]];
    });
    entries.push(['resources', { ...resources, value: { ...resources.value, entries: new Map(each) } }]);
  }
  return { ...project, entries: new Map(entries) };
}

/** Undefined where somebody is in the middle of writing it. */
function typeOf(resource: Located): Located | undefined {
  const type = resource.kind === 'map' ? resource.entries.get('Type') : undefined;
  if (type?.value.kind !== 'scalar' || typeof type.value.value !== 'string') return undefined;
  return { kind: 'map', at: resource.at, entries: new Map([['Type', type]]) };
}

function logGroupOf(logging: Located): Located {
  if (logging.kind === 'scalar') return logging;
  const group = logging.kind === 'map' ? logging.entries.get('logGroup') : undefined;
  return { kind: 'map', at: logging.at, entries: new Map(group === undefined ? [] : [['logGroup', group]]) };
}

function nameOf(settings: Located): Located {
  const own: [string, Entry][] = [];
  for (const [key, entry] of settings.kind === 'map' ? settings.entries : []) {
    if (key === 'functionName') own.push([key, entry]);
    // whose log is read hangs on this much of it
    if (key === 'logging') own.push([key, { ...entry, value: logGroupOf(entry.value) }]);
  }
  const handler: Entry = { keyAt: settings.at, value: { kind: 'scalar', at: settings.at, value: 'index.handler' } };
  return { kind: 'map', at: settings.at, entries: new Map([...own, ['handler', handler]]) };
}
