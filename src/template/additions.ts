// What events add to resources of others, such as notifications to a bucket. The resource then depends on the function: where the function
// depends on the resource too, the value replaces the reference, as far as it is known.
import type { Problem } from '../base/error.ts';
import { isMap } from '../base/plain.ts';
import { functionIds } from '../cfn/names.ts';
import type { OwnedResource } from '../cfn/part.ts';
import { type Resource, ref, referencesIn, type Value } from '../cfn/resource.ts';
import { isIntrinsic } from '../cfn/value-schema.ts';
import type { Project } from '../project/project.ts';
import type { PlacedAddition } from './event-resources.ts';

type Resources = Map<string, OwnedResource>;

export function withAdditions(
  project: Project,
  ownedResources: ReadonlyMap<string, OwnedResource>,
  additions: readonly PlacedAddition[],
  problems: Problem[],
): ReadonlyMap<string, OwnedResource> {
  const all: Resources = new Map(ownedResources);
  for (const addition of additions) {
    const entry = all.get(addition.id);
    // the source reports it
    if (entry === undefined) continue;
    const condition = project.functions.find(({ name }) => name === addition.function)?.condition;
    all.set(addition.id, { ...entry, resource: added(entry.resource, addition, condition) });
  }
  for (const addition of additions) {
    if (!withoutReferences(project, all, addition)) {
      const { id, function: name, from, remedy } = addition;
      const message = `"${id}" calls "${name}", which refers to "${id}": CloudFormation can create neither first`;
      problems.push({ at: project.origin(from), message, ...(remedy === undefined ? {} : { hint: remedy }) });
    }
  }
  return all;
}

function added(resource: Resource, { properties, dependsOn = [] }: PlacedAddition, condition: string | undefined) {
  const before = [resource.DependsOn ?? []].flat();
  const all = [...new Set([...before, ...dependsOn])];
  const merged = mergedMaps(resource.Properties ?? {}, properties, condition);
  return { ...resource, ...(all.length === 0 ? {} : { DependsOn: all }), Properties: merged };
}

type Values = Readonly<Record<string, Value>>;

function mergedMaps(base: Values, more: Values, condition: string | undefined): Values {
  const entries = Object.entries(more).map(([key, value]): [string, Value] => {
    const own = base[key];
    if (Array.isArray(value)) {
      return [key, [...(Array.isArray(own) ? own : []), ...value.map((item: Value) => onlyIf(condition, item))]];
    }
    if (isMap(value) && !isIntrinsic(value)) {
      return [key, mergedMaps(isMap(own) ? own : {}, value, condition)];
    }
    return [key, onlyIf(condition, value)];
  });
  return { ...base, ...Object.fromEntries(entries) };
}

function onlyIf(condition: string | undefined, value: Value): Value {
  return condition === undefined ? value : { 'Fn::If': [condition, value, ref('AWS::NoValue')] };
}

/** Replaces the references to the resource in all that the function and the other new dependencies need; false if one cannot be replaced. */
function withoutReferences(project: Project, all: Resources, addition: PlacedAddition): boolean {
  const { id, knownValues = {}, dependsOn = [] } = addition;
  const functionOf = new Map(
    project.functions.map(({ name }) => {
      const ids = functionIds(name);
      return [ids.alias, ids.function];
    }),
  );
  const seen = new Set<string>([id]);
  const next = [functionIds(addition.function).function, ...dependsOn];
  let isComplete = true;
  for (let name = next.pop(); name !== undefined; name = next.pop()) {
    const entry = all.get(name);
    if (entry === undefined || seen.has(name)) continue;
    seen.add(name);
    const references = referencesIn(entry.resource.Properties);
    const own = references.filter(({ logicalId }) => logicalId === id);
    if (own.some(({ attribute = 'Ref' }) => knownValues[attribute] === undefined)) isComplete = false;
    else if (own.length > 0) {
      const Properties = replaced(entry.resource.Properties ?? {}, id, knownValues) as Values;
      all.set(name, { ...entry, resource: { ...entry.resource, Properties } });
    }
    const others = [...references.map(({ logicalId }) => logicalId), ...[entry.resource.DependsOn ?? []].flat()];
    next.push(...others.map((other) => functionOf.get(other) ?? other));
  }
  return isComplete;
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

/** A value that is text, or a Fn::Sub of text, goes into the text; another one becomes a variable of the Fn::Sub. */
function replacedSub(text: string, variables: Values, id: string, known: Values): Value {
  const more: Record<string, Value> = { ...variables };
  const result = text.replace(
    /\$\{([A-Za-z0-9]+)(?:\.([A-Za-z0-9.]+))?\}/g,
    (whole, name: string, attribute = 'Ref') => {
      const value = name === id && variables[name] === undefined ? known[attribute] : undefined;
      if (value === undefined) return whole;
      if (typeof value === 'string') return value;
      const inner = isMap(value) ? value['Fn::Sub'] : undefined;
      if (typeof inner === 'string') return inner;
      more[`${id}${attribute}`] = value;
      return `\${${id}${attribute}}`;
    },
  );
  if (Object.keys(more).length > 0) return { 'Fn::Sub': [result, more] };
  return result.includes('${') ? { 'Fn::Sub': result } : result;
}
