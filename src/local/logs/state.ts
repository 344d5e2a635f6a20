// The records of CloudWatch Logs, and their lookup.
import { AwsError, type Cloud } from '../cloud.ts';
import { pageAfter } from '../paging.ts';
import type { Collection } from '../store.ts';
import type { EventLog, LogEvent } from './events.ts';

export interface LogGroup {
  readonly name: string;
  readonly creationTime: number;
  readonly class: 'STANDARD' | 'INFREQUENT_ACCESS' | 'DELIVERY' | 'ESSENTIALS';
  readonly retentionInDays?: number;
  readonly deletionProtection?: true;
  readonly tags: Readonly<Record<string, string>>;
}

export interface LogStream {
  readonly group: string;
  readonly name: string;
  readonly creationTime: number;
  readonly firstEventTimestamp?: number;
  readonly lastEventTimestamp?: number;
  readonly lastIngestionTime?: number;
}

export interface SubscriptionFilter {
  readonly group: string;
  readonly name: string;
  readonly pattern: string;
  readonly destinationArn: string;
  readonly roleArn?: string;
  readonly distribution: 'Random' | 'ByLogStream';
  readonly creationTime: number;
}

export interface LogState {
  readonly cloud: Cloud;
  readonly groups: Collection<LogGroup>;
  /** By `streamKey`. */
  readonly streams: Collection<LogStream>;
  /** By group and name, with a colon between. */
  readonly subscriptions: Collection<SubscriptionFilter>;
  readonly events: EventLog;
  /** The sessions of Live Tail. */
  readonly tails: Set<Tail>;
}

export interface Tail {
  take(place: { readonly group: string; readonly stream: string }, events: readonly LogEvent[]): void;
}

/** Neither name can contain a colon. */
export function streamKey(group: string, stream: string): string {
  return `${group}:${stream}`;
}

export function groupArn({ cloud }: LogState, name: string): string {
  return `arn:aws:logs:${cloud.region}:${cloud.accountId}:log-group:${name}`;
}

export function existingGroup(state: LogState, name: string): LogGroup {
  const group = state.groups.get(name);
  if (group === undefined) throw new AwsError('ResourceNotFoundException', 'The specified log group does not exist.');
  return group;
}

export interface GroupReference {
  readonly logGroupName?: string | undefined;
  /** A name or an ARN. */
  readonly logGroupIdentifier?: string | undefined;
}

/** The group that a request names. It must have exactly one of the two members. */
export function requireGroup(state: LogState, { logGroupName, logGroupIdentifier }: GroupReference): LogGroup {
  if (logGroupName !== undefined && logGroupIdentifier !== undefined) {
    throw new AwsError('ValidationException', 'LogGroup name and LogGroup ARN are mutually exclusive parameters.');
  }
  if (logGroupName === undefined && logGroupIdentifier === undefined) {
    throw new AwsError(
      'InvalidParameterException',
      'You must include either logGroupName or logGroupIdentifier, but not both.',
    );
  }
  const identifier = logGroupName ?? logGroupIdentifier ?? '';
  const prefix = groupArn(state, '');
  return existingGroup(state, identifier.startsWith(prefix) ? identifier.slice(prefix.length) : identifier);
}

export function streamsOf(state: LogState, group: string): LogStream[] {
  return state.streams.filter((stream) => stream.group === group);
}

export function deleteStream(state: LogState, { group, name }: LogStream): void {
  state.events.delete(group, name);
  state.streams.delete(streamKey(group, name));
}

export interface PageRequest {
  readonly nextToken?: string | undefined;
  readonly limit?: number | undefined;
}

/** Up to `limit` (at most 50) of the sorted items after the one whose key is in the token. */
export function page<T>(items: readonly T[], keyOf: (item: T) => string, { nextToken, limit = 50 }: PageRequest) {
  const onPage = pageAfter(items, keyOf, { token: nextToken, most: limit });
  if (onPage === undefined) throw invalidToken();
  return onPage;
}

export function invalidToken(): AwsError {
  return new AwsError('InvalidParameterException', 'The specified nextToken is invalid.');
}
