// Event patterns in project.yml: a wrong part is reported at its own line.
import { type Plain, placeOf, toPlain } from '../base/located.ts';
import type { Schema } from '../base/schema.ts';
import { compileEventPattern } from '../cfn/event-pattern.ts';
import { type Dialect, PatternError } from '../cfn/event-pattern-language.ts';
import { isIntrinsic } from '../cfn/resource-schema.ts';

/** A pattern of a dialect; CloudFormation may fill in texts of it. */
export function eventPattern(dialect: Dialect, longest: number): Schema<Plain> {
  return {
    expected: 'an event pattern',
    json: { type: 'object', minProperties: 1 },
    read(value, reading) {
      const pattern = toPlain(value);
      try {
        compileEventPattern(withoutIntrinsics(pattern), dialect);
      } catch (error) {
        if (!(error instanceof PatternError)) throw error;
        const at = error.path.length === 0 ? value.at : placeOf(value, error.path);
        reading.problem(at, `this event pattern is not valid: ${error.message}`, hintFor(error.message));
        return undefined;
      }
      const { length } = JSON.stringify(pattern);
      if (length > longest) {
        reading.problem(value.at, `this event pattern has ${length} characters; AWS takes at most ${longest}`);
        return undefined;
      }
      return pattern;
    },
  };
}

/** What CloudFormation fills in is a text, which no check needs to know. */
function withoutIntrinsics(value: Plain): Plain {
  if (Array.isArray(value)) return value.map(withoutIntrinsics);
  if (typeof value !== 'object' || value === null) return value;
  if (isIntrinsic(value)) return 'filled in by CloudFormation';
  return Object.fromEntries(Object.entries(value).map(([key, inner]) => [key, withoutIntrinsics(inner)]));
}

function hintFor(reason: string): string | undefined {
  if (reason.endsWith('must be an object or an array')) return 'write the values as a list, such as [order]';
  if (reason.startsWith('Unrecognized match type')) {
    return 'the operators are in https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-create-pattern-operators.html';
  }
  return undefined;
}
