// The part of a project file with only names and destination. At three in the morning, a rollback must not fail because of an unset
// variable or a half-written line.
import { type Entry, type Located, type LocatedMap, mapValues } from '../base/located.ts';
import { mapOf, object, type Read, text } from '../base/schema.ts';
import { logging } from '../settings/logging.ts';
import { functionName } from '../settings/naming.ts';
import { functionNameRule, placeFields, projectName } from './schema.ts';

const functionSchema = object({
  required: {},
  optional: { functionName: functionName.schema, logging: logging.schema },
});

/** The keys that define an environment's destination, and the names of functions and resources. */
export const environmentSchema = object({
  required: { name: projectName },
  optional: {
    ...placeFields,
    functions: mapOf(functionSchema, functionNameRule),
    resources: mapOf(object({ required: { Type: text() }, optional: {} })),
  },
});
export type EnvironmentFile = Read<typeof environmentSchema>;

const kept: readonly string[] = ['name', ...Object.keys(placeFields)];

/** The merged project reduced to these keys. Drops half-written entries. */
export function environmentPart(project: LocatedMap): LocatedMap {
  const entries = new Map([...project.entries].filter(([key]) => kept.includes(key)));
  for (const [key, change] of [
    ['functions', functionPart],
    ['resources', resourcePart],
  ] as const) {
    const section = project.entries.get(key);
    if (section?.value.kind === 'map') entries.set(key, { ...section, value: mapValues(section.value, change) });
  }
  return { ...project, entries };
}

function resourcePart(resource: Located): Located | undefined {
  const type = resource.kind === 'map' ? resource.entries.get('Type') : undefined;
  if (type?.value.kind !== 'scalar' || typeof type.value.value !== 'string') return undefined;
  return { kind: 'map', at: resource.at, entries: new Map([['Type', type]]) };
}

function functionPart(settings: Located): Located {
  const entries: [string, Entry][] = [];
  for (const [key, entry] of settings.kind === 'map' ? settings.entries : []) {
    if (key === 'functionName') entries.push([key, entry]);
    if (key === 'logging') entries.push([key, { ...entry, value: logGroupPart(entry.value) }]);
  }
  return { kind: 'map', at: settings.at, entries: new Map(entries) };
}

/** Whether there is a log, and the name of its group. */
function logGroupPart(written: Located): Located {
  if (written.kind === 'scalar') return written;
  const entries = written.kind === 'map' ? [...written.entries] : [];
  const names = entries.filter(([key]) => key === 'logGroup' || key === 'logGroupName');
  return { kind: 'map', at: written.at, entries: new Map(names) };
}
