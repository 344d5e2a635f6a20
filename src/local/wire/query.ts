// Requests in the query protocol: turns `Member.1.Name=value` into the structure that the schema describes.
// https://smithy.io/2.0/aws/protocols/aws-query-protocol.html
import type { NormalizedSchema } from '@smithy/core/schema';
import { members } from './model.ts';
import { readScalar } from './scalar.ts';

interface FormNode {
  value?: string;
  readonly children: Map<string, FormNode>;
}

/** The input in a form, read by a schema. */
export function readForm(schema: NormalizedSchema, form: URLSearchParams): Record<string, unknown> {
  const root: FormNode = { children: new Map() };
  for (const [name, value] of form) {
    let node = root;
    for (const part of name.split('.')) {
      let child = node.children.get(part);
      if (child === undefined) {
        child = { children: new Map() };
        node.children.set(part, child);
      }
      node = child;
    }
    node.value = value;
  }
  return (read(schema, root) ?? {}) as Record<string, unknown>;
}

function read(schema: NormalizedSchema, node: FormNode | undefined): unknown {
  if (node === undefined) return undefined;
  if (schema.isStructSchema()) {
    const entries = members(schema).map(([name, member]) => {
      const written = (member.getMergedTraits()['xmlName'] as string | undefined) ?? name;
      return [name, read(member, node.children.get(written))];
    });
    return Object.fromEntries(entries.filter(([, value]) => value !== undefined));
  }
  const flattened = Boolean(schema.getMergedTraits()['xmlFlattened']);
  if (schema.isListSchema()) {
    const item = schema.getValueSchema();
    const holder = flattened ? node : (node.children.get(nameOf(item, 'member')) ?? node.children.get('member'));
    return items(holder, flattened).map((child) => read(item, child));
  }
  if (schema.isMapSchema()) {
    const [key, value] = [schema.getKeySchema(), schema.getValueSchema()];
    const holder = flattened ? node : node.children.get('entry');
    const pairs = items(holder, flattened).map((entry) => [
      entry.children.get(nameOf(key, 'key'))?.value,
      read(value, entry.children.get(nameOf(value, 'value'))),
    ]);
    return Object.fromEntries(pairs);
  }
  return node.value === undefined ? undefined : readScalar(schema, node.value);
}

function nameOf(schema: NormalizedSchema, fallback: string): string {
  return (schema.getMergedTraits()['xmlName'] as string | undefined) ?? fallback;
}

/** By number. A flattened list with one item may omit the number: `AttributeName=All`. */
function items(node: FormNode | undefined, flattened: boolean): FormNode[] {
  const numbered = [...(node?.children ?? [])].filter(([name]) => /^\d+$/.test(name));
  if (flattened && node !== undefined && numbered.length === 0) return [node];
  return numbered.sort(([a], [b]) => Number(a) - Number(b)).map(([, child]) => child);
}
