// The statements of Lambda's resource policies: how one is added, removed and written out.
import { AwsError } from '../cloud.ts';

/** https://docs.aws.amazon.com/lambda/latest/dg/gettingstarted-limits.html */
const policyBytes = 20_480;

interface Identified {
  readonly Sid: string;
}

export function policyText(statements: readonly Identified[]): string {
  return JSON.stringify({ Version: '2012-10-17', Id: 'default', Statement: statements });
}

export function addStatement<S extends Identified>(statements: readonly S[], statement: S): readonly S[] {
  if (statements.some(({ Sid }) => Sid === statement.Sid)) {
    throw new AwsError(
      'ResourceConflictException',
      `The statement id (${statement.Sid}) provided already exists. Please provide a new statement id, or remove the existing statement.`,
      409,
      { Type: 'User' },
    );
  }
  const extended = [...statements, statement];
  const size = Buffer.byteLength(policyText(extended));
  if (size > policyBytes) {
    const message = `The final policy size (${size}) is bigger than the limit (${policyBytes}).`;
    throw new AwsError('PolicyLengthExceededException', message, 400, { Type: 'User' });
  }
  return extended;
}

export function removeStatement<S extends Identified>(statements: readonly S[], id: string | undefined): readonly S[] {
  if (!statements.some(({ Sid }) => Sid === id)) throw notFound(`Statement ${id} is not found in resource policy.`);
  return statements.filter(({ Sid }) => Sid !== id);
}

export function noPolicy(): AwsError {
  return notFound('No policy is associated with the given resource.');
}

function notFound(message: string): AwsError {
  return new AwsError('ResourceNotFoundException', message, 404, { Type: 'User' });
}
