// Properties that CloudFormation sets only when it makes a resource: where fx would write another value, the stack's own stays.
import type { Template } from '../../cfn/resource.ts';
import { type ResourceSchemas, replacementOf } from '../../cfn/resource-schema.ts';
import { Names, type Place, type TemplateData } from '../against/values.ts';

export interface FixedProperty {
  /** fx's id, and that of the stack. */
  readonly id: string;
  readonly theirId: string;
  readonly type: string;
  readonly property: string;
  /** As the template of the stack has it; undefined if it has none. */
  readonly theirs: unknown;
}

interface Compared {
  readonly theirs: TemplateData;
  readonly ours: Template;
  readonly place: Place;
  /** The stack's ids by fx's. */
  readonly pairs: ReadonlyMap<string, string>;
  readonly schemas: ResourceSchemas;
}

/** Those whose change would replace their resource. */
export function fixedProperties({ theirs, ours, place, pairs, schemas }: Compared): readonly FixedProperty[] {
  const left = new Names(theirs, place, new Map([...pairs.values()].map((id) => [id, `paired ${id}`])));
  const right = new Names(
    ours as TemplateData,
    place,
    new Map([...pairs].map(([id, their]) => [id, `paired ${their}`])),
  );
  return [...pairs].flatMap(([id, theirId]) => {
    const [before, after] = [theirs.Resources[theirId], ours.Resources[id]];
    const schema = after === undefined ? undefined : schemas(after.Type);
    if (before === undefined || after === undefined || schema === undefined) return [];
    const [old, next] = [before.Properties ?? {}, after.Properties ?? {}];
    const names = [...new Set([...Object.keys(old), ...Object.keys(next)])];
    return names
      .filter((property) => replacementOf(schema, [property]) === 'yes')
      .filter((property) => JSON.stringify(left.normal(old[property])) !== JSON.stringify(right.normal(next[property])))
      .map((property) => ({ id, theirId, type: after.Type, property, theirs: old[property] }));
  });
}
