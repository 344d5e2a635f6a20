// Which values of a template call a function: those that refer to it, to its live alias, or to one of its versions.
import { functionIdsIn } from './logical-ids.ts';
import { referencesIn, type Template, type Value } from './resource.ts';

/** `name`: in project.yml. */
export function callsTo(template: Pick<Template, 'Metadata'>, name: string): (value: Value | undefined) => boolean {
  const { function: id, alias, version } = functionIdsIn(template, name);
  const isOwn = (logicalId: string) =>
    logicalId === id || logicalId === alias || (logicalId.startsWith(version) && logicalId.length > version.length);
  return (value) => referencesIn(value).some(({ logicalId }) => isOwn(logicalId));
}
