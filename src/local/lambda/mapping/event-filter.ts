// The filters of an event source mapping: a pattern is compiled to a test of one record.
// https://docs.aws.amazon.com/lambda/latest/dg/invocation-eventfiltering.html#filtering-syntax
import { compileEventPattern } from '../../../cfn/event-pattern.ts';
import { filterDialect, PatternError } from '../../../cfn/event-pattern-language.ts';
import { AwsError } from '../../cloud.ts';

export type RecordTest = (record: unknown) => boolean;

const patternLength = 4096;

/** A record passes if it matches any pattern, or if there are none. */
export function compileFilters(patterns: readonly string[]): RecordTest {
  const tests = patterns.map(compilePattern);
  return (record) => tests.length === 0 || tests.some((test) => test(record));
}

function compilePattern(text: string): RecordTest {
  try {
    if (text.length <= patternLength) return compileEventPattern(JSON.parse(text), filterDialect);
  } catch (error) {
    if (!(error instanceof SyntaxError || error instanceof PatternError)) throw error;
  }
  throw new AwsError('InvalidParameterValueException', 'Invalid filter pattern definition.', 400, { Type: 'User' });
}
