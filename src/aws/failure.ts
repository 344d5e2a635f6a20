// AWS's errors in fx's words. Only here are they recognised, and by name.
import { FxError } from '../base/error.ts';

/** The name under which the SDK throws an error, such as `ResourceNotFoundException`. */
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

/** What one call is called in messages, such as `cloudformation:UpdateStack`. */
export function toFxError(error: unknown, call: string, endpoint: string | undefined): unknown {
  if (error instanceof FxError || !(error instanceof Error)) return error;
  const code = networkCode(error);
  if (code !== undefined) {
    const where = endpoint ?? `the endpoint of ${call.split(':')[0]}`;
    return new FxError('AWS_UNREACHABLE', `nothing answers at ${where} (${code} for ${call})`, {
      hint:
        endpoint === undefined
          ? 'check the network, the proxy and the region'
          : 'check AWS_ENDPOINT_URL, or start the local AWS with `fx local start`',
      cause: error,
    });
  }
  if (credentialErrors.has(error.name)) {
    return new FxError('AWS_CREDENTIALS', `AWS takes no credentials for ${call}: ${error.message}`, {
      hint: 'sign in (`aws sso login`), name a profile with --profile, or set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY',
      cause: error,
    });
  }
  if ('$metadata' in error) {
    return new FxError('AWS_REFUSED', `${call} was refused: ${error.name}: ${error.message}`, { cause: error });
  }
  return error;
}

function networkCode(error: Error): string | undefined {
  for (let current: unknown = error; current instanceof Error; current = current.cause) {
    const code = (current as NodeJS.ErrnoException).code;
    if (code !== undefined && unreachable.has(code)) return code;
    if (current instanceof AggregateError) {
      const inner = (current.errors as unknown[])
        .map((one) => (one as NodeJS.ErrnoException).code)
        .find((one) => one !== undefined && unreachable.has(one));
      if (inner !== undefined) return inner;
    }
  }
  return undefined;
}
