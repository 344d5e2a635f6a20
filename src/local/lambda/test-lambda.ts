// For tests: a local AWS for the tests of one file, with a role for the functions that they create.
import { afterAll } from 'vitest';
import type { AdjustableClock } from '../clock.ts';
import type { Cloud, Input, OperationName, Output } from '../cloud.ts';
import { startTestAws, testClock } from '../fixture.ts';
import type { LocalAws } from '../host.ts';
import { createRole, waitUntilReady, zipOf } from './fixture.ts';

export interface TestLambda {
  readonly aws: LocalAws;
  readonly cloud: Cloud;
  readonly clock: AdjustableClock;
  /** The ARN of a role that Lambda may assume. */
  readonly Role: string;
  call<O extends OperationName<'lambda'>>(operation: O, input: Input<'lambda', O>): Promise<Output<'lambda', O>>;
}

/** Ends after the last test of the file. The role has that statement in its policy. */
export async function startTestLambda(statement?: object): Promise<TestLambda> {
  const clock = testClock();
  const aws = await startTestAws({ clock });
  afterAll(() => aws.stop());
  const cloud = await aws.cloud();
  return {
    aws,
    cloud,
    clock,
    Role: await createRole(cloud, statement),
    call: (operation, input) => cloud.call('lambda', operation, input),
  };
}

/** The source of a handler that returns that value. */
export function answering(value: unknown): string {
  return `export const handler = async () => ${JSON.stringify(value)};`;
}

/** Gives the function a handler that returns that value, and waits until the update is over. */
export async function updateAnswer({ cloud, call }: TestLambda, FunctionName: string, value: unknown) {
  const ZipFile = zipOf({ 'index.mjs': answering(value) });
  const updated = await call('UpdateFunctionCode', { FunctionName, ZipFile });
  await waitUntilReady(cloud, FunctionName);
  return updated;
}

export async function publishVersion({ call }: TestLambda, FunctionName: string): Promise<string | undefined> {
  return (await call('PublishVersion', { FunctionName })).Version;
}
