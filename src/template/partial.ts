// The live template with some functions as they were in another release: their code, configuration and role, but not their triggers.
import { isMap } from '../base/plain.ts';
import { functionIdsIn } from '../cfn/logical-ids.ts';
import { type Resource, referencesIn, type Template } from '../cfn/resource.ts';

export interface RestoredFunction {
  readonly name: string;
  /** The logical ids of its version, in the live template and in the one it is restored from. */
  readonly liveVersionId: string;
  readonly versionId: string;
}

export interface Partial {
  readonly template: Template;
  /** What the functions need and only the old template has: layers, for example. */
  readonly added: readonly string[];
}

/** Replaces each function's resources by those of `old`, and adds what they refer to. */
export function withFunctions(live: Template, old: Template, functions: readonly RestoredFunction[]): Partial {
  const resources = new Map(Object.entries(live.Resources));
  const restored: string[] = [];
  for (const { name, liveVersionId, versionId } of functions) {
    const { function: functionId, role, logGroup, alias } = functionIdsIn(old, name);
    const own = [functionId, role, logGroup, versionId];
    resources.delete(liveVersionId);
    for (const id of own) {
      const resource = old.Resources[id];
      if (resource === undefined) continue;
      resources.set(id, resource);
      restored.push(id);
    }
    const before = live.Resources[alias];
    const version = old.Resources[alias]?.Properties?.['FunctionVersion'];
    if (before !== undefined && version !== undefined) {
      resources.set(alias, { ...before, Properties: { ...before.Properties, FunctionVersion: version } });
    }
  }
  // a distribution that calls the function at the edge names its version
  const versions = new Map(functions.map(({ liveVersionId, versionId }) => [liveVersionId, versionId]));
  for (const [id, resource] of resources) {
    const named = referencesIn(resource.Properties).some(({ logicalId }) => versions.has(logicalId));
    if (named) resources.set(id, renamed(resource, versions) as Resource);
  }
  const added = missing(resources, old, restored);
  for (const id of added) resources.set(id, old.Resources[id] as Resource);
  const Parameters = { ...live.Parameters, ...parametersOf(old, [...restored, ...added]) };
  return { template: { ...live, Parameters, Resources: Object.fromEntries(inOrder(resources, live)) }, added };
}

/** With the versions of `to` in every `Ref`. */
function renamed(value: unknown, to: ReadonlyMap<string, string>): unknown {
  if (Array.isArray(value)) return value.map((item) => renamed(item, to));
  if (!isMap(value)) return value;
  return Object.fromEntries(
    Object.entries(value).map(([key, item]) => [
      key,
      key === 'Ref' && typeof item === 'string' ? (to.get(item) ?? item) : renamed(item, to),
    ]),
  );
}

/** The parameters that these resources name, such as the repository of their images. */
function parametersOf({ Parameters = {}, Resources }: Template, ids: readonly string[]): Template['Parameters'] {
  const named = new Set(ids.flatMap((id) => referencesIn(Resources[id]?.Properties).map(({ logicalId }) => logicalId)));
  return Object.fromEntries(Object.entries(Parameters).filter(([name]) => named.has(name)));
}

/** What the restored resources refer to, directly or not, and `resources` lacks. */
function missing(resources: ReadonlyMap<string, Resource>, old: Template, restored: readonly string[]): string[] {
  const added = new Set<string>();
  const queue = [...restored];
  for (let id = queue.pop(); id !== undefined; id = queue.pop()) {
    const resource = old.Resources[id];
    const named = [
      ...referencesIn(resource?.Properties).map(({ logicalId }) => logicalId),
      ...[resource?.DependsOn ?? []].flat(),
    ];
    for (const other of named) {
      if (resources.has(other) || added.has(other) || old.Resources[other] === undefined) continue;
      added.add(other);
      queue.push(other);
    }
  }
  return [...added];
}

/** The order of the live template first, so that an unchanged template stays the same text. */
function inOrder(resources: ReadonlyMap<string, Resource>, live: Template): (readonly [string, Resource])[] {
  const position = new Map(Object.keys(live.Resources).map((id, index) => [id, index]));
  const last = position.size;
  return [...resources].sort(([a], [b]) => (position.get(a) ?? last) - (position.get(b) ?? last));
}
