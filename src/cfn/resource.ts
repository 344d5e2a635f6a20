// CloudFormation as data: templates, resources, the values they hold and the references between them.
import type { Plain } from '../base/located.ts';

/** Any value of a template: plain, or an intrinsic such as {Ref: 'Queue'}. */
export type Value = Plain;

export interface Resource {
  readonly Type: string;
  readonly Properties?: Readonly<Record<string, Value>>;
  readonly DependsOn?: string | readonly string[];
  readonly Condition?: string;
  readonly DeletionPolicy?: 'Delete' | 'Retain' | 'RetainExceptOnCreate' | 'Snapshot';
  readonly UpdateReplacePolicy?: 'Delete' | 'Retain' | 'Snapshot';
  readonly Metadata?: Value;
  readonly CreationPolicy?: Value;
  readonly UpdatePolicy?: Value;
}

export interface Output {
  readonly Description?: string;
  readonly Condition?: string;
  readonly Value: Value;
}

export interface Template {
  readonly AWSTemplateFormatVersion: '2010-09-09';
  readonly Description: string;
  readonly Metadata?: { readonly FxLogicalIds?: Readonly<Record<string, string>> };
  readonly Parameters?: Readonly<Record<string, Value>>;
  readonly Mappings?: Value;
  readonly Conditions?: Value;
  readonly Resources: Readonly<Record<string, Resource>>;
  readonly Outputs?: Readonly<Record<string, Output>>;
}

export const ref = (logicalId: string): Value => ({ Ref: logicalId });
export const attribute = (logicalId: string, name: string): Value => ({ 'Fn::GetAtt': [logicalId, name] });
export const sub = (text: string): Value => ({ 'Fn::Sub': text });

export interface Reference {
  readonly logicalId: string;
  /** Undefined for a plain Ref. */
  readonly attribute: string | undefined;
  readonly path: readonly (string | number)[];
}

/** Every Ref, GetAtt and `${…}` of a Sub below a value, in order. */
export function referencesIn(value: unknown, path: readonly (string | number)[] = []): readonly Reference[] {
  if (Array.isArray(value)) return value.flatMap((item, index) => referencesIn(item, [...path, index]));
  if (typeof value !== 'object' || value === null) return [];
  const entries = Object.entries(value);
  const only = entries.length === 1 ? entries[0] : undefined;
  if (only !== undefined) {
    const [key, inner] = only;
    if (key === 'Ref' && typeof inner === 'string') return [{ logicalId: inner, attribute: undefined, path }];
    if (key === 'Fn::GetAtt') return getAttReference(inner, path);
    if (key === 'Fn::Sub') return subReferences(inner, path);
  }
  return entries.flatMap(([key, inner]) => referencesIn(inner, [...path, key]));
}

function getAttReference(inner: unknown, path: Reference['path']): readonly Reference[] {
  const [logicalId, ...rest] = typeof inner === 'string' ? inner.split('.') : Array.isArray(inner) ? inner : [];
  if (typeof logicalId !== 'string') return [];
  const name = rest.every((part) => typeof part === 'string') ? rest.join('.') : undefined;
  return [{ logicalId, attribute: name, path }, ...referencesIn(rest, path)];
}

function subReferences(inner: unknown, path: Reference['path']): readonly Reference[] {
  const [text, variables] = Array.isArray(inner) ? inner : [inner, {}];
  if (typeof text !== 'string') return [];
  const local = new Set(Object.keys((variables as object | undefined) ?? {}));
  const named = subNames(text)
    .filter((name) => !local.has(name))
    .map((name): Reference => {
      const dot = name.indexOf('.');
      return dot < 0
        ? { logicalId: name, attribute: undefined, path }
        : { logicalId: name.slice(0, dot), attribute: name.slice(dot + 1), path };
    });
  return [...named, ...referencesIn(variables, path)];
}

/** The names in a Sub's text, without `${!literal}`. */
export function subNames(text: string): readonly string[] {
  return [...text.matchAll(/\$\{([^!}][^}]*)\}/g)].map((match) => (match[1] ?? '').trim());
}

/** JSON with sorted keys and no white space: equal values give equal text. */
export function canonicalJson(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(canonicalJson).join(',')}]`;
  if (typeof value !== 'object' || value === null) return JSON.stringify(value) ?? 'null';
  const keys = Object.keys(value).filter((key) => (value as Record<string, unknown>)[key] !== undefined);
  const members = keys
    .sort()
    .map((key) => `${JSON.stringify(key)}:${canonicalJson((value as Record<string, unknown>)[key])}`);
  return `{${members.join(',')}}`;
}
