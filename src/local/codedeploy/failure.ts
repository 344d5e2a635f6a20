// Why a deployment ends early, in CodeDeploy's words.
// https://docs.aws.amazon.com/codedeploy/latest/userguide/error-codes.html
import type { AutoRollbackEvent, ErrorCode } from '@aws-sdk/client-codedeploy';
import { AwsError } from '../cloud.ts';

export class Failure extends Error {
  readonly code: ErrorCode;
  readonly status: 'Failed' | 'Stopped';
  /** Which automatic rollback it sets off. */
  readonly event: AutoRollbackEvent;
  constructor(
    code: ErrorCode,
    message: string,
    status: 'Failed' | 'Stopped' = 'Failed',
    event: AutoRollbackEvent = 'DEPLOYMENT_FAILURE',
  ) {
    super(message);
    this.code = code;
    this.status = status;
    this.event = event;
  }
}

/** https://github.com/aws/serverless-application-model/issues/291 */
export function wrongAppSpec(why: string): Failure {
  return new Failure(
    'INVALID_LAMBDA_CONFIGURATION',
    `The deployment failed because the AppSpec file that specifies the AWS Lambda deployment configuration is missing or has an invalid configuration. ${why}`.trimEnd(),
  );
}

/** The same words for a failure that a hook reports, one that fails itself, and one that reports nothing within an hour. */
export function hookFailed(): Failure {
  return new Failure(
    'HOOK_EXECUTION_FAILURE',
    'The deployment failed because one or more of the lifecycle event validation functions failed.',
  );
}

export function alarmsActive(names: readonly string[]): Failure {
  return new Failure(
    'ALARM_ACTIVE',
    `One or more alarms have been activated according to the Amazon CloudWatch metrics you selected, and the affected deployments have been stopped. Activated alarms: ${names.map((name) => `<${name}>`).join(' ')}`,
    'Stopped',
    'DEPLOYMENT_STOP_ON_ALARM',
  );
}

export function stoppedByUser(): Failure {
  return new Failure('MANUAL_STOP', 'The deployment was stopped manually.', 'Stopped', 'DEPLOYMENT_STOP_ON_REQUEST');
}

/** What the failure of a call with the group's role means. https://github.com/aws/serverless-application-model/issues/219 */
export function failureOf(error: unknown, role: string, called: 'AWSLambda' | 'AmazonCloudWatch'): Failure {
  if (error instanceof Failure) return error;
  if (!(error instanceof AwsError)) return new Failure('INTERNAL_ERROR', `Fault in the fx local AWS: ${String(error)}`);
  if (error.code === 'AccessDeniedException') {
    return new Failure(
      'IAM_ROLE_PERMISSIONS',
      `The IAM role ${role} does not give you permission to perform operations in the following AWS service: ${called}. Contact your AWS administrator if you need help. If you are an AWS administrator, you can grant permissions to your users or groups by creating IAM policies.`,
    );
  }
  if (error.code === 'ResourceNotFoundException') return new Failure('INVALID_LAMBDA_FUNCTION', error.message);
  return wrongAppSpec(error.message);
}
