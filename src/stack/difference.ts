// What a new template changes, resource by resource, from the two texts alone: no change set, no AWS call.
import { isMap } from '../base/plain.ts';
import { canonicalJson, type Resource, referencesIn, type Template } from '../cfn/resource.ts';
import { isIntrinsic, type ResourceSchemas, replacementOf } from '../cfn/resource-schema.ts';
import type { StackSet } from '../template/stack-set.ts';

export type Action = 'add' | 'modify' | 'replace' | 'remove';

/** A value that differs. */
export interface Detail {
  /** Inside the resource: `['Properties', 'Code', 'S3Key']`, or an attribute such as `['DeletionPolicy']`. */
  readonly path: readonly string[];
  /** As the templates have it; absent if the template has no such value. */
  readonly before?: unknown;
  readonly after?: unknown;
  /** Whether this change alone replaces the resource. */
  readonly replaces: 'no' | 'maybe' | 'yes';
  /** The replaced resource that the value refers to: the text is the same, its value is not. */
  readonly because?: string;
}

export interface Change {
  readonly action: Action;
  readonly logicalId: string;
  readonly type: string;
  /** The properties that differ, dotted. */
  readonly properties: readonly string[];
  readonly details: readonly Detail[];
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
  const changed = withConsequences(before, after, schemas);
  const changes = [...after].flatMap(([id, resource]) => {
    const old = before.get(id);
    if (old === undefined) return [changeOf('add', id, resource, [], schemas)];
    return changed.get(id) ?? [];
  });
  const removed = [...before].filter(([id]) => !after.has(id));
  return [...changes, ...removed.map(([id, resource]) => changeOf('remove', id, resource, [], schemas))];
}

type Resources = ReadonlyMap<string, Resource>;

/** The resources of both templates that change. A replaced resource has another id, so that what refers to it changes too, and may be
 * replaced in turn. https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/using-cfn-updating-stacks-update-behaviors.html */
function withConsequences(before: Resources, after: Resources, schemas: ResourceSchemas): ReadonlyMap<string, Change> {
  const changed = new Map<string, Change>();
  for (const [id, resource] of after) {
    const old = before.get(id);
    if (old === undefined || canonicalJson(old) === canonicalJson(resource)) continue;
    changed.set(id, changeWith(id, resource, detailsOf(old, resource, schemas), schemas));
  }
  const followed = new Set<string>();
  for (;;) {
    const replaced = [...changed.values()].find(
      ({ action, logicalId }) => action === 'replace' && !followed.has(logicalId),
    )?.logicalId;
    if (replaced === undefined) return changed;
    followed.add(replaced);
    for (const [id, resource] of after) {
      if (!before.has(id) || id === replaced) continue;
      const { details = [] } = changed.get(id) ?? {};
      const more = consequences(replaced, resource, schemas).filter(({ path }) => !details.some(covers(path)));
      if (more.length > 0) changed.set(id, changeWith(id, resource, [...details, ...more], schemas));
    }
  }
}

const covers =
  (path: readonly string[]) =>
  (detail: Detail): boolean =>
    detail.path.every((step, index) => step === path[index]);

/** The values of a resource that refer to a replaced one. */
function consequences(replaced: string, resource: Resource, schemas: ResourceSchemas): readonly Detail[] {
  const paths = referencesIn(resource.Properties)
    .filter(({ logicalId }) => logicalId === replaced)
    .map(({ path }) => path.map(String));
  return paths.map((path) => ({
    path: ['Properties', ...path],
    replaces: replacement(resource.Type, path, schemas),
    because: replaced,
  }));
}

function detailsOf(old: Resource, resource: Resource, schemas: ResourceSchemas): readonly Detail[] {
  if (old.Type !== resource.Type) return [{ path: ['Type'], before: old.Type, after: resource.Type, replaces: 'yes' }];
  return differing(old, resource).map((detail) => {
    const [section, ...path] = detail.path;
    return { ...detail, replaces: section === 'Properties' ? replacement(resource.Type, path, schemas) : 'no' };
  });
}

function replacement(type: string, path: readonly string[], schemas: ResourceSchemas): Detail['replaces'] {
  const schema = schemas(type);
  return schema === undefined ? 'no' : replacementOf(schema, path);
}

function changeWith(id: string, resource: Resource, details: readonly Detail[], schemas: ResourceSchemas): Change {
  const action = details.some(({ replaces }) => replaces === 'yes') ? 'replace' : 'modify';
  const change = changeOf(action, id, resource, details, schemas);
  return { ...change, uncertain: action === 'modify' && details.some(({ replaces }) => replaces === 'maybe') };
}

function changeOf(
  action: Action,
  logicalId: string,
  resource: Resource,
  details: readonly Detail[],
  schemas: ResourceSchemas,
): Change {
  const kept = /^Retain/.test((action === 'replace' ? resource.UpdateReplacePolicy : resource.DeletionPolicy) ?? '');
  return {
    action,
    logicalId,
    type: resource.Type,
    properties: details.map(({ path }) => (path[0] === 'Properties' ? path.slice(1) : path).join('.')),
    details,
    stateful: schemas(resource.Type)?.stateful === true,
    iam: /^AWS::IAM::|^AWS::Lambda::Permission$|Policy$/.test(resource.Type),
    retained: kept && (action === 'remove' || action === 'replace'),
    uncertain: false,
  };
}

type Differing = Omit<Detail, 'replaces' | 'because'>;

/** The deepest paths at which two values differ. Descends while both are maps, or lists of one length. */
function differing(a: unknown, b: unknown, path: readonly string[] = []): Differing[] {
  if (canonicalJson(a) === canonicalJson(b)) return [];
  const [before, after] = [entriesOf(a), entriesOf(b)];
  const isSameKind = Array.isArray(a) === Array.isArray(b) && !isIntrinsic(a) && !isIntrinsic(b);
  const isSameLength = !Array.isArray(a) || !Array.isArray(b) || a.length === b.length;
  if (before === undefined || after === undefined || !isSameKind || !isSameLength) {
    return [{ path, ...(a === undefined ? {} : { before: a }), ...(b === undefined ? {} : { after: b }) }];
  }
  const keys = [...new Set([...before.keys(), ...after.keys()])];
  return keys.flatMap((key) => differing(before.get(key), after.get(key), [...path, key]));
}

function entriesOf(value: unknown): ReadonlyMap<string, unknown> | undefined {
  return Array.isArray(value) || isMap(value) ? new Map(Object.entries(value)) : undefined;
}
