// The domains of an API in project.yml, as other tools tell them one by one.
import type { Plain } from '../base/located.ts';
import { isMap } from '../base/plain.ts';
import type { Draft, Path, Place } from './draft.ts';

/** Adds a domain to those that the API has. Its settings are written once, and each further API or path only names it.
 * @param api the path of the API's settings */
export function addDomain(draft: Draft, api: Path, domain: Readonly<Record<string, Plain>>, place: Place): void {
  const { name = null, basePath } = domain;
  const path = [...api, 'domain'];
  const isMade = ['rest', 'http', 'websocket'].some((section) =>
    makes((draft.get([section]) ?? null) as Plain, JSON.stringify(name)),
  );
  const own: Plain = isMade ? { name, ...(basePath === undefined ? {} : { basePath }) } : { ...domain };
  const others = draft.get(path);
  draft.set(path, others === undefined ? own : ([others, own].flat() as Plain), place);
}

function makes(settings: Plain, name: string): boolean {
  if (!isMap(settings)) return false;
  const { domain = [], apis = {} } = settings as Record<string, Plain>;
  const domains = [domain].flat() as readonly Plain[];
  return (
    domains.some((each) => JSON.stringify(isMap(each) ? each['name'] : each) === name) ||
    Object.values(apis as Record<string, Plain>).some((api) => makes(api, name))
  );
}

/** A domain of fx is regional, and so is its REST API then. */
export function regionalForDomain(draft: Draft, api: Path, place: Place): void {
  if (!draft.has([...api, 'domain']) || draft.get([...api, 'endpoint']) !== 'edge') return;
  draft.set([...api, 'endpoint'], 'regional', place);
  draft.changed(place, 'the REST API is regional, as its domain needs it', { beside: [...api, 'endpoint'] });
}
