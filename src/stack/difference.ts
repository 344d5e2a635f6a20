// What a new template changes, resource by resource, from the two texts alone: no change set, no AWS call.
import { isMap } from '../base/plain.ts';
import { canonicalJson, type Resource, type Template } from '../cfn/resource.ts';
import { isIntrinsic, type ResourceSchemas, replacementOf } from '../cfn/resource-schema.ts';
import type { StackSet } from '../template/stack-set.ts';

export type Action = 'add' | 'modify' | 'replace' | 'remove';

export interface Change {
  readonly action: Action;
  readonly logicalId: string;
  readonly type: string;
  /** The properties that differ, dotted. */
  readonly properties: readonly string[];
  /** Whether the resource holds data that a replacement or removal would delete. */
  readonly stateful: boolean;
  /** Whether the change affects permissions. */
  readonly iam: boolean;
  /** A removed resource that CloudFormation retains. */
  readonly retained: boolean;
  /** `maybe`: the value decides whether CloudFormation replaces the resource. */
  readonly uncertain: boolean;
}

/** Whether the change deletes data. */
export function losesData({ action, stateful, retained }: Change): boolean {
  return stateful && !retained && (action === 'replace' || action === 'remove');
}

/** The changes of every stack, the root first: in the order of the new template, removals last. */
export function difference(live: StackSet | undefined, next: StackSet, schemas: ResourceSchemas): readonly Change[] {
  const nestedIds = new Set([...(live?.nested.keys() ?? []), ...next.nested.keys()]);
  return [
    ...templateDifference(live?.root.template, next.root.template, schemas),
    ...[...nestedIds].flatMap((id) =>
      templateDifference(live?.nested.get(id)?.template, next.nested.get(id)?.template, schemas),
    ),
  ];
}

function templateDifference(
  live: Template | undefined,
  next: Template | undefined,
  schemas: ResourceSchemas,
): readonly Change[] {
  const before = new Map(Object.entries(live?.Resources ?? {}));
  const after = new Map(Object.entries(next?.Resources ?? {}));
  const changes: Change[] = [];
  for (const [id, resource] of after) {
    const old = before.get(id);
    if (old === undefined) changes.push(changeOf('add', id, resource, [], schemas));
    else if (canonicalJson(old) !== canonicalJson(resource)) changes.push(modified(id, old, resource, schemas));
  }
  for (const [id, resource] of before) if (!after.has(id)) changes.push(changeOf('remove', id, resource, [], schemas));
  return changes;
}

function modified(id: string, old: Resource, resource: Resource, schemas: ResourceSchemas): Change {
  if (old.Type !== resource.Type) return changeOf('replace', id, resource, ['Type'], schemas);
  const paths = differingPaths(old.Properties ?? {}, resource.Properties ?? {});
  const schema = schemas(resource.Type);
  const replaced = paths.map((path) => (schema === undefined ? 'no' : replacementOf(schema, path)));
  const action = replaced.includes('yes') ? 'replace' : 'modify';
  const properties = paths.map((path) => path.join('.'));
  const change = changeOf(action, id, resource, properties.length > 0 ? properties : ['attributes'], schemas);
  return { ...change, uncertain: action === 'modify' && replaced.includes('maybe') };
}

function changeOf(
  action: Action,
  logicalId: string,
  resource: Resource,
  properties: readonly string[],
  schemas: ResourceSchemas,
): Change {
  const kept = /^Retain/.test((action === 'replace' ? resource.UpdateReplacePolicy : resource.DeletionPolicy) ?? '');
  return {
    action,
    logicalId,
    type: resource.Type,
    properties,
    stateful: schemas(resource.Type)?.stateful === true,
    iam: /^AWS::IAM::|^AWS::Lambda::Permission$|Policy$/.test(resource.Type),
    retained: kept && (action === 'remove' || action === 'replace'),
    uncertain: false,
  };
}

type Path = readonly string[];

/** The paths at which two values differ; descends while both are maps. */
function differingPaths(a: unknown, b: unknown, path: Path = []): Path[] {
  if (canonicalJson(a) === canonicalJson(b)) return [];
  if (!isMap(a) || !isMap(b) || isIntrinsic(a) || isIntrinsic(b)) return [path];
  const keys = [...new Set([...Object.keys(a), ...Object.keys(b)])];
  return keys.flatMap((key) => differingPaths(a[key], b[key], [...path, key]));
}
