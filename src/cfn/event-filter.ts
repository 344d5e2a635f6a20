// The filters of an event source mapping: a pattern is compiled to a test of one record. fx checks them, the local AWS applies them.
// https://docs.aws.amazon.com/lambda/latest/dg/invocation-eventfiltering.html#filtering-syntax
import { compileEventPattern } from './event-pattern.ts';
import { filterDialect, PatternError } from './event-pattern-language.ts';

export type RecordTest = (record: unknown) => boolean;

const patternLength = 4096;

/** A record passes if it matches any pattern, or if there are none. */
export function compileFilters(patterns: readonly string[]): RecordTest {
  const tests = patterns.map(compilePattern);
  return (record) => tests.length === 0 || tests.some((test) => test(record));
}

/** A pattern that Lambda does not accept; the message says why. */
export class InvalidFilter extends Error {}

function compilePattern(text: string): RecordTest {
  if (text.length > patternLength) throw new InvalidFilter(`a filter has at most ${patternLength} characters`);
  try {
    return compileEventPattern(JSON.parse(text), filterDialect);
  } catch (error) {
    if (error instanceof SyntaxError) throw new InvalidFilter('a filter is JSON');
    if (error instanceof PatternError) throw new InvalidFilter(error.message);
    throw error;
  }
}
