// Reads the definitions that state machines name as files, so that they are merged, looked up and reported like the rest of the project.
import { join } from 'node:path';
import { FxError, type Problem } from '../base/error.ts';
import { type Entry, type Located, type LocatedMap, valueAt } from '../base/located.ts';
import { type Reading, readOptionalFile } from './read-file.ts';

/** The project with the content of each `file` as its `definition`. Collects problems. */
export async function withDefinitions(
  project: LocatedMap,
  folder: string,
  reading: Reading,
  problems: Problem[],
): Promise<LocatedMap> {
  const machines = valueAt(project, ['stateMachines']);
  if (machines?.kind !== 'map') return project;
  const read: [string, Entry][] = [];
  for (const [name, entry] of machines.entries) {
    const { value } = entry;
    const whole = await withDefinition(settingsIn(value), folder, reading, problems);
    read.push([name, { ...entry, value: whole }]);
  }
  const section = project.entries.get('stateMachines') as Entry;
  const value: LocatedMap = { ...machines, entries: new Map(read) };
  return { ...project, entries: new Map([...project.entries, ['stateMachines', { ...section, value }]]) };
}

/** A file alone is short for settings with it. */
function settingsIn(value: Located): Located {
  if (value.kind !== 'scalar' || typeof value.value !== 'string') return value;
  return { kind: 'map', at: value.at, entries: new Map([['file', { keyAt: value.at, value }]]) };
}

async function withDefinition(
  machine: Located,
  folder: string,
  reading: Reading,
  problems: Problem[],
): Promise<Located> {
  if (machine.kind !== 'map') return machine;
  const file = machine.entries.get('file');
  const path = file?.value.kind === 'scalar' ? file.value.value : undefined;
  // what else is wrong with it, the schema says
  if (file === undefined || typeof path !== 'string') return machine;
  const { at } = file.value;
  const refuse = (message: string, hint?: string) => {
    problems.push(hint === undefined ? { at, message } : { at, message, hint });
    return machine;
  };
  if (machine.entries.has('definition')) return refuse('a state machine has either file or definition, not both');
  if (!/\.(json|ya?ml)$/.test(path)) return refuse(`"${path}" is not a file in JSON or YAML`);
  try {
    const definition = await readOptionalFile(join(folder, path), reading);
    if (definition === undefined) return refuse(`there is no file "${path}"`, 'paths are relative to project.yml');
    return { ...machine, entries: new Map([...machine.entries, ['definition', { keyAt: at, value: definition }]]) };
  } catch (error) {
    if (!(error instanceof FxError)) throw error;
    problems.push(...error.problems);
    return machine;
  }
}
