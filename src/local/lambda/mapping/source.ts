// What event source mappings need of a service to read from it: one row of the table in index.ts.
import type { EventSourceMappingConfiguration } from '@aws-sdk/client-lambda';
import type { Cloud, Input } from '../../cloud.ts';
import type { FunctionVersion } from '../state.ts';

type CreateMembers = keyof Input<'lambda', 'CreateEventSourceMapping'>;

/** A request to create or change a mapping. */
export type MappingInput = Omit<Input<'lambda', 'CreateEventSourceMapping'>, 'FunctionName'>;

export interface Source<Settings extends object = object> {
  /** The service's name in ARNs, or what the source begins with if it has none. */
  readonly service: string;
  /** Its name in Lambda's messages. */
  readonly title: string;
  /** The members of a request that it implements, besides those of every mapping. */
  readonly members: readonly CreateMembers[];
  /** Applies a request to the previous settings; throws if the result is invalid. */
  read(arn: string, input: MappingInput, before: Settings | undefined): Settings;
  /** Throws unless the source exists and suits the function and its role. */
  check(cloud: Cloud, arn: string, version: FunctionVersion, settings: Settings): Promise<void>;
  /** The beginning of the message that the function has the source already, if it is one of the source's own. */
  conflict?(source: string, functionArn: string, settings: Settings): string;
  /** Whether mappings of one source and function read the same; always, unless it is given. */
  isSame?(one: Settings, other: Settings): boolean;
  /** What became of reading, if the local AWS never reads it. */
  readonly unreachable?: string;
  describe(settings: Settings, uuid: string): Partial<EventSourceMappingConfiguration>;
  /** Reads and invokes until it is stopped. */
  poll(cloud: Cloud, polled: Polled<Settings>): Poller;
}

export interface Polled<Settings> {
  readonly uuid: string;
  readonly arn: string;
  /** With the qualifier to invoke. */
  readonly functionArn: string;
  readonly settings: Settings;
  /** What gets the batches instead of the function: a pipe's enrichment and target. */
  readonly target?: BatchTarget;
}

export interface BatchTarget {
  /** The ARN of the role that reads. */
  readonly role: string;
  send(records: readonly object[]): Promise<Answer>;
}

/** What became of a batch. */
export interface Answer {
  readonly error: string | undefined;
  readonly version: string;
  readonly result: unknown;
}

export interface Poller {
  /** Begins no further batch; resolves when the current ones are done. */
  stop(): Promise<void>;
}
