// Why a resource failed, in the words of CloudFormation's events.
import { randomUUID } from 'node:crypto';
import { AwsError } from '../cloud.ts';
import { HandlerError, type HandlerErrorCode } from './resources/provider.ts';

/** A failure whose text is reported unchanged: CloudFormation's own, not a handler's. */
export class EngineError extends Error {}

/**
 * The reason of a `…_FAILED` event for an error that a provider threw, as in
 * https://github.com/awslabs/genai-bedrock-agent-chatbot/issues/4 and https://github.com/serverless/serverless/issues/3168
 */
export function failureReason(error: unknown, service: string): string {
  if (error instanceof EngineError) return error.message;
  if (error instanceof HandlerError) return handlerReason(error.message, error.code);
  if (error instanceof AwsError) {
    // What the local AWS lacks must not look like AWS's answer.
    if (error.status === 501) return error.message;
    const detail = `(Service: ${service}, Status Code: ${error.status}, Request ID: ${randomUUID()}) (SDK Attempt Count: 1)`;
    return handlerReason(`${error.message} ${detail}`, handlerErrorCode(error));
  }
  const detail = error instanceof Error ? (error.stack ?? error.message) : String(error);
  return `Internal Failure (fault in the fx local AWS: ${detail})`;
}

function handlerReason(message: string, code: HandlerErrorCode): string {
  return `Resource handler returned message: "${message}" (RequestToken: ${randomUUID()}, HandlerErrorCode: ${code})`;
}

const codes: readonly (readonly [RegExp, HandlerErrorCode])[] = [
  [/AlreadyExists|AlreadyOwned|NameExists|BucketAlready/, 'AlreadyExists'],
  [/NotFound|NoSuch|NonExistent|DoesNotExist/, 'NotFound'],
  [/Conflict|BucketNotEmpty|InUse/, 'ResourceConflict'],
  [/Throttl|TooManyRequests/, 'Throttling'],
  [/AccessDenied|Forbidden|Unauthorized/, 'AccessDenied'],
  [/LimitExceeded|QuotaExceeded|CodeStorageExceeded/, 'ServiceLimitExceeded'],
  [/Invalid|Validation|Malformed|BadRequest|Unsupported|Missing/, 'InvalidRequest'],
];

export function handlerErrorCode(error: AwsError): HandlerErrorCode {
  const code = codes.find(([pattern]) => pattern.test(error.code))?.[1];
  if (code !== undefined) return code;
  return error.status === 404 ? 'NotFound' : 'GeneralServiceException';
}

export function isNotFound(error: unknown): boolean {
  if (error instanceof HandlerError) return error.code === 'NotFound';
  return error instanceof AwsError && handlerErrorCode(error) === 'NotFound';
}

type Verb = 'create' | 'update' | 'delete';

/** `The following resource(s) failed to create: [A, B]. `, with AWS's trailing space, for each verb with failed resources. */
export function failedResources(failed: Partial<Record<Verb, readonly string[]>>): string {
  return (['create', 'update', 'delete'] as const)
    .flatMap((verb) => {
      const ids = failed[verb] ?? [];
      return ids.length === 0 ? [] : [`The following resource(s) failed to ${verb}: [${ids.join(', ')}]. `];
    })
    .join('');
}
