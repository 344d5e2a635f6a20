// What events add to resources of others, such as the stream of a table or the notifications of a bucket. A resource that names the function
// of the event depends on it: where the function needs the resource in turn, values replace its references, as far as they are known.
import type { Problem } from '../base/error.ts';
import { isMap } from '../base/plain.ts';
import { functionIds } from '../cfn/names.ts';
import type { OwnedResource } from '../cfn/part.ts';
import { canonicalJson, type Resource, referencesIn, subNames, type Value } from '../cfn/resource.ts';
import { isIntrinsic } from '../cfn/resource-schema.ts';
import type { Project } from '../project/project.ts';
import type { PlacedAddition } from './event-resources.ts';

type Values = Readonly<Record<string, Value>>;

export function withAdditions(
  project: Project,
  ownedResources: ReadonlyMap<string, OwnedResource>,
  additions: readonly PlacedAddition[],
  problems: Problem[],
): ReadonlyMap<string, OwnedResource> {
  const all = new Map(ownedResources);
  const report = ({ from, remedy }: PlacedAddition, message: string) => {
    problems.push({ at: project.origin(from), message, ...(remedy === undefined ? {} : { hint: remedy }) });
  };
  for (const addition of additions) {
    const entry = all.get(addition.id);
    // the source reports it
    if (entry === undefined) continue;
    const { resource, kept } = added(entry.resource, addition);
    all.set(addition.id, { ...entry, resource });
    if (kept !== undefined) report(addition, `"${addition.id}" has its own ${kept}, which the event cannot add to`);
  }
  for (const addition of additions) {
    const inTurn = withoutReferences(project, all, addition);
    if (inTurn === undefined) continue;
    const { id } = addition;
    // one problem is enough: without the addition there is no cycle
    const own = ownedResources.get(id);
    if (own !== undefined) all.set(id, own);
    report(addition, `"${id}" needs "${inTurn}", which refers to "${id}": CloudFormation can create neither first`);
  }
  return all;
}

/** Maps are merged, lists are joined, and what is there stays: `kept` is the path of a value that differs. */
function added(
  resource: Resource,
  { properties, dependsOn = [] }: PlacedAddition,
): { readonly resource: Resource; readonly kept: string | undefined } {
  const kept: string[] = [];
  const Properties = merged(resource.Properties ?? {}, properties, [], kept);
  const DependsOn = [...new Set([...[resource.DependsOn ?? []].flat(), ...dependsOn])];
  const after = dependsOn.length === 0 ? {} : { DependsOn };
  return { resource: { ...resource, ...after, Properties }, kept: kept[0] };
}

function merged(own: Values, more: Values, path: readonly string[], kept: string[]): Values {
  const entries = Object.entries(more).map(([key, value]): [string, Value] => {
    const there = own[key];
    if (there === undefined) return [key, value];
    if (Array.isArray(there) && Array.isArray(value)) return [key, [...there, ...value]];
    const at = [...path, key];
    // CloudFormation makes a value of an intrinsic: nothing can be added
    const areMaps = isMap(there) && isMap(value) && !isIntrinsic(there) && !isIntrinsic(value);
    if (areMaps) return [key, merged(there as Values, value as Values, at, kept)];
    if (canonicalJson(there) !== canonicalJson(value)) kept.push(at.join('.'));
    return [key, there];
  });
  return { ...own, ...Object.fromEntries(entries) };
}

/** Replaces the references to the resource in all that it depends on by the addition. The name of what refers to it by a value that is not
 * known. */
function withoutReferences(
  project: Project,
  all: Map<string, OwnedResource>,
  { id, properties, knownValues = {}, dependsOn = [] }: PlacedAddition,
): string | undefined {
  // versions and aliases are added later
  const functions = new Map(
    project.functions.map(({ name }) => {
      const ids = functionIds(name);
      return [ids.alias, ids.function];
    }),
  );
  const seen = new Set<string>([id]);
  const next = [...referencesIn(properties).map(({ logicalId }) => logicalId), ...dependsOn];
  let inTurn: string | undefined;
  for (let name = next.pop(); name !== undefined; name = next.pop()) {
    const logicalId = functions.get(name) ?? name;
    const entry = all.get(logicalId);
    if (entry === undefined || seen.has(logicalId)) continue;
    seen.add(logicalId);
    const { resource, owner } = entry;
    const references = referencesIn(resource.Properties);
    const own = references.filter((reference) => reference.logicalId === id);
    if (own.some(({ attribute = 'Ref' }) => knownValues[attribute] === undefined) || isAfter(resource, id)) {
      inTurn ??= owner.kind === 'function' ? owner.name : logicalId;
    } else if (own.length > 0) {
      const Properties = replaced(resource.Properties ?? {}, id, knownValues) as Values;
      all.set(logicalId, { ...entry, resource: { ...resource, Properties } });
    }
    next.push(...references.map((reference) => reference.logicalId), ...[resource.DependsOn ?? []].flat());
  }
  return inTurn;
}

function isAfter({ DependsOn = [] }: Resource, id: string): boolean {
  return [DependsOn].flat().includes(id);
}

function replaced(value: Value, id: string, known: Values): Value {
  if (Array.isArray(value)) return value.map((item: Value) => replaced(item, id, known));
  if (!isMap(value)) return value;
  if (value['Ref'] === id) return known['Ref'] ?? value;
  const got = value['Fn::GetAtt'];
  const path = typeof got === 'string' ? got.split('.') : Array.isArray(got) ? got : [];
  if (path[0] === id) return known[path.slice(1).join('.')] ?? value;
  const text = value['Fn::Sub'];
  if (typeof text === 'string') return replacedSub(text, {}, id, known);
  if (Array.isArray(text) && typeof text[0] === 'string' && isMap(text[1])) {
    return replacedSub(text[0], replaced(text[1] as Value, id, known) as Values, id, known);
  }
  return Object.fromEntries(Object.entries(value).map(([key, inner]) => [key, replaced(inner, id, known)]));
}

/** Text, and the text of a Fn::Sub, go into the text; other values become variables of the Fn::Sub. */
function replacedSub(text: string, variables: Values, id: string, known: Values): Value {
  const more: Record<string, Value> = { ...variables };
  const result = text.replace(/\$\{([^!}][^}]*)\}/g, (whole, written: string) => {
    const [name, ...attribute] = written.trim().split('.');
    if (name !== id || Object.hasOwn(variables, written.trim())) return whole;
    const value = known[attribute.join('.') || 'Ref'];
    if (value === undefined) return whole;
    if (typeof value === 'string') return value;
    const inner = isMap(value) ? value['Fn::Sub'] : undefined;
    // a name in it must not become a variable of this one
    if (typeof inner === 'string' && !subNames(inner).some((other) => Object.hasOwn(variables, other))) return inner;
    const variable = `${id}${attribute.join('')}`;
    more[variable] = value;
    return `\${${variable}}`;
  });
  if (Object.keys(more).length > 0) return { 'Fn::Sub': [result, more] };
  return result.includes('${') ? { 'Fn::Sub': result } : result;
}
