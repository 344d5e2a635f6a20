// What a state machine becomes: itself, its role and log group, and a version with the alias that everyone starts.

import type { Problem } from '../base/error.ts';
import { defaultRetention } from '../cfn/log-retention.ts';
import { fitted, logGroupName } from '../cfn/names.ts';
import type { OwnedOutput, OwnedResource } from '../cfn/part.ts';
import { attribute, type Resource, ref, sub, type Value } from '../cfn/resource.ts';
import type { ResourceSchemas } from '../cfn/resource-schema.ts';
import type { Project } from '../project/project.ts';
import { type StateMachineSettings, stateMachineIds } from '../project/state-machine-definition.ts';
import { stateMachineStatements } from './state-machine-role.ts';

interface StateMachineParts {
  readonly resources: readonly (readonly [id: string, resource: OwnedResource])[];
  readonly outputs: readonly (readonly [id: string, output: OwnedOutput])[];
  /** The version of a state machine is a snapshot of it. */
  readonly identities: ReadonlyMap<string, readonly string[]>;
  readonly problems: readonly Problem[];
}

export function stateMachineParts(project: Project, schemas: ResourceSchemas): StateMachineParts {
  const all = project.stateMachines.map((machine) => {
    const { statements, problems } = stateMachineStatements(project, machine, schemas);
    const ids = stateMachineIds(machine.name);
    const from = ['stateMachines', machine.name];
    const resources = Object.entries({
      [ids.machine]: machineResource(project, machine),
      [ids.role]: roleResource(project, machine, statements),
      ...(machine.logging === undefined ? {} : { [ids.logGroup]: logGroup(project, machine) }),
      [ids.version]: versionResource(ids.machine),
      [ids.alias]: aliasResource(ids.version),
    }).map(([id, resource]) => [id, { resource, owner: { kind: 'project' }, from }] as const);
    const output: OwnedOutput = {
      output: { Description: `The live alias of the state machine ${machine.name}`, Value: ref(ids.alias) },
      owner: { kind: 'project' },
    };
    return {
      resources,
      output: [`${ids.machine}Arn`, output] as const,
      version: [ids.version, [ids.machine]] as const,
      problems,
    };
  });
  return {
    resources: all.flatMap(({ resources }) => resources),
    outputs: all.map(({ output }) => output),
    identities: new Map(all.map(({ version: [id, parts] }) => [id, [...parts]])),
    problems: all.flatMap(({ problems }) => problems),
  };
}

const nameOf = ({ environment: { names } }: Project, { name }: StateMachineSettings) =>
  fitted(`${names.project}-${names.environment}-${name}`, 80);

function machineResource(project: Project, machine: StateMachineSettings): Resource {
  const ids = stateMachineIds(machine.name);
  const { type, definition, substitutions, logging, tracing } = machine;
  return {
    Type: 'AWS::StepFunctions::StateMachine',
    Properties: {
      StateMachineName: nameOf(project, machine),
      StateMachineType: type === 'express' ? 'EXPRESS' : 'STANDARD',
      // as text: CloudFormation would not keep the types of numbers in an object
      DefinitionString: JSON.stringify(definition, null, 2),
      ...(substitutions.size === 0
        ? {}
        : { DefinitionSubstitutions: Object.fromEntries([...substitutions].map(([key, { value }]) => [key, value])) }),
      RoleArn: attribute(ids.role, 'Arn'),
      ...(logging === undefined
        ? {}
        : {
            LoggingConfiguration: {
              Level: logging.level.toUpperCase(),
              IncludeExecutionData: logging.data ?? false,
              Destinations: [{ CloudWatchLogsLogGroup: { LogGroupArn: attribute(ids.logGroup, 'Arn') } }],
            },
          }),
      ...(tracing ? { TracingConfiguration: { Enabled: true } } : {}),
    },
  };
}

/** Only this state machine assumes the role, against the confused deputy:
 * https://docs.aws.amazon.com/step-functions/latest/dg/procedure-create-iam-role.html#prevent-cross-service-confused-deputy */
function roleResource(project: Project, machine: StateMachineSettings, statements: readonly Value[]): Resource {
  const arn = sub(
    `arn:\${AWS::Partition}:states:\${AWS::Region}:\${AWS::AccountId}:stateMachine:${nameOf(project, machine)}`,
  );
  return {
    Type: 'AWS::IAM::Role',
    Properties: {
      AssumeRolePolicyDocument: {
        Version: '2012-10-17',
        Statement: [
          {
            Effect: 'Allow',
            Principal: { Service: 'states.amazonaws.com' },
            Action: 'sts:AssumeRole',
            Condition: {
              StringEquals: { 'aws:SourceAccount': { Ref: 'AWS::AccountId' } },
              ArnLike: { 'aws:SourceArn': arn },
            },
          },
        ],
      },
      ...(statements.length === 0
        ? {}
        : { Policies: [{ PolicyName: 'fx', PolicyDocument: { Version: '2012-10-17', Statement: [...statements] } }] }),
    },
  };
}

/** AWS advises the prefix, since each other name lengthens one resource policy of the account:
 * https://docs.aws.amazon.com/step-functions/latest/dg/bp-cwl.html */
function logGroup({ environment: { names } }: Project, { name, logging }: StateMachineSettings): Resource {
  return {
    Type: 'AWS::Logs::LogGroup',
    Properties: {
      LogGroupName: `/aws/vendedlogs/states${logGroupName(names, name)}`,
      RetentionInDays: logging?.retention ?? defaultRetention,
    },
  };
}

function versionResource(machine: string): Resource {
  return {
    Type: 'AWS::StepFunctions::StateMachineVersion',
    Properties: {
      StateMachineArn: ref(machine),
      StateMachineRevisionId: attribute(machine, 'StateMachineRevisionId'),
    },
  };
}

function aliasResource(version: string): Resource {
  return {
    Type: 'AWS::StepFunctions::StateMachineAlias',
    Properties: { Name: 'live', RoutingConfiguration: [{ StateMachineVersionArn: ref(version), Weight: 100 }] },
  };
}
