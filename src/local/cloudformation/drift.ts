// Drift-aware change sets: compare the template with the current resources, for types whose providers can read them.
// https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/drift-aware-change-sets.html
import type { ResourceChanges } from './changes.ts';
import { recreationOf, sameValue } from './diff.ts';
import type { Engine } from './engine.ts';
import { unknown } from './intrinsics.ts';
import type { Model } from './model.ts';
import type { CloudFormation } from './sdk.ts';
import type { Properties, Resource, Stack } from './stack.ts';

/** Adds the drift status of each resource, and a change for each drifted resource that would not change otherwise. */
export async function withDrift(
  engine: Engine,
  { stack, model }: { readonly stack: Stack; readonly model: Model },
  changes: readonly ResourceChanges[],
): Promise<readonly ResourceChanges[]> {
  const byId = new Map(changes.map((entry) => [entry.change.LogicalResourceId ?? '', entry]));
  for (const resource of Object.values(stack.resources)) {
    const { logicalId, physicalId } = resource;
    if (physicalId === undefined) continue;
    const known = byId.get(logicalId);
    const { status, actual } = await compareWithActual(engine, resource, physicalId);
    if (known === undefined && (status === 'UNSUPPORTED' || status === 'IN_SYNC')) continue;
    const base = known ?? unchanged(resource, model);
    const details = actual === undefined ? [] : driftDetails(engine, { resource, actual, after: base.after ?? {} });
    byId.set(logicalId, { ...base, change: merged(base.change, status, details) });
  }
  return [...byId.values()];
}

/** What a resource is now; its properties are undefined if it is gone, or cannot be read. */
export async function compareWithActual(engine: Engine, { type, properties }: Resource, physicalId: string) {
  const { read } = engine.typeOf(type).provider;
  if (read === undefined) return { status: 'UNSUPPORTED', actual: undefined } as const;
  const actual = await read({ cloud: engine.cloud, physicalId, properties });
  if (actual === undefined) return { status: 'DELETED', actual } as const;
  return { status: changedNames(properties, actual).length === 0 ? 'IN_SYNC' : 'MODIFIED', actual } as const;
}

/** The properties that are not as they were deployed. */
export function changedNames(deployed: Properties, actual: Properties): readonly string[] {
  return Object.keys(actual).filter((name) => !sameValue(deployed[name], actual[name]));
}

function unchanged({ logicalId, physicalId, type, properties }: Resource, model: Model): ResourceChanges {
  const change: CloudFormation.ResourceChange = {
    Action: 'Modify',
    LogicalResourceId: logicalId,
    PhysicalResourceId: physicalId,
    ResourceType: model.resources.get(logicalId)?.type ?? type,
    Replacement: 'False',
    Scope: ['Properties'],
    Details: [],
  };
  return { change, before: properties, after: properties };
}

interface Comparison {
  readonly resource: Resource;
  readonly actual: Properties;
  readonly after: Properties;
}

function driftDetails(engine: Engine, { resource, actual, after }: Comparison): CloudFormation.ResourceChangeDetail[] {
  const { properties, type } = resource;
  return changedNames(properties, actual).map((Name) => {
    const [previous, now, next] = [properties[Name], actual[Name], after[Name]];
    const isSame = sameValue(now, next);
    return {
      Target: {
        Attribute: 'Properties' as const,
        Name,
        Path: `/Properties/${Name}`,
        RequiresRecreation: recreationOf(Name, actual, after, engine.typeOf(type).schema),
        ...value('BeforeValue', now),
        ...value('AfterValue', next),
        BeforeValueFrom: 'ACTUAL_STATE' as const,
        AfterValueFrom: 'TEMPLATE' as const,
        AttributeChangeType: isSame ? ('SyncWithActual' as const) : ('Modify' as const),
        Drift: {
          ...value('PreviousValue', previous),
          ...value('ActualValue', now),
          DriftDetectionTimestamp: new Date(engine.cloud.now()),
        },
      },
      Evaluation: 'Static' as const,
      ChangeSource: 'DirectModification' as const,
    };
  });
}

function value(name: string, propertyValue: unknown): Readonly<Record<string, string>> {
  if (propertyValue === undefined || propertyValue === unknown) return {};
  return { [name]: typeof propertyValue === 'object' ? JSON.stringify(propertyValue) : String(propertyValue) };
}

/** The detail of a drifted property replaces the one from the template. */
function merged(
  change: CloudFormation.ResourceChange,
  ResourceDriftStatus: CloudFormation.StackResourceDriftStatus,
  details: readonly CloudFormation.ResourceChangeDetail[],
): CloudFormation.ResourceChange {
  const names = new Set(details.map(({ Target }) => Target?.Name));
  const others = (change.Details ?? []).filter(({ Target }) => Target?.Name === undefined || !names.has(Target.Name));
  return { ...change, ResourceDriftStatus, Details: [...others, ...details] };
}
