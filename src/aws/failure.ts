// Converts AWS's errors to fx's. This is the only place that recognizes them, by name or status.
import { FxError } from '../base/error.ts';

/** The SDK's name of an error, such as `ResourceNotFoundException`. */
export function errorName(error: unknown): string {
  return error instanceof Error ? error.name : '';
}

const unreachable = new Set([
  'ECONNREFUSED',
  'ENOTFOUND',
  'EAI_AGAIN',
  'EHOSTUNREACH',
  'ENETUNREACH',
  'ETIMEDOUT',
  'ECONNRESET',
]);
const credentialErrors = new Set([
  'CredentialsProviderError',
  'ExpiredToken',
  'ExpiredTokenException',
  'InvalidClientTokenId',
  'UnrecognizedClientException',
  'TokenProviderError',
]);

/** The name of a call in messages, such as `cloudformation:UpdateStack`. */
export function toFxError(error: unknown, call: string, endpoint: string | undefined): unknown {
  if (error instanceof FxError || !(error instanceof Error)) return error;
  const code = networkCode(error);
  if (code !== undefined) {
    const where = endpoint ?? `the endpoint of ${call.split(':')[0]}`;
    return new FxError('AWS_UNREACHABLE', `no answer from ${where} (${code}, ${call})`, {
      hint:
        endpoint === undefined
          ? 'check the network, the proxy and the region'
          : 'check AWS_ENDPOINT_URL, or start the local AWS with `fx local start`',
      cause: error,
    });
  }
  if (credentialErrors.has(error.name)) {
    return new FxError('AWS_CREDENTIALS', `AWS does not accept the credentials for ${call}: ${error.message}`, {
      hint: /multi-factor/.test(error.message)
        ? 'run fx at a terminal, where it asks for the code, or put the credentials of a session into the environment'
        : 'sign in (`aws sso login`, `aws login`), name a profile with --profile, or set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY',
      cause: error,
    });
  }
  if (!('$metadata' in error)) return error;
  const { httpStatusCode: status } = error.$metadata as { readonly httpStatusCode?: number };
  // an answer without a body, as to HEAD, has no name or message: only the status identifies it
  if (/^(Unknown|UnknownError|Forbidden|BadRequest|[345]\d\d)?$/.test(error.name) && status !== undefined) {
    return fromStatus(status, call, error);
  }
  const isTheirs = status !== undefined && (status >= 500 || status === 429);
  const isThrottled = throttled.has(error.name) || status === 429;
  const hint = accessDenied.has(error.name)
    ? { hint: rightHint(call) }
    : isThrottled
      ? { hint: later }
      : isTheirs
        ? { hint: again }
        : {};
  return new FxError('AWS_REFUSED', `${call} was refused: ${error.name}: ${error.message}`, { ...hint, cause: error });
}

const again = 'the fault is on the side of AWS: run the same command again';

const later = 'AWS refused this call for minutes because the account makes too many: run the same command again later';

const throttled = new Set(['Throttling', 'ThrottlingException', 'ThrottledException', 'RequestLimitExceeded']);

const accessDenied = new Set(['AccessDenied', 'AccessDeniedException', 'UnauthorizedOperation']);

function fromStatus(status: number, call: string, cause: Error): FxError {
  switch (status) {
    case 403:
      return new FxError('AWS_REFUSED', `${call} was refused: access denied (403)`, { hint: rightHint(call), cause });
    case 400:
      return new FxError('AWS_CREDENTIALS', `${call} was refused (400): the credentials may have expired`, {
        hint: 'sign in again (`aws sso login`), or renew AWS_SESSION_TOKEN',
        cause,
      });
    case 301:
      return new FxError('AWS_REFUSED', `${call} was refused: the bucket is in another region (301)`, { cause });
    default:
      if (status >= 500)
        return new FxError('AWS_REFUSED', `${call} failed with status ${status}`, { hint: again, cause });
      return new FxError('AWS_REFUSED', `${call} was refused with status ${status}`, { cause });
  }
}

/** The action that an operation of S3 needs, if its name differs. S3 answers 403 for a missing object to callers who may not list the
 * bucket. https://docs.aws.amazon.com/AmazonS3/latest/API/API_HeadObject.html */
const neededFor: Readonly<Record<string, string>> = {
  's3:HeadObject':
    's3:GetObject on its objects, and s3:ListBucket on the bucket, without which S3 answers 403 for what does not exist',
  's3:ListObjectsV2': 's3:ListBucket on the bucket',
  's3:DeleteObjects': 's3:DeleteObject on its objects',
};

function rightHint(call: string): string {
  return `the credentials need ${neededFor[call] ?? call}`;
}

function networkCode(error: Error): string | undefined {
  for (let current: unknown = error; current instanceof Error; current = current.cause) {
    const code = (current as NodeJS.ErrnoException).code;
    if (code !== undefined && unreachable.has(code)) return code;
    if (current instanceof AggregateError) {
      const inner = (current.errors as unknown[])
        .map((attempt) => (attempt as NodeJS.ErrnoException).code)
        .find((errorCode) => errorCode !== undefined && unreachable.has(errorCode));
      if (inner !== undefined) return inner;
    }
  }
  return undefined;
}
