// The policy of a function's role: its log, the needs of its events and settings, the user's permissions, and nothing else.
import type { Problem, Span } from '../base/error.ts';
import { nearest } from '../base/suggest.ts';
import { arnAttributeOf, arnBelow, arnOf, logGroupArn } from '../cfn/arn.ts';
import { functionIds } from '../cfn/names.ts';
import type { Statement } from '../cfn/part.ts';
import type { Value } from '../cfn/resource.ts';
import { attributesOf, type Path, type ResourceSchemas } from '../cfn/resource-schema.ts';
import type { Permission } from '../project/permissions.ts';
import type { FunctionSettings, Project } from '../project/project.ts';

// https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_iam-quotas.html#reference_iam-quotas-entity-length
export const inlinePolicyLimit = 10_240;

/** What a grant on this type covers besides the ARN, as a suffix. */
const belowArn: Readonly<Record<string, string>> = {
  'AWS::S3::Bucket': '/*',
  'AWS::DynamoDB::Table': '/index/*',
  'AWS::DynamoDB::GlobalTable': '/index/*',
};

export interface RoleNeeds {
  /** The needs of the function's events. */
  readonly events: readonly Statement[];
  /** The needs of its settings. */
  readonly settings: readonly Statement[];
  readonly schemas: ResourceSchemas;
}

export function roleStatements(
  project: Project,
  settings: FunctionSettings,
  { events, settings: needed, schemas }: RoleNeeds,
): { readonly statements: readonly Value[]; readonly problems: readonly Problem[] } {
  const problems: Problem[] = [];
  const from = ['functions', settings.name, 'permissions'];
  const statements: Value[] = [
    ...logStatements(settings),
    ...distinct(events),
    ...distinct(needed),
    ...permissionStatements(project, { permissions: settings.permissions, from, schemas }, problems),
  ];
  problems.push(...checkPolicySize(statements, settings));
  return { statements, problems };
}

export function checkPolicySize(
  statements: readonly Value[],
  { name, at }: { readonly name: string; readonly at: Span },
): readonly Problem[] {
  const size = JSON.stringify(statements).replace(/\s/g, '').length;
  if (size <= inlinePolicyLimit) return [];
  const message = `the policy of "${name}" is ${size} characters; IAM takes at most ${inlinePolicyLimit}`;
  return [{ at, message, hint: 'grant on fewer, wider resources' }];
}

interface Permissions {
  readonly permissions: readonly Permission[];
  /** Their entry in project.yml. */
  readonly from: Path;
  readonly schemas: ResourceSchemas;
}

/** What the user grants. */
export function permissionStatements(
  project: Project,
  { permissions, from, schemas }: Permissions,
  problems: Problem[],
): Value[] {
  return permissions.map((permission, index): Value => {
    if (permission.kind === 'statement') return permission.statement;
    const resources = permission.targets.flatMap((target): Value[] => {
      if (target === '*' || target.startsWith('arn:')) return [target];
      const arns = arnsOf(target, project, schemas);
      if ('problem' in arns) {
        problems.push({ at: project.origin([...from, index]), ...arns.problem });
        return [];
      }
      return arns.values;
    });
    return { Effect: 'Allow', Action: permission.actions, Resource: resources };
  });
}

/** Two settings may need the same permission, e.g. on a key. */
export function distinct(statements: readonly Statement[]): readonly Value[] {
  return [...new Set(statements.map((statement) => JSON.stringify(statement)))].map(
    (text) => JSON.parse(text) as Value,
  );
}

/** Permission to write its log; none if it has no log. */
function logStatements({ name, logging }: FunctionSettings): readonly Value[] {
  if (logging === false) return [];
  const arn =
    logging.logGroup === undefined
      ? arnOf(functionIds(name).logGroup, 'AWS::Logs::LogGroup')
      : logGroupArn(logging.logGroup);
  return [{ Effect: 'Allow', Action: ['logs:CreateLogStream', 'logs:PutLogEvents'], Resource: [arn] }];
}

type Arns = { readonly values: Value[] } | { readonly problem: { readonly message: string; readonly hint: string } };

function arnsOf(logicalId: string, project: Project, schemas: ResourceSchemas): Arns {
  const resource = project.resources.get(logicalId);
  if (resource === undefined) {
    const suggestion = nearest(logicalId, [...project.resources.keys()]);
    const hint =
      suggestion === undefined ? 'name a resource under resources, or give an ARN' : `did you mean "${suggestion}"?`;
    return { problem: { message: `there is no resource "${logicalId}"`, hint } };
  }
  const name = arnAttributeOf(resource.Type);
  const schema = schemas(resource.Type);
  if (schema !== undefined && name !== undefined && !attributesOf(schema).includes(name)) {
    return {
      problem: {
        message: `${resource.Type} returns no ARN, so permissions cannot name "${logicalId}"`,
        hint: 'write a raw statement: {Action: …, Resource: …}',
      },
    };
  }
  const arn = arnOf(logicalId, resource.Type);
  const suffix = belowArn[resource.Type];
  return { values: suffix === undefined ? [arn] : [arn, arnBelow(logicalId, resource.Type, suffix)] };
}
