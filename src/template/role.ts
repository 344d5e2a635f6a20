// The policy of a function's role: its log, the needs of its events and settings, the user's permissions, and nothing else.
import type { Problem, Span } from '../base/error.ts';
import { nearest } from '../base/suggest.ts';
import { arnAttributeOf, arnBelow, arnOf } from '../cfn/arn.ts';
import { functionIds } from '../cfn/names.ts';
import type { Statement } from '../cfn/part.ts';
import type { Value } from '../cfn/resource.ts';
import { attributesOf, type ResourceSchemas } from '../cfn/resource-schema.ts';
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
  const statements: Value[] = [...logStatements(settings), ...distinct(events), ...distinct(needed)];
  const granted = grantStatements(project, settings.permissions, {
    schemas,
    at: (index) => project.origin(['functions', settings.name, 'permissions', index]),
  });
  statements.push(...granted.statements);
  problems.push(...granted.problems);
  const size = JSON.stringify(statements).replace(/\s/g, '').length;
  if (size > inlinePolicyLimit) {
    problems.push({
      at: settings.at,
      message: `the policy of "${settings.name}" is ${size} characters; IAM takes at most ${inlinePolicyLimit}`,
      hint: 'grant on fewer, wider resources',
    });
  }
  return { statements, problems };
}

/** The user's permissions as statements. */
export function grantStatements(
  project: Project,
  permissions: readonly Permission[],
  { schemas, at }: { readonly schemas: ResourceSchemas; at(index: number): Span },
): { readonly statements: readonly Value[]; readonly problems: readonly Problem[] } {
  const problems: Problem[] = [];
  const statements = permissions.map((permission, index): Value => {
    if (permission.kind === 'statement') return permission.statement;
    const resources = permission.targets.flatMap((target): Value[] => {
      if (target === '*' || target.startsWith('arn:')) return [target];
      const arns = arnsOf(target, project, schemas);
      if ('values' in arns) return arns.values;
      problems.push({ at: at(index), ...arns.problem });
      return [];
    });
    return { Effect: 'Allow', Action: permission.actions, Resource: resources };
  });
  return { statements, problems };
}

/** Two settings may need the same permission, e.g. on a key. */
function distinct(statements: readonly Statement[]): readonly Value[] {
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
      : { 'Fn::Sub': `arn:\${AWS::Partition}:logs:\${AWS::Region}:\${AWS::AccountId}:log-group:${logging.logGroup}:*` };
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
