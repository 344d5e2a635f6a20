// Step Functions' operations on state machines.
// https://docs.aws.amazon.com/step-functions/latest/apireference/API_CreateStateMachine.html
import { randomUUID } from 'node:crypto';
import { isDeepStrictEqual } from 'node:util';
import type { LoggingConfiguration } from '@aws-sdk/client-sfn';
import { AwsError, type Cloud, type Input, type Operations } from '../cloud.ts';
import { checkConstraints } from '../constraint.ts';
import { pageFrom } from '../paging.ts';
import { deniedAction } from '../role-permissions.ts';
import { trusts } from '../role-trust.ts';
import { checkDefinitionText, diagnose, waitsForExecutions } from './definition.ts';
import type { Executions } from './executions.ts';
import { checkName, invalidToken, tagsOf } from './names.ts';
import {
  findMachine,
  type MachineType,
  machineArn,
  machineDoesNotExist,
  type Revision,
  readArn,
  type StateMachine,
  type StatesState,
} from './state.ts';
import { publish } from './versions.ts';

const definitionBytes = 1_048_576;
const settings = ['loggingConfiguration', 'tracingConfiguration', 'encryptionConfiguration'] as const;
const publishing = ['publish', 'versionDescription'] as const;

export function machineOperations(state: StatesState, executions: Executions): Operations<'states'> {
  const { cloud, machines } = state;
  const onMachine = { resource: ({ stateMachineArn }: { stateMachineArn: string | undefined }) => stateMachineArn };
  return {
    CreateStateMachine: {
      members: ['name', 'definition', 'roleArn', 'type', 'tags', ...settings, ...publishing],
      authorize: { resource: ({ name = '' }) => machineArn(cloud, name) },
      async run(input) {
        const { name = '', type = 'STANDARD', versionDescription } = input;
        checkName(name);
        checkConstraints('ValidationException', [['type', type, { oneOf: ['STANDARD', 'EXPRESS'] }]]);
        checkPublishing(input);
        const revision = await checked(
          cloud,
          { name, type },
          {
            definition: input.definition ?? '',
            roleArn: input.roleArn ?? '',
            ...settingsOf(input, offSettings),
          },
        );
        const machine = machines.get(name) ?? newMachine(state, name, type, revision, tagsOf(input.tags));
        refuseOther(cloud, machine, type, revision);
        const version = input.publish ? publish(state, machine, versionDescription) : undefined;
        return {
          stateMachineArn: machineArn(cloud, name),
          creationDate: new Date(machine.created),
          ...(version === undefined ? {} : { stateMachineVersionArn: version }),
        };
      },
    },
    UpdateStateMachine: {
      members: ['stateMachineArn', 'definition', 'roleArn', ...settings, ...publishing],
      authorize: onMachine,
      async run(input) {
        const machine = unqualified(state, input.stateMachineArn);
        const { definition, roleArn, loggingConfiguration, tracingConfiguration, encryptionConfiguration } = input;
        const given = [definition, roleArn, loggingConfiguration, tracingConfiguration, encryptionConfiguration];
        if (!input.publish && given.every((value) => value === undefined)) {
          const message =
            'Either the definition, the role ARN, the LoggingConfiguration, or the TracingConfiguration must be specified';
          throw new AwsError('MissingRequiredParameter', message);
        }
        checkPublishing(input);
        const { revision: before } = machine;
        const { revisionId, ...revision } = before;
        const after = await checked(cloud, machine, {
          definition: definition ?? before.definition,
          roleArn: roleArn ?? before.roleArn,
          ...settingsOf(input, before),
        });
        const isSame = isDeepStrictEqual(after, revision);
        const updated: StateMachine = isSame
          ? machine
          : { ...machine, updated: cloud.now(), revision: { ...after, revisionId: randomUUID() } };
        machines.set(machine.name, updated);
        const version = input.publish ? publish(state, updated, input.versionDescription) : undefined;
        return {
          updateDate: new Date(updated.updated),
          ...(updated.revision.revisionId === undefined ? {} : { revisionId: updated.revision.revisionId }),
          ...(version === undefined ? {} : { stateMachineVersionArn: version }),
        };
      },
    },
    DescribeStateMachine: {
      members: ['stateMachineArn', 'includedData'],
      authorize: onMachine,
      run({ stateMachineArn, includedData }) {
        const { machine, revision, version } = findMachine(state, stateMachineArn);
        const arn = machineArn(cloud, machine.name);
        return {
          stateMachineArn: version === undefined ? arn : `${arn}:${version.number}`,
          name: machine.name,
          status: 'ACTIVE',
          definition: includedData === 'METADATA_ONLY' ? '' : revision.definition,
          roleArn: revision.roleArn,
          type: machine.type,
          creationDate: new Date(version?.created ?? machine.created),
          loggingConfiguration: revision.logging,
          tracingConfiguration: revision.tracing,
          encryptionConfiguration: revision.encryption,
          ...(revision.revisionId === undefined ? {} : { revisionId: revision.revisionId }),
          ...(version?.description === undefined ? {} : { description: version.description }),
        };
      },
    },
    ListStateMachines: {
      members: ['maxResults', 'nextToken'],
      run({ maxResults, nextToken }) {
        checkConstraints('ValidationException', [
          ['maxResults', maxResults, { min: 0, max: 1000 }],
          ['nextToken', nextToken, { min: 1, max: 1024 }],
        ]);
        const all = [...machines.values()].sort((left, right) => (left.name < right.name ? -1 : 1));
        const page = pageFrom(all, { token: nextToken, most: maxResults || 100 });
        if (page === undefined) throw invalidToken();
        return {
          stateMachines: page.items.map(({ name, type, created }) => ({
            ...{ stateMachineArn: machineArn(cloud, name), name, type, creationDate: new Date(created) },
          })),
          ...(page.nextToken === undefined ? {} : { nextToken: page.nextToken }),
        };
      },
    },
    DeleteStateMachine: {
      members: ['stateMachineArn'],
      authorize: onMachine,
      async run({ stateMachineArn }) {
        const [name = ''] = readArn(stateMachineArn, 'stateMachine');
        // deleting again succeeds, as on AWS
        if (!machines.delete(name)) return {};
        for (const kept of [state.versions, state.aliases]) {
          for (const key of [...kept.keys()]) if (key.startsWith(`${name}:`)) kept.delete(key);
        }
        await executions.stopAll(name);
        return {};
      },
    },
    ValidateStateMachineDefinition: {
      members: ['definition', 'type', 'severity', 'maxResults'],
      run({ definition = '', type = 'STANDARD', maxResults }) {
        checkConstraints('ValidationException', [
          ['type', type, { oneOf: ['STANDARD', 'EXPRESS'] }],
          ['maxResults', maxResults, { min: 0, max: 100 }],
        ]);
        const found = diagnose(definition, type);
        const most = maxResults || 100;
        return {
          result: found.length === 0 ? 'OK' : 'FAIL',
          diagnostics: found.slice(0, most),
          truncated: found.length > most,
        };
      },
    },
  };
}

type Settings = Pick<Revision, 'logging' | 'tracing' | 'encryption'>;

const offSettings: Settings = {
  logging: { level: 'OFF', includeExecutionData: false },
  tracing: { enabled: false },
  encryption: { type: 'AWS_OWNED_KEY' },
};

function settingsOf(input: Omit<Input<'states', 'UpdateStateMachine'>, 'stateMachineArn'>, before: Settings): Settings {
  const { loggingConfiguration: logging, tracingConfiguration: tracing, encryptionConfiguration: encryption } = input;
  return {
    logging: logging === undefined ? before.logging : { level: 'OFF', includeExecutionData: false, ...logging },
    tracing: tracing === undefined ? before.tracing : { enabled: tracing.enabled ?? false },
    encryption: encryption ?? before.encryption,
  };
}

async function checked(
  cloud: Cloud,
  { name, type }: Pick<StateMachine, 'name' | 'type'>,
  revision: Revision,
): Promise<Revision> {
  checkConstraints('ValidationException', [['roleArn', revision.roleArn, { min: 1, max: 256 }]]);
  if (Buffer.byteLength(revision.definition) > definitionBytes) {
    throw new AwsError('InvalidDefinition', `Invalid State Machine Definition: 'The definition is larger than 1 MiB'`);
  }
  await checkDefinitionText(revision.definition, type);
  await checkRole(cloud, revision, machineArn(cloud, name));
  await checkLogging(cloud, revision.logging, revision.roleArn);
  return revision;
}

/** `arn` is the state machine's. */
export async function checkRole(
  cloud: Cloud,
  { roleArn, definition }: Pick<Revision, 'roleArn' | 'definition'>,
  arn: string,
): Promise<void> {
  readRole(roleArn);
  if (!(await trusts(cloud, roleArn, 'states.amazonaws.com', arn))) {
    const message =
      'Neither the global service principal states.amazonaws.com, nor the regional one is authorized to assume the provided role.';
    throw new AwsError('AccessDeniedException', message);
  }
  if (!waitsForExecutions(definition)) return;
  const rule = `arn:aws:events:${cloud.region}:${cloud.accountId}:rule/StepFunctionsGetEventsForStepFunctionsExecutionRule`;
  if ((await deniedAction(cloud, roleArn, ruleActions, rule)) !== undefined) {
    throw new AwsError('AccessDeniedException', `'${roleArn}' is not authorized to create managed-rule.`);
  }
}

// https://docs.aws.amazon.com/step-functions/latest/dg/connect-stepfunctions.html#sync-async-iam-policies
const ruleActions = ['events:PutTargets', 'events:PutRule', 'events:DescribeRule'];

function readRole(arn: string): void {
  if (!arn.startsWith('arn:')) throw new AwsError('InvalidArn', `Invalid Arn: 'Invalid ARN prefix: ${arn}'`);
  if (arn.split(':')[2] !== 'iam') throw new AwsError('InvalidArn', `Invalid Role Arn: '${arn}'`);
}

// https://docs.aws.amazon.com/step-functions/latest/dg/cw-logs.html#cloudwatch-iam-policy
const deliveryActions = [
  ...['logs:CreateLogDelivery', 'logs:GetLogDelivery', 'logs:UpdateLogDelivery', 'logs:DeleteLogDelivery'],
  ...['logs:ListLogDeliveries', 'logs:PutResourcePolicy', 'logs:DescribeResourcePolicies', 'logs:DescribeLogGroups'],
];

async function checkLogging(cloud: Cloud, logging: LoggingConfiguration, roleArn: string): Promise<void> {
  const { level = 'OFF', destinations = [] } = logging;
  checkConstraints('ValidationException', [
    ['loggingConfiguration.level', level, { oneOf: ['ALL', 'ERROR', 'FATAL', 'OFF'] }],
  ]);
  if (level === 'OFF' && destinations.length === 0) return;
  const arn = destinations[0]?.cloudWatchLogsLogGroup?.logGroupArn;
  if (arn === undefined || destinations.length > 1) throw badLogging('Must specify exactly one Log Destination.');
  const [, , service, , , kind, group = '', end] = arn.split(':');
  if (service !== 'logs' || kind !== 'log-group' || end !== '*') {
    throw new AwsError('InvalidArn', `Invalid Arn: 'Invalid Log Destination: ${arn}'`);
  }
  const { logGroups = [] } = await cloud.call('logs', 'DescribeLogGroups', { logGroupNamePrefix: group });
  if (!logGroups.some(({ logGroupName }) => logGroupName === group)) throw badLogging('Log Destination not found.');
  if ((await deniedAction(cloud, roleArn, deliveryActions, '*')) !== undefined) {
    const message = 'The state machine IAM Role is not authorized to access the Log Destination';
    throw new AwsError('AccessDeniedException', message);
  }
}

function badLogging(message: string): AwsError {
  return new AwsError('InvalidLoggingConfiguration', `Invalid Logging Configuration: ${message}`);
}

function checkPublishing(input: { publish?: boolean | undefined; versionDescription?: string | undefined }): void {
  checkConstraints('ValidationException', [['versionDescription', input.versionDescription, { max: 256 }]]);
  if (input.versionDescription === undefined || input.publish) return;
  throw new AwsError('ValidationException', 'Version description can only be set when publish is true');
}

function newMachine(
  { cloud, machines }: StatesState,
  name: string,
  type: MachineType,
  revision: Revision,
  tags: StateMachine['tags'],
): StateMachine {
  const now = cloud.now();
  const machine: StateMachine = { ...{ name, type, revision, tags }, created: now, updated: now, lastVersion: 0 };
  machines.set(name, machine);
  return machine;
}

/** The same request again has the same answer; the role and tags of a repeated one are ignored. */
function refuseOther(cloud: Cloud, machine: StateMachine, type: MachineType, revision: Revision): void {
  const { roleArn: _, revisionId: __, ...existing } = machine.revision;
  const { roleArn: ___, ...asked } = revision;
  if (machine.type === type && isDeepStrictEqual(existing, asked)) return;
  const arn = machineArn(cloud, machine.name);
  throw new AwsError('StateMachineAlreadyExists', `State Machine Already Exists: '${arn}'`);
}

/** Versions and aliases do not change. */
export function unqualified(state: StatesState, arn: string | undefined): StateMachine {
  const [name = '', qualifier] = readArn(arn, 'stateMachine');
  const machine = state.machines.get(name);
  if (machine === undefined || qualifier !== undefined || arn !== machineArn(state.cloud, name)) {
    throw machineDoesNotExist(arn);
  }
  return machine;
}
