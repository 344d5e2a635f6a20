// How much of a draft is taken out for a problem: what stands on its own, and no more.
import type { Problem } from '../base/error.ts';
import type { Path } from './draft.ts';

/** Sections whose entries stand on their own. */
const entrySections = new Set(['outputs', 'conditions', 'mappings', 'params', 'layers', 'tags', 'extend']);
const apiSections = new Set(['rest', 'http', 'websocket', 'alb', 'eventbridge']);

/** What to take out for a problem at a path. */
export function unitOf(path: Path, { message }: Problem): Path | undefined {
  const [section, name, key, index] = path;
  if (section === undefined || section === 'name') return undefined;
  if (path.length === 1) return section === 'functions' || section === 'resources' ? undefined : path;
  if (section === 'functions') {
    if (key === undefined) return path;
    if (key === 'events' || key === 'permissions') return index === undefined ? path.slice(0, 3) : path.slice(0, 4);
    if (key === 'handler') return path.slice(0, 2);
    if (key === 'variables' || key === 'secrets' || key === 'tags') return path.slice(0, 4);
    return path.slice(0, 3);
  }
  if (section === 'stateMachines') {
    if (key === 'events') return path.slice(0, 4);
    return key === undefined || key === 'definition' ? path.slice(0, 2) : path.slice(0, 3);
  }
  if (section === 'resources') {
    const isMissing = / is missing/.test(message) && /required/.test(message);
    if (isMissing || key !== 'Properties' || path.length < 4) {
      return key !== undefined && ['DependsOn', 'Condition', 'Metadata', 'UpdatePolicy'].includes(String(key))
        ? path.slice(0, 3)
        : path.slice(0, 2);
    }
    if (/there is no|unknown type|cycle|supported/.test(message)) return path.slice(0, 2);
    return path;
  }
  if (section === 'defaults')
    return name === 'variables' || name === 'permissions' ? path.slice(0, 3) : path.slice(0, 2);
  if (section === 'environments') return path.length > 4 && key !== 'extend' ? path.slice(0, 5) : path.slice(0, 4);
  if (apiSections.has(String(section)))
    return path.length > 2 && isNamed(String(name)) ? path.slice(0, 3) : path.slice(0, 2);
  if (entrySections.has(String(section))) return path.slice(0, 2);
  return path;
}

const isNamed = (key: string) =>
  ['authorizers', 'apiKeys', 'usagePlans', 'models', 'buses', 'authenticators', 'gatewayResponses'].includes(key);
