// The filters of a mapping, checked with Lambda's error.
import { compileFilters, InvalidFilter } from '../../../cfn/event-filter.ts';
import { AwsError } from '../../cloud.ts';

export function checkFilters(patterns: readonly string[]): void {
  try {
    compileFilters(patterns);
  } catch (error) {
    if (!(error instanceof InvalidFilter)) throw error;
    throw new AwsError('InvalidParameterValueException', 'Invalid filter pattern definition.', 400, { Type: 'User' });
  }
}
