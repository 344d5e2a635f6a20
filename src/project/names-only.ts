// What things are called and where they are, without the rest: enough to find what is deployed. At three in the morning a rollback
// must not fail on a variable that is not set, or on a line that somebody is in the middle of writing.
import { type Entry, type Located, type LocatedMap, mapValues } from '../base/located.ts';

const kept = ['name', 'region', 'account', 'profile', 'assumeRole', 'protected', 'stackName', 'fxVersion'];

/** The project with these keys only; each function has a handler that stands for its own. */
export function namesOnly(project: LocatedMap): LocatedMap {
  const entries = new Map([...project.entries].filter(([key]) => kept.includes(key)));
  for (const [key, change] of [
    ['functions', nameOf],
    ['resources', typeOf],
  ] as const) {
    const section = project.entries.get(key);
    if (section?.value.kind === 'map') entries.set(key, { ...section, value: mapValues(section.value, change) });
  }
  return { ...project, entries };
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
