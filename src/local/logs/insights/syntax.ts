// The parts of a query of CloudWatch Logs Insights.
// https://docs.aws.amazon.com/AmazonCloudWatch/latest/logs/CWL_QuerySyntax.html
import { AwsError } from '../../cloud.ts';

export type Expression =
  | { readonly kind: 'field'; readonly name: string }
  | { readonly kind: 'value'; readonly value: string | number }
  /** `5m`, in milliseconds. */
  | { readonly kind: 'period'; readonly ms: number }
  | { readonly kind: 'not' | 'negative'; readonly of: Expression }
  | { readonly kind: 'binary'; readonly operator: string; readonly left: Expression; readonly right: Expression }
  | { readonly kind: 'matches'; readonly of: Expression; readonly pattern: RegExp }
  | { readonly kind: 'contains'; readonly of: Expression; readonly part: Expression }
  | { readonly kind: 'in'; readonly of: Expression; readonly among: readonly Expression[] }
  | { readonly kind: 'call'; readonly name: string; readonly args: readonly Expression[] };

/** An expression with the name of its column. */
export interface Column {
  readonly expression: Expression;
  readonly name: string;
}

export type Command =
  | { readonly kind: 'fields' | 'display'; readonly columns: readonly Column[] }
  | { readonly kind: 'filter'; readonly condition: Expression }
  | { readonly kind: 'stats'; readonly columns: readonly Column[]; readonly by: readonly Column[] }
  | { readonly kind: 'sort'; readonly keys: readonly { readonly by: Expression; readonly descending: boolean }[] }
  | { readonly kind: 'limit'; readonly count: number }
  | { readonly kind: 'dedup'; readonly names: readonly string[] }
  /** `names` are those of the pattern's groups, in order. */
  | { readonly kind: 'parse'; readonly of: Expression; readonly pattern: RegExp; readonly names: readonly string[] };

/** What AWS says of a query that it cannot read. */
export function malformed(message: string, [start, end]: readonly [number, number] = [0, 0]): AwsError {
  return new AwsError('MalformedQueryException', message, 400, {
    queryCompileError: { location: { startCharOffset: start, endCharOffset: end }, message },
  });
}
