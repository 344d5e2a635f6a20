// Step Functions' operations on state machines.
// https://docs.aws.amazon.com/step-functions/latest/apireference/API_CreateStateMachine.html
import { randomUUID } from 'node:crypto';
import { isDeepStrictEqual } from 'node:util';
import { AwsError, type Cloud, type Input, type Operations } from '../cloud.ts';
import { checkConstraints } from '../constraint.ts';
import { pageFrom } from '../paging.ts';
import { diagnose } from './definition.ts';
import type { Executions } from './executions.ts';
import { checkRevision } from './machine-checks.ts';
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
        const revision = await checkRevision(
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
        const after = await checkRevision(cloud, machine, {
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
