// The records of Step Functions: state machines, versions, aliases, executions, activities; their ARNs, and how ARNs lead to them.
import { randomInt } from 'node:crypto';
import type {
  EncryptionConfiguration,
  HistoryEvent,
  LoggingConfiguration,
  TracingConfiguration,
} from '@aws-sdk/client-sfn';
import { AwsError, type Cloud } from '../cloud.ts';
import type { Collection } from '../store.ts';

export type MachineType = 'STANDARD' | 'EXPRESS';
export type Tags = Readonly<Record<string, string>>;

/** What an update of a state machine replaces, and a version keeps. */
export interface Revision {
  readonly definition: string;
  readonly roleArn: string;
  readonly logging: LoggingConfiguration;
  readonly tracing: TracingConfiguration;
  readonly encryption: EncryptionConfiguration;
  /** Undefined before the first update. */
  readonly revisionId?: string;
}

export interface StateMachine {
  readonly name: string;
  readonly type: MachineType;
  readonly created: number;
  readonly updated: number;
  readonly revision: Revision;
  readonly tags: Tags;
  /** Numbers are not used again. */
  readonly lastVersion: number;
}

export interface Version {
  readonly machine: string;
  readonly number: number;
  readonly created: number;
  readonly description?: string;
  readonly revision: Revision;
}

export interface Route {
  readonly stateMachineVersionArn: string;
  readonly weight: number;
}

export interface Alias {
  readonly machine: string;
  readonly name: string;
  readonly created: number;
  readonly updated: number;
  readonly description?: string;
  readonly routing: readonly Route[];
}

export type Status = 'RUNNING' | 'SUCCEEDED' | 'FAILED' | 'TIMED_OUT' | 'ABORTED';

/** Where an execution is, so that it goes on after a restart, and can be redriven. */
export interface Progress {
  readonly state: string;
  readonly input: unknown;
  readonly variables: Readonly<Record<string, unknown>>;
  /** The id and time of the event that entered the state. */
  readonly entered: number;
  readonly time: number;
}

export interface Execution {
  readonly arn: string;
  readonly name: string;
  readonly machine: string;
  readonly machineType: MachineType;
  readonly revision: Revision;
  readonly versionArn?: string;
  readonly aliasArn?: string;
  readonly input: string;
  readonly started: number;
  readonly status: Status;
  readonly stopped?: number;
  readonly output?: string;
  readonly error?: string;
  readonly cause?: string;
  readonly traceHeader?: string;
  readonly redriveCount: number;
  readonly redriven?: number;
  readonly progress?: Progress;
  /** The number of its events. */
  readonly events: number;
}

export interface Activity {
  readonly name: string;
  readonly created: number;
  readonly tags: Tags;
}

export type StoredEvent = Omit<HistoryEvent, 'timestamp'> & { readonly timestamp: number };

export interface StatesState {
  readonly cloud: Cloud;
  readonly machines: Collection<StateMachine>;
  /** By `<machine>:<number>`. */
  readonly versions: Collection<Version>;
  /** By `<machine>:<name>`. */
  readonly aliases: Collection<Alias>;
  /** By ARN, of standard state machines only. */
  readonly executions: Collection<Execution>;
  /** By `<execution's ARN>#<id>`. */
  readonly events: Collection<StoredEvent>;
  readonly activities: Collection<Activity>;
}

export function openStates(cloud: Cloud): StatesState {
  return {
    cloud,
    machines: cloud.collection('states.state-machines'),
    versions: cloud.collection('states.versions'),
    aliases: cloud.collection('states.aliases'),
    executions: cloud.collection('states.executions'),
    events: cloud.collection('states.events'),
    activities: cloud.collection('states.activities'),
  };
}

export function arnOf({ region, accountId }: Cloud, kind: string, name: string): string {
  return `arn:aws:states:${region}:${accountId}:${kind}:${name}`;
}

export const machineArn = (cloud: Cloud, name: string): string => arnOf(cloud, 'stateMachine', name);

/** The parts of an ARN of that kind. */
export function readArn(arn: string | undefined, ...kinds: readonly string[]): readonly string[] {
  const [prefix, partition, service, , , kind, ...names] = (arn ?? '').split(':');
  if (prefix !== 'arn') throw new AwsError('InvalidArn', `Invalid Arn: 'Invalid ARN prefix: ${arn}'`);
  const isOfKind = partition !== '' && service === 'states' && kinds.includes(kind ?? '') && names[0] !== undefined;
  if (!isOfKind) {
    throw new AwsError('InvalidArn', `Invalid Arn: 'Resource type not valid in this context: ${kind || arn}'`);
  }
  return names;
}

export interface Found {
  readonly machine: StateMachine;
  readonly revision: Revision;
  readonly version?: Version;
  readonly alias?: Alias;
}

/** The state machine, version, or alias with that ARN; an alias leads to one of its versions by weight. */
export function findMachine(state: StatesState, arn: string | undefined): Found {
  const [name = '', qualifier] = readArn(arn, 'stateMachine');
  const machine = machineArn(state.cloud, name) === arn?.split(':').slice(0, 7).join(':') && state.machines.get(name);
  if (!machine) throw machineDoesNotExist(arn);
  if (qualifier === undefined) return { machine, revision: machine.revision };
  const alias = state.aliases.get(`${name}:${qualifier}`);
  const versionKey = alias === undefined ? `${name}:${qualifier}` : keyIn(chosen(alias));
  const version = state.versions.get(versionKey);
  if (version === undefined) throw machineDoesNotExist(arn);
  return { machine, revision: version.revision, version, ...(alias === undefined ? {} : { alias }) };
}

/** The key of the version or alias with that ARN. */
export function keyIn(arn: string): string {
  return arn.split(':').slice(6).join(':');
}

function chosen({ routing }: Alias): string {
  let left = randomInt(100);
  const route = routing.find(({ weight }) => {
    left -= weight;
    return left < 0;
  });
  return (route ?? routing[0])?.stateMachineVersionArn ?? '';
}

export function machineDoesNotExist(arn: string | undefined): AwsError {
  return new AwsError('StateMachineDoesNotExist', `State Machine Does Not Exist: '${arn}'`);
}

export function findExecution(state: StatesState, arn: string | undefined): Execution {
  readArn(arn, 'execution', 'express');
  const execution = state.executions.get(arn ?? '');
  if (execution === undefined) throw new AwsError('ExecutionDoesNotExist', `Execution Does Not Exist: '${arn}'`);
  return execution;
}

export function versionArn(cloud: Cloud, { machine, number }: Pick<Version, 'machine' | 'number'>): string {
  return `${machineArn(cloud, machine)}:${number}`;
}

export function aliasArn(cloud: Cloud, { machine, name }: Pick<Alias, 'machine' | 'name'>): string {
  return `${machineArn(cloud, machine)}:${name}`;
}
