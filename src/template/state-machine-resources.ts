// What the state machines of a project become: each with its role, its log group and an output.
// https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-resource-stepfunctions-statemachine.html
import type { Problem } from '../base/error.ts';
import { defaultRetention } from '../cfn/log-retention.ts';
import { functionIds, stateMachineIds, stateMachineLogGroup, stateMachineRoleName } from '../cfn/names.ts';
import type { OwnedOutput, OwnedResource } from '../cfn/part.ts';
import { attribute, type Resource, ref, referencesIn, type Value } from '../cfn/resource.ts';
import type { ResourceSchemas } from '../cfn/resource-schema.ts';
import { inlinePolicies, onBehalfOf, policyDocument, trust } from '../cfn/role.ts';
import { statesIn } from '../cfn/states-definition.ts';
import type { Project } from '../project/project.ts';
import { functionField, isIntrinsicValue, type StateMachineSettings, valueIn } from '../project/state-machines.ts';
import { checkPolicySize, distinct, permissionStatements } from './role.ts';
import { aliasArn, machineArn, machineStatements } from './state-machine-role.ts';

export interface StateMachineParts {
  readonly resources: readonly (readonly [id: string, resource: OwnedResource])[];
  readonly outputs: readonly (readonly [id: string, output: OwnedOutput])[];
}

/** `project` also knows the resources of events. */
export function stateMachineParts(project: Project, schemas: ResourceSchemas, problems: Problem[]): StateMachineParts {
  const owner = { kind: 'project' } as const;
  return {
    resources: project.stateMachines.flatMap((machine) => {
      const from = ['stateMachines', machine.name];
      const resources = Object.entries(resourcesOf(project, machine, schemas, problems));
      return resources.map(([id, resource]) => [id, { resource, owner, from }] as const);
    }),
    outputs: project.stateMachines.map(({ name }) => {
      const { machine } = stateMachineIds(name);
      return [`${machine}Arn`, { output: { Description: `The state machine ${name}`, Value: ref(machine) }, owner }];
    }),
  };
}

function resourcesOf(
  project: Project,
  machine: StateMachineSettings,
  schemas: ResourceSchemas,
  problems: Problem[],
): Readonly<Record<string, Resource>> {
  const { name, physicalName, type = 'STANDARD', logging = false, tags, tracing } = machine;
  const { names } = project.environment;
  const ids = stateMachineIds(name);
  const granted = { permissions: machine.permissions ?? [], from: ['stateMachines', name, 'permissions'], schemas };
  const statements = [
    ...distinct(machineStatements(project, machine, problems)),
    ...permissionStatements(project, granted, problems),
  ];
  problems.push(...checkPolicySize(statements, machine));
  const { level = 'ALL', includeExecutionData = false, retentionInDays = defaultRetention } = logging || {};
  const role: Resource = {
    Type: 'AWS::IAM::Role',
    Properties: {
      RoleName: stateMachineRoleName(names, name),
      // https://docs.aws.amazon.com/step-functions/latest/dg/procedure-create-iam-role.html#prevent-cross-service-confused-deputy
      AssumeRolePolicyDocument: policyDocument([trust('states.amazonaws.com', onBehalfOf(machineArn(physicalName)))]),
      ...inlinePolicies(statements),
    },
  };
  return {
    ...(logging === false
      ? {}
      : {
          [ids.logGroup]: {
            Type: 'AWS::Logs::LogGroup',
            Properties: {
              LogGroupName: stateMachineLogGroup(names, name),
              ...(retentionInDays === 'forever' ? {} : { RetentionInDays: retentionInDays }),
            },
          },
        }),
    [ids.role]: role,
    [ids.machine]: {
      Type: 'AWS::StepFunctions::StateMachine',
      Properties: {
        StateMachineName: physicalName,
        StateMachineType: type,
        RoleArn: attribute(ids.role, 'Arn'),
        ...definitionOf(project, machine),
        ...(logging === false
          ? {}
          : {
              LoggingConfiguration: {
                Level: level,
                IncludeExecutionData: includeExecutionData,
                Destinations: [{ CloudWatchLogsLogGroup: { LogGroupArn: attribute(ids.logGroup, 'Arn') } }],
              },
            }),
        ...(tracing === true ? { TracingConfiguration: { Enabled: true } } : {}),
        ...(tags === undefined ? {} : { Tags: [...tags].map(([Key, Value]) => ({ Key, Value })) }),
      },
    },
  };
}

/** As text: in an object, CloudFormation may write numbers as text. Its intrinsics are substitutions. */
function definitionOf(project: Project, { definition, timeout }: StateMachineSettings): Record<string, Value> {
  const substitutions = new Map<string, Value>();
  const text = JSON.stringify(definition);
  const placeholder = (value: Value, wanted: string): string => {
    const same = [...substitutions].find(([, other]) => JSON.stringify(other) === JSON.stringify(value))?.[0];
    let key = same ?? wanted;
    for (let n = 2; same === undefined && (substitutions.has(key) || text.includes(`\${${key}}`)); n++)
      key = wanted + n;
    substitutions.set(key, value);
    return `\${${key}}`;
  };
  const replaced = new Map<string, string>();
  for (const placed of statesIn(definition)) {
    const path = functionField(placed);
    const named = path === undefined ? undefined : valueIn(definition, path);
    const settings = project.functions.find(({ name }) => name === named);
    if (path !== undefined && settings !== undefined) {
      const { alias } = functionIds(settings.name);
      replaced.set(JSON.stringify(path), placeholder(aliasArn(settings.physicalName), alias));
    }
    for (const key of ['Parameters', 'Arguments']) {
      const target = [...placed.path, key, 'StateMachineArn'];
      const other = project.stateMachines.find(({ name }) => name === valueIn(definition, target));
      if (other === undefined) continue;
      replaced.set(
        JSON.stringify(target),
        placeholder(machineArn(other.physicalName), stateMachineIds(other.name).machine),
      );
    }
  }
  const filled = (value: unknown, path: readonly (string | number)[]): unknown => {
    const known = replaced.get(JSON.stringify(path));
    if (known !== undefined) return known;
    if (isIntrinsicValue(value)) return placeholder(value as Value, keyFor(value));
    if (Array.isArray(value)) return value.map((item, index) => filled(item, [...path, index]));
    if (typeof value !== 'object' || value === null) return value;
    return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, filled(item, [...path, key])]));
  };
  const whole = filled(definition, []) as object;
  const limited = timeout === undefined ? whole : { ...whole, TimeoutSeconds: timeout };
  return {
    DefinitionString: JSON.stringify(limited),
    ...(substitutions.size === 0 ? {} : { DefinitionSubstitutions: Object.fromEntries(substitutions) }),
  };
}

/** `JobsArn` for `!GetAtt Jobs.Arn`. */
function keyFor(value: unknown): string {
  const [reference] = referencesIn(value);
  if (reference === undefined) return 'Value';
  return `${reference.logicalId}${reference.attribute ?? ''}`.replace(/[^A-Za-z0-9]/g, '');
}
