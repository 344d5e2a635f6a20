// Rules for a resource before its steps: its first record, valid properties, and names that must change.
import { propertiesMessage, type ResourceSchema, validateProperties } from '../../cfn/resource-schema.ts';
import { EngineError } from './failure.ts';
import type { Model } from './model.ts';
import type { Provider } from './resources/provider.ts';
import type { Properties, Resource } from './stack.ts';

export function newResource(model: Model, id: string): Resource {
  const definition = model.resources.get(id);
  if (definition === undefined) throw new Error(`the template has no active resource ${id}`);
  const { type, deletionPolicy, updateReplacePolicy } = definition;
  return {
    logicalId: id,
    type,
    status: 'CREATE_IN_PROGRESS',
    updated: 0,
    properties: {},
    attributes: {},
    needs: [...(model.graph.get(id) ?? [])],
    deletionPolicy,
    updateReplacePolicy,
  };
}

export function isSamePhysicalResource(left: Resource, right: Resource): boolean {
  return left.logicalId === right.logicalId && left.physicalId === right.physicalId;
}

export function checkProperties(resource: Resource, properties: Properties, schema: ResourceSchema): void {
  const problems = validateProperties(resource.type, properties, schema);
  if (problems.length > 0) throw new EngineError(propertiesMessage(resource.logicalId, problems));
}

// https://github.com/convox/rack/issues/2941
export function refuseSameName(resource: Resource, before: Properties, after: Properties, provider: Provider): void {
  const property = provider.name?.property;
  if (property === undefined || after[property] === undefined || after[property] !== before[property]) return;
  throw new EngineError(
    `CloudFormation cannot update a stack when a custom-named resource requires replacing. Rename ${resource.physicalId} and update the stack again.`,
  );
}
