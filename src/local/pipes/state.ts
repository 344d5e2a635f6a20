// The records of EventBridge Pipes.
import type { CreatePipeRequest } from '@aws-sdk/client-pipes';
import { AwsError, type Cloud } from '../cloud.ts';
import type { Collection } from '../store.ts';

export type PipeState = 'RUNNING' | 'STOPPED' | 'CREATING' | 'UPDATING' | 'STARTING' | 'STOPPING' | 'CREATE_FAILED';

export interface Pipe {
  readonly name: string;
  readonly created: number;
  readonly modified: number;
  readonly desired: 'RUNNING' | 'STOPPED';
  readonly state: PipeState;
  readonly reason?: string;
  readonly settings: Omit<CreatePipeRequest, 'Name' | 'Tags' | 'DesiredState'>;
  readonly tags: Readonly<Record<string, string>>;
}

export interface PipesContext {
  readonly cloud: Cloud;
  readonly pipes: Collection<Pipe>;
}

export function pipeArn({ region, accountId }: Cloud, name: string): string {
  return `arn:aws:pipes:${region}:${accountId}:pipe/${name}`;
}

export function findPipe({ pipes }: PipesContext, name = ''): Pipe {
  const pipe = pipes.get(name);
  if (pipe === undefined) throw new AwsError('NotFoundException', `Pipe ${name} does not exist.`, 404);
  return pipe;
}

export function invalid(message: string): AwsError {
  return new AwsError('ValidationException', message);
}
