// Conditions and mappings of the stack that resources which stay in it refer to, and the configuration does not have.
import type { Plain } from '../../base/located.ts';
import { isMap } from '../../base/plain.ts';
import type { TemplateData } from '../against/values.ts';
import type { Own } from './own.ts';
import { translated } from './references.ts';

/** Adds them to the environment. */
export function keepConditions(own: Own, theirs: TemplateData, kept: readonly string[]): void {
  const { draft, environment, known } = own;
  const seen = new Set<string>();
  const keep = (section: 'conditions' | 'mappings', name: string) => {
    const value = (section === 'conditions' ? theirs.Conditions : theirs.Mappings)?.[name];
    if (seen.has(`${section} ${name}`) || value === undefined || draft.has([section, name])) return;
    seen.add(`${section} ${name}`);
    draft.set([...environment, section, name], translated(value, known));
    walk(value);
  };
  const walk = (value: unknown): void => {
    if (Array.isArray(value)) value.forEach(walk);
    if (!isMap(value as Plain)) return;
    for (const [key, inner] of Object.entries(value as object)) {
      const [first] = Array.isArray(inner) ? inner : [inner];
      if ((key === 'Fn::If' || key === 'Condition') && typeof first === 'string') keep('conditions', first);
      if (key === 'Fn::FindInMap' && typeof first === 'string') keep('mappings', first);
      walk(inner);
    }
  };
  for (const id of kept) walk(theirs.Resources[id]?.Properties);
}
