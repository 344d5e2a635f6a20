// Rules for every change of a function: its timestamp, and when it is refused.
import { AwsError } from '../cloud.ts';
import type { LambdaContext } from './context.ts';
import { functionArn } from './names.ts';
import type { FunctionVersion, LambdaFunction } from './state.ts';

/** As Lambda writes `LastModified`. */
export function timestamp(now: number): string {
  return new Date(now).toISOString().replace('Z', '+0000');
}

/** Nothing about a function can be changed or published before the last change has settled. */
export function refuseBusy({ cloud }: LambdaContext, { name, latest }: LambdaFunction): void {
  refusePending(latest);
  if (latest.progress === 'ready') return;
  const arn = functionArn(cloud, { name, qualifier: '' });
  const message = `The operation cannot be performed at this time. An update is in progress for resource: ${arn}`;
  throw new AwsError('ResourceConflictException', message, 409, { Type: 'User' });
}

/** `source` is the operation that AWS points to for the current revision. */
export function checkRevision(
  revisionId: string | undefined,
  current: string | undefined,
  source = 'GetFunction/GetAlias',
): void {
  if (revisionId === undefined || revisionId === current) return;
  throw new AwsError(
    'PreconditionFailedException',
    `The Revision Id provided does not match the latest Revision Id. Call the ${source} API to retrieve the latest Revision Id`,
    412,
    { Type: 'User' },
  );
}

/** A function that is still being created can't be invoked. */
export function refusePending({ progress }: FunctionVersion): void {
  if (progress !== 'creating') return;
  const message =
    'The operation cannot be performed at this time. The function is currently in the following state: Pending';
  throw new AwsError('ResourceConflictException', message, 409, { Type: 'User' });
}
