// Filter patterns as CloudWatch Logs takes them, with its error.
import { compileLogFilter, LogFilterError, type Matches } from '../../cfn/log-filter.ts';
import { AwsError } from '../cloud.ts';

export type { Matches };

/** Throws InvalidParameterException if the pattern is malformed. */
export function compileFilterPattern(pattern: string): Matches {
  try {
    return compileLogFilter(pattern);
  } catch (error) {
    if (!(error instanceof LogFilterError)) throw error;
    throw new AwsError('InvalidParameterException', error.message);
  }
}
