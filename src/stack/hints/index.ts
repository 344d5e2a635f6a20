// What to do about the commonest failures of a change, by the reason that CloudFormation gives. The reasons are recorded ones: each row
// names where one was seen, and index.test.ts has its text.
import { accessHints } from './access.ts';
import { functionHints } from './functions.ts';
import { resourceHints } from './resources.ts';
import type { HintRow } from './row.ts';

/** The first row that matches decides, so the narrow ones come first. */
export const hintTable = { ...accessHints, ...functionHints, ...resourceHints };

export type HintName = keyof typeof hintTable;

/** The name of the row for a failed resource, and what to do. */
export function findHint(failed: {
  readonly type: string;
  readonly reason: string;
}): { readonly name: HintName; readonly hint: string } | undefined {
  for (const [name, row] of Object.entries(hintTable) as [HintName, HintRow][]) {
    if (row.type !== undefined && !row.type.test(failed.type)) continue;
    const found = row.reason.exec(failed.reason);
    if (found !== null) return { name, hint: row.hint.replace(/\$(\d)/g, (_, index) => found[Number(index)] ?? '') };
  }
  return undefined;
}
