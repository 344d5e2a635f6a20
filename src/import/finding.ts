// What an import reports: each part of the source that was carried over, changed, or not carried over.
import type { Span } from '../base/error.ts';

export type FindingKind = 'carried' | 'changed' | 'dropped';

export interface Finding {
  readonly kind: FindingKind;
  /** The part of the source, such as `functions.orders.timeout`. */
  readonly path: string;
  readonly at: Span;
  readonly message: string;
  /** What to do about it. */
  readonly remedy?: string;
}

/** Equal for a finding that several stages share. */
export function findingKey({ kind, path, message, at }: Finding): string {
  return `${kind} ${path} ${at.file}:${at.line}:${at.column} ${message}`;
}
