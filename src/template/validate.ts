// Checks a template offline as CloudFormation does: resource types, properties, references, cycles and quotas.
import type { Problem } from '../base/error.ts';
import { nearest } from '../base/suggest.ts';
import type { OwnedResource } from '../cfn/part.ts';
import type { Resource, Template } from '../cfn/resource.ts';
import { type ResourceSchemas, validateProperties } from '../cfn/resource-schema.ts';
import { localEnvironment } from '../project/environment.ts';
import type { Project } from '../project/project.ts';
import { sourcePlace } from './origin.ts';
import { checkReferences, findCycle, type ReferenceTargets } from './references.ts';

// https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/cloudformation-limits.html
const resourceLimit = 500;
const outputLimit = 200;
export const templateUrlLimit = 1_048_576;

export interface Validation {
  readonly ownedResources: ReadonlyMap<string, OwnedResource>;
  readonly schemas: ResourceSchemas;
  /** Every resource, or only the user's. */
  readonly scope: 'all' | 'user';
}

/** All problems, each at its line in project.yml. */
export function validateTemplate(
  project: Project,
  template: Template,
  { ownedResources, schemas, scope }: Validation,
): Problem[] {
  const resources = new Map(Object.entries(template.Resources));
  const known: ReferenceTargets = { resources, parameters: new Set(Object.keys(template.Parameters ?? {})), schemas };
  const at = (path: readonly (string | number)[]) => sourcePlace(project, ownedResources, path);
  const problems: Problem[] = [];

  for (const [id, resource] of resources) {
    if (scope === 'user' && ownedResources.get(id)?.owner.kind !== 'user') continue;
    const path = ['resources', id];
    const schema = schemas(resource.Type);
    const refused = schema === undefined ? refusedType(project, resource) : undefined;
    if (refused !== undefined) {
      problems.push({ at: at([...path, 'Type']), ...refused });
      continue;
    }
    for (const problem of schema === undefined ? [] : validateProperties(resource.Type, resource.Properties, schema)) {
      const last = String(problem.path.at(-1));
      const suggestion = problem.known === undefined ? undefined : nearest(last, problem.known.map(String));
      const place = problem.path.length === 0 ? '' : ` (${problem.path.join('.')})`;
      problems.push({
        at: at([...path, 'Properties', ...problem.path]),
        message: `${id}, ${resource.Type}: ${problem.message}${place}`,
        ...(suggestion === undefined ? {} : { hint: `did you mean "${suggestion}"?` }),
      });
    }
    const invalid = checkReferences(resource.Properties, [...path, 'Properties'], known);
    invalid.push(...checkReferences(resource.UpdatePolicy, [...path, 'UpdatePolicy'], known));
    problems.push(...invalid.map(({ path: where, ...problem }) => ({ at: at(where), ...problem })));
    for (const other of [resource.DependsOn ?? []].flat()) {
      if (!resources.has(other))
        problems.push({ at: at([...path, 'DependsOn']), message: `there is no resource "${other}"` });
    }
  }
  for (const [id, output] of Object.entries(template.Outputs ?? {})) {
    const invalid = checkReferences(output.Value, ['outputs', id], known);
    problems.push(...invalid.map(({ path: where, ...problem }) => ({ at: at(where), ...problem })));
  }
  const cycle = findCycle(resources);
  if (cycle !== undefined) {
    problems.push({
      at: at(['resources', cycle[0] ?? '']),
      message: `resources depend on each other in a cycle: ${cycle.join(' → ')}`,
      hint: cycle
        .slice(0, -1)
        .map((id) => ({ id, where: at(['resources', id]) }))
        .map(({ id, where: { file, line, column } }) => `${id} is at ${file}:${line}:${column}`)
        .join(', '),
    });
  }
  problems.push(...overLimits(project, resources.size, Object.keys(template.Outputs ?? {}).length));
  return problems;
}

/** A type without a schema: only a custom resource may be one. */
function refusedType(
  { environment }: Project,
  { Type: type, Properties }: Resource,
): { message: string; hint?: string } | undefined {
  if (type.startsWith('Custom::') || type === 'AWS::CloudFormation::CustomResource') {
    if (environment.name === localEnvironment) {
      const hint = 'write it under the resources of the environments that are on AWS';
      return { message: `${type}: the local AWS has no custom resources`, hint };
    }
    // https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-resource-cloudformation-customresource.html
    return Properties?.['ServiceToken'] === undefined
      ? { message: `${type} has no ServiceToken`, hint: 'the ARN of the function or the topic that makes it' }
      : undefined;
  }
  return {
    message: `there is no resource type ${type}`,
    hint: 'types are spelled as in the CloudFormation reference, such as AWS::SQS::Queue',
  };
}

function overLimits(project: Project, resources: number, outputs: number): Problem[] {
  const at = project.origin([]);
  // CloudFormation rejects a template without resources
  if (resources === 0) {
    return [
      {
        at,
        message: 'there is nothing to deploy: no functions and no resources',
        hint: 'add a function under functions',
      },
    ];
  }
  return [
    ...(resources > resourceLimit
      ? [
          {
            at,
            message: `the stack would have ${resources} resources; CloudFormation takes at most ${resourceLimit}`,
            hint: 'split the project',
          },
        ]
      : []),
    ...(outputs > outputLimit
      ? [{ at, message: `the stack would have ${outputs} outputs; CloudFormation takes at most ${outputLimit}` }]
      : []),
  ];
}
