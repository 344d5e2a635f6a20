// The policy of a function's own role: its own log, what its events need, what the user granted, and nothing else.
import type { Problem } from '../base/error.ts';
import { nearest } from '../base/suggest.ts';
import { functionIds } from '../cfn/names.ts';
import { attribute, type Grant, type Value } from '../cfn/resource.ts';
import { attributesOf, type ResourceSchemas } from '../cfn/resource-schema.ts';
import type { FunctionSettings, Project } from '../project/project.ts';
import type { Statement } from '../settings/setting.ts';

// https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_iam-quotas.html#reference_iam-quotas-entity-length
export const inlinePolicyLimit = 10_240;

/** What a grant on a resource of this type covers besides its ARN, as a suffix of it. */
const inner: Readonly<Record<string, string>> = {
  'AWS::S3::Bucket': '/*',
  'AWS::DynamoDB::Table': '/index/*',
  'AWS::DynamoDB::GlobalTable': '/index/*',
  'AWS::Logs::LogGroup': '',
};
/** Types whose ARN is no attribute `Arn`. */
const arnElsewhere: Readonly<Record<string, Value>> = {
  'AWS::SNS::Topic': { attribute: 'TopicArn' },
  'AWS::StepFunctions::StateMachine': { attribute: 'Arn' },
};

export interface RoleNeeds {
  /** Of all events of the project. */
  readonly grants: readonly Grant[];
  /** Of the function's settings. */
  readonly statements: readonly Statement[];
  readonly schemas: ResourceSchemas;
}

export function roleStatements(
  project: Project,
  settings: FunctionSettings,
  { grants, statements: needed, schemas }: RoleNeeds,
): { readonly statements: readonly Value[]; readonly problems: readonly Problem[] } {
  const problems: Problem[] = [];
  const statements: Value[] = [...logStatements(settings)];
  for (const grant of grants.filter(({ functionName }) => functionName === settings.name)) {
    statements.push({ Effect: 'Allow', Action: grant.actions, Resource: grant.resources });
  }
  statements.push(...distinct(needed));
  for (const [index, permission] of settings.permissions.entries()) {
    if (permission.kind === 'statement') {
      statements.push(permission.statement);
      continue;
    }
    const resources = permission.targets.flatMap((target): Value[] => {
      if (target === '*' || target.startsWith('arn:')) return [target];
      const arns = arnsOf(target, project, schemas);
      if ('problem' in arns) {
        problems.push({ at: project.origin(['functions', settings.name, 'permissions', index]), ...arns.problem });
        return [];
      }
      return arns.values;
    });
    statements.push({ Effect: 'Allow', Action: permission.actions, Resource: resources });
  }
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

/** Two settings may need the same right, such as to a key. */
function distinct(statements: readonly Statement[]): readonly Value[] {
  return [...new Set(statements.map((one) => JSON.stringify(one)))].map((text) => JSON.parse(text) as Value);
}

/** Writing its log, and nothing where it has none. */
function logStatements({ name, logging }: FunctionSettings): readonly Value[] {
  if (logging === false) return [];
  const arn =
    logging.logGroup === undefined
      ? attribute(functionIds(name).logGroup, 'Arn')
      : { 'Fn::Sub': `arn:\${AWS::Partition}:logs:\${AWS::Region}:\${AWS::AccountId}:log-group:${logging.logGroup}:*` };
  return [{ Effect: 'Allow', Action: ['logs:CreateLogStream', 'logs:PutLogEvents'], Resource: [arn] }];
}

type Arns = { readonly values: Value[] } | { readonly problem: { readonly message: string; readonly hint: string } };

function arnsOf(logicalId: string, project: Project, schemas: ResourceSchemas): Arns {
  const resource = project.resources.get(logicalId);
  if (resource === undefined) {
    const meant = nearest(logicalId, [...project.resources.keys()]);
    const hint = meant === undefined ? 'name a resource under resources, or give an ARN' : `did you mean "${meant}"?`;
    return { problem: { message: `there is no resource "${logicalId}"`, hint } };
  }
  const elsewhere = arnElsewhere[resource.Type] as { attribute: string } | undefined;
  const name = elsewhere?.attribute ?? 'Arn';
  const schema = schemas(resource.Type);
  if (schema !== undefined && !attributesOf(schema).includes(name)) {
    return {
      problem: {
        message: `${resource.Type} gives no ARN, so nothing can be granted on "${logicalId}" by name`,
        hint: 'write a raw statement: {Action: …, Resource: …}',
      },
    };
  }
  const arn = attribute(logicalId, name);
  const suffix = inner[resource.Type];
  return { values: suffix ? [arn, { 'Fn::Sub': `\${${logicalId}.${name}}${suffix}` }] : [arn] };
}
