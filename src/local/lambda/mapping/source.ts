// What a service has to bring so that event source mappings can read from it: one row of the table in index.ts.
import type { EventSourceMappingConfiguration } from '@aws-sdk/client-lambda';
import type { Cloud, Input } from '../../cloud.ts';
import type { FunctionVersion } from '../state.ts';

type CreateMembers = keyof Input<'lambda', 'CreateEventSourceMapping'>;

/** What a request to make or change a mapping says. */
export type MappingInput = Omit<Input<'lambda', 'CreateEventSourceMapping'>, 'FunctionName'>;

export interface Source<Settings extends object = object> {
  /** As the service's name is in an ARN. */
  readonly service: string;
  /** As Lambda's messages call it. */
  readonly title: string;
  /** The members of a request that it carries out, besides those of every mapping. */
  readonly members: readonly CreateMembers[];
  /** What a request says, over what held before; throws where the result is not valid by itself. */
  read(arn: string, input: MappingInput, before: Settings | undefined): Settings;
  /** Throws unless the source is there, and fits the function and its role. */
  check(cloud: Cloud, arn: string, version: FunctionVersion): Promise<void>;
  describe(settings: Settings): Partial<EventSourceMappingConfiguration>;
  /** Reads and invokes until it is stopped. */
  poll(cloud: Cloud, polled: Polled<Settings>): Poller;
}

export interface Polled<Settings> {
  readonly arn: string;
  /** With the qualifier that is to be invoked. */
  readonly functionArn: string;
  readonly settings: Settings;
}

export interface Poller {
  /** Begins no further batch; resolves when those under way are done. */
  stop(): Promise<void>;
}
