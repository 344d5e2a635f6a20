// Checks that references name something that exists and form no cycle.
import { nearest } from '../base/suggest.ts';
import { type Reference, type Resource, referencesIn } from '../cfn/resource.ts';
import { attributesOf, type ResourceSchemas } from '../cfn/resource-schema.ts';

export interface ReferenceProblem {
  readonly path: readonly (string | number)[];
  readonly message: string;
  readonly hint?: string;
}

/** https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/pseudo-parameter-reference.html */
const pseudoParameters: ReadonlySet<string> = new Set(
  ['AccountId', 'NotificationARNs', 'NoValue', 'Partition', 'Region', 'StackId', 'StackName', 'URLSuffix'].map(
    (name) => `AWS::${name}`,
  ),
);

export interface ReferenceTargets {
  readonly resources: ReadonlyMap<string, Resource>;
  readonly parameters: ReadonlySet<string>;
  readonly schemas: ResourceSchemas;
}

/** Problems of the references below a value at `path`. */
export function checkReferences(
  value: unknown,
  path: readonly (string | number)[],
  known: ReferenceTargets,
): ReferenceProblem[] {
  return referencesIn(value, path).flatMap((reference) => checkReference(reference, known) ?? []);
}

function checkReference(reference: Reference, known: ReferenceTargets): ReferenceProblem | undefined {
  const { logicalId, attribute, path } = reference;
  if (attribute === undefined && (pseudoParameters.has(logicalId) || known.parameters.has(logicalId))) return undefined;
  const resource = known.resources.get(logicalId);
  if (resource === undefined) {
    const suggestion = nearest(logicalId, [...known.resources.keys()]);
    return {
      path,
      message: `there is no resource "${logicalId}"`,
      ...(suggestion === undefined ? {} : { hint: `did you mean "${suggestion}"?` }),
    };
  }
  const schema = known.schemas(resource.Type);
  if (attribute === undefined || schema === undefined) return undefined;
  const attributes = attributesOf(schema);
  // the attribute of a map or structure contains a dot
  if (attributes.some((name) => attribute === name || attribute.startsWith(`${name}.`) || name.includes('*')))
    return undefined;
  const suggestion = nearest(attribute, attributes);
  const list =
    attributes.length === 0 ? `${resource.Type} has no attributes` : `${resource.Type} has ${attributes.join(', ')}`;
  return {
    path,
    message: `"${logicalId}" has no attribute "${attribute}"`,
    hint: suggestion === undefined ? list : `did you mean "${suggestion}"? ${list}`,
  };
}

/** The first cycle of dependencies: the ids along it; the last repeats the first. */
export function findCycle(resources: ReadonlyMap<string, Resource>): readonly string[] | undefined {
  const done = new Set<string>();
  const visit = (id: string, trail: readonly string[]): readonly string[] | undefined => {
    const start = trail.indexOf(id);
    if (start >= 0) return [...trail.slice(start), id];
    if (done.has(id)) return undefined;
    for (const next of dependenciesOf(resources.get(id))) {
      const cycle = resources.has(next) ? visit(next, [...trail, id]) : undefined;
      if (cycle !== undefined) return cycle;
    }
    done.add(id);
    return undefined;
  };
  for (const id of resources.keys()) {
    const cycle = visit(id, []);
    if (cycle !== undefined) return cycle;
  }
  return undefined;
}

/** The logical ids that a resource waits for. */
export function dependenciesOf(resource: Resource | undefined): readonly string[] {
  if (resource === undefined) return [];
  const explicit = resource.DependsOn === undefined ? [] : [resource.DependsOn].flat();
  const referred = [...referencesIn(resource.Properties), ...referencesIn(resource.UpdatePolicy)];
  return [...explicit, ...referred.map(({ logicalId }) => logicalId)];
}
