// The errors of CloudFormation's API. Not all of its codes are modelled, so callers distinguish them by name.
import { AwsError } from '../cloud.ts';

/** Whatever is wrong with a request, a template or a stack's state: HTTP 400, code `ValidationError`. */
export function invalid(message: string): AwsError {
  return new AwsError('ValidationError', message);
}

/** The error for what AWS supports but the local AWS does not, with a message that can't be mistaken for AWS's. */
export function unsupported(what: string): AwsError {
  return invalid(`The fx local AWS does not support ${what}.`);
}
