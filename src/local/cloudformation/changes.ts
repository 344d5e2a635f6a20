// What an update would do to each resource: the body of a change set, and whether anything changes.
// https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/using-cfn-updating-stacks-changesets-samples.html
import { isDeepStrictEqual } from 'node:util';
import { differences, recreationOf, shownValue } from './diff.ts';
import type { Engine } from './engine.ts';
import { resolve, unknown } from './intrinsics.ts';
import { activeOutputs, type Model, type ResourceValues } from './model.ts';
import { references } from './references.ts';
import type { CloudFormation } from './sdk.ts';
import type { Deployment, Properties, Resource, Stack } from './stack.ts';
import { readTemplate } from './template.ts';

export interface ResourceChanges {
  readonly change: CloudFormation.ResourceChange;
  readonly before?: Properties;
  readonly after?: Properties;
}

/** The changes that this model makes to the current stack, in the template's order, removals last. */
export function changesOf(engine: Engine, stack: Stack, model: Model): ResourceChanges[] {
  const provisioned = Object.entries(stack.resources).filter(([, { physicalId }]) => physicalId !== undefined);
  const present = new Map(provisioned);
  // The change of a resource depends on the changes of the resources it needs, so these come first.
  const changesById = new Map<string, ResourceChanges>();
  const visited = new Set<string>();
  const visit = (id: string) => {
    if (visited.has(id)) return;
    visited.add(id);
    for (const other of model.graph.get(id) ?? []) visit(other);
    const changes = changeOf(id, present.get(id), { engine, stack, model, changesById, present });
    if (changes !== undefined) changesById.set(id, changes);
  };
  for (const id of model.resources.keys()) visit(id);
  const removed = [...present.values()].filter(({ logicalId }) => !model.resources.has(logicalId));
  return [
    ...[...model.resources.keys()].flatMap((id) => changesById.get(id) ?? []),
    ...removed.map((resource) => ({ change: removal(resource), before: resource.properties })),
  ];
}

interface ChangeContext {
  readonly engine: Engine;
  readonly stack: Stack;
  readonly model: Model;
  readonly changesById: ReadonlyMap<string, ResourceChanges>;
  readonly present: ReadonlyMap<string, Resource>;
}

function changeOf(id: string, resource: Resource | undefined, context: ChangeContext): ResourceChanges | undefined {
  const { engine, stack, model } = context;
  const definition = model.resources.get(id);
  if (definition === undefined) return undefined;
  const after = model.properties(id, valuesDuring(context));
  if (resource === undefined) {
    const change = {
      Action: 'Add',
      LogicalResourceId: id,
      ResourceType: definition.type,
      Scope: [],
      Details: [],
    } as const;
    return { change: { ...change, Scope: [], Details: [] }, after };
  }
  const { before, changed } = differences(resource, after);
  const { provider, schema } = engine.typeOf(definition.type);
  const writtenBefore = stack.template === '' ? undefined : readTemplate(stack.template).resources[id];
  const details = [...changed].flatMap((Name) => {
    const RequiresRecreation = provider.update === undefined ? 'Always' : recreationOf(Name, before, after, schema);
    const isOfStack = Name === schema.tags?.property && !isDeepStrictEqual(stack.tags, model.tags);
    const Target = isOfStack
      ? { Attribute: 'Tags' as const, RequiresRecreation }
      : { Attribute: 'Properties' as const, Name, RequiresRecreation };
    return detailsOf(Target, writtenBefore?.properties[Name], definition.properties[Name], context);
  });
  for (const Attribute of changedAttributes(resource, definition, model.metadata(id, valuesDuring(context)))) {
    const Target = { Attribute, RequiresRecreation: 'Never' as const };
    details.push(
      ...(Attribute === 'Metadata'
        ? detailsOf(Target, writtenBefore?.metadata, definition.metadata, context)
        : [{ Target, Evaluation: 'Static' as const, ChangeSource: 'DirectModification' as const }]),
    );
  }
  if (details.length === 0) return undefined;
  const replacement = replacementFrom(details);
  const keeps = definition.updateReplacePolicy === 'Retain';
  return {
    change: {
      Action: 'Modify',
      LogicalResourceId: id,
      PhysicalResourceId: resource.physicalId,
      ResourceType: definition.type,
      Replacement: replacement,
      Scope: [...new Set(details.flatMap(({ Target }) => Target?.Attribute ?? []))],
      Details: details,
      ...(replacement === 'True' ? { PolicyAction: keeps ? 'ReplaceAndRetain' : 'ReplaceAndDelete' } : {}),
    },
    before: stack.resources[id]?.properties ?? {},
    after,
  };
}

function replacementFrom(details: readonly CloudFormation.ResourceChangeDetail[]): CloudFormation.Replacement {
  const always = details.filter(({ Target }) => Target?.RequiresRecreation === 'Always');
  if (always.some(({ Evaluation }) => Evaluation === 'Static')) return 'True';
  if (always.length > 0) return 'Conditional';
  return details.some(({ Target }) => Target?.RequiresRecreation === 'Conditionally') ? 'Conditional' : 'False';
}

/** Ids and attributes after the update: unknown for new and replaced resources, attributes also for changed ones. */
function valuesDuring({ changesById, present }: ChangeContext): ResourceValues {
  return {
    physicalId: (id) => {
      const replacement = changesById.get(id)?.change.Replacement;
      if (replacement === 'True' || replacement === 'Conditional') return unknown;
      return present.get(id)?.physicalId ?? unknown;
    },
    attribute: (id, attribute) => (changesById.has(id) ? unknown : (present.get(id)?.attributes[attribute] ?? unknown)),
  };
}

function detailsOf(
  Target: CloudFormation.ResourceTargetDefinition,
  before: unknown,
  written: unknown,
  { stack, model, changesById }: ChangeContext,
): CloudFormation.ResourceChangeDetail[] {
  const referred = references(written, model.condition);
  const dynamic: CloudFormation.ResourceChangeDetail[] = referred.flatMap((reference) => {
    const change = changesById.get(reference.name)?.change;
    if (change === undefined) return [];
    if (reference.kind === 'Ref' && change.Replacement === 'False') return [];
    const byAttribute = reference.kind === 'GetAtt';
    return {
      Target,
      Evaluation: 'Dynamic' as const,
      ChangeSource: byAttribute ? ('ResourceAttribute' as const) : ('ResourceReference' as const),
      CausingEntity: byAttribute ? `${reference.name}.${reference.attribute}` : reference.name,
    };
  });
  if (!isDeepStrictEqual(before, written)) {
    return [
      ...dynamic,
      { Target, Evaluation: dynamic.length > 0 ? 'Dynamic' : 'Static', ChangeSource: 'DirectModification' },
    ];
  }
  if (dynamic.length > 0) return dynamic;
  const parameters = [...new Set(referred.map((reference) => reference.name))].filter(
    (parameter) =>
      Object.hasOwn(model.parameters, parameter) && stack.parameters[parameter] !== model.parameters[parameter],
  );
  const direct = { Target, Evaluation: 'Static', ChangeSource: 'DirectModification' } as const;
  if (parameters.length === 0) return [direct];
  return [
    ...parameters.map((CausingEntity) => ({
      Target,
      Evaluation: 'Static' as const,
      ChangeSource: 'ParameterReference' as const,
      CausingEntity,
    })),
    { ...direct, Evaluation: 'Dynamic' },
  ];
}

function changedAttributes(
  resource: Resource,
  definition: { deletionPolicy: string; updateReplacePolicy: string },
  metadata: unknown,
): CloudFormation.ResourceAttribute[] {
  return [
    ...(isDeepStrictEqual(resource.metadata, metadata) ? [] : (['Metadata'] as const)),
    ...(resource.deletionPolicy === definition.deletionPolicy ? [] : (['DeletionPolicy'] as const)),
    ...(resource.updateReplacePolicy === definition.updateReplacePolicy ? [] : (['UpdateReplacePolicy'] as const)),
  ];
}

function removal(resource: Resource): CloudFormation.ResourceChange {
  return {
    Action: 'Remove',
    LogicalResourceId: resource.logicalId,
    PhysicalResourceId: resource.physicalId,
    ResourceType: resource.type,
    PolicyAction: resource.deletionPolicy === 'Delete' ? 'Delete' : 'Retain',
    Scope: [],
    Details: [],
  };
}

/** Whether an update has anything to do: its resources, its outputs or the stack's tags. */
export function hasChanges(stack: Stack, model: Model, changes: readonly ResourceChanges[]): boolean {
  if (changes.length > 0 || stack.status === 'UPDATE_FAILED' || stack.status === 'CREATE_FAILED') return true;
  if (!isDeepStrictEqual(sorted(stack.tags), sorted(model.tags))) return true;
  const scope = model.scope({
    physicalId: (id) => stack.resources[id]?.physicalId ?? unknown,
    attribute: (id, attribute) => stack.resources[id]?.attributes[attribute] ?? unknown,
  });
  const outputs = activeOutputs(model).map(({ key, value, exportName, description }) => ({
    key,
    value: String(resolve(value, scope)),
    description,
    exportName: exportName === undefined ? undefined : String(resolve(exportName, scope)),
  }));
  const now = stack.outputs.map(({ key, value, description, exportName }) => ({ key, value, description, exportName }));
  return !isDeepStrictEqual(now, outputs);
}

function sorted(tags: Deployment['tags'] | Model['tags']): unknown {
  return [...tags].sort((left, right) => ((left.Key ?? '') < (right.Key ?? '') ? -1 : 1));
}

/** With `IncludePropertyValues`: the values of changed properties, and the resource before and after as JSON. */
export function withContexts({ change, before, after }: ResourceChanges): CloudFormation.ResourceChange {
  const shownAfter = after === undefined ? undefined : (shownValue(after) as Properties);
  return {
    ...change,
    ...(before === undefined ? {} : { BeforeContext: JSON.stringify({ Properties: before }) }),
    ...(shownAfter === undefined ? {} : { AfterContext: JSON.stringify({ Properties: shownAfter }) }),
    Details: (change.Details ?? []).map((detail) => ({
      ...detail,
      // a drift-aware detail has its own values
      Target: { ...valuesOf(detail.Target, before, shownAfter), ...detail.Target },
    })),
  };
}

/** The values of a property before and after. Lists and maps are only in the contexts. */
function valuesOf(
  target: CloudFormation.ResourceTargetDefinition | undefined,
  before: Properties = {},
  after: Properties = {},
): CloudFormation.ResourceTargetDefinition {
  if (target?.Attribute !== 'Properties' || target.Name === undefined) return {};
  const [old, current] = [before[target.Name], after[target.Name]];
  if (typeof old === 'object' || typeof current === 'object') return {};
  return {
    Path: `/Properties/${target.Name}`,
    AttributeChangeType: old === undefined ? 'Add' : current === undefined ? 'Remove' : 'Modify',
    ...(old === undefined ? {} : { BeforeValue: String(old) }),
    ...(current === undefined ? {} : { AfterValue: String(current) }),
  };
}
