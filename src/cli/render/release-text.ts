// Releases, unfinished changes and aliases as text, for every command that shows them.
import type { LiveAlias } from '../../operate/aliases.ts';
import type { Change } from '../../release/record.ts';

/** `rollback to 1`. */
export function originText({ origin }: Pick<Change, 'origin'>): string {
  switch (origin.kind) {
    case 'deploy':
      return 'deploy';
    case 'rollback': {
      const what = origin.functions === undefined ? '' : ` of ${origin.functions.join(', ')}`;
      return `${origin.trafficOnly === true ? 'traffic rollback' : 'rollback'}${what} to ${origin.of}`;
    }
    case 'code':
      return `code of ${origin.functions.join(', ')}`;
    case 'promotion':
      return `promotion of ${origin.from.environment} ${origin.from.number}`;
  }
}

/** What to do about an unfinished change. */
export function unfinishedText(change: Pick<Change, 'number' | 'origin'>): string {
  const next =
    change.origin.kind === 'rollback'
      ? 'fx rollback finishes it'
      : 'the next fx deploy or fx rollback records how it ended';
  return `Change ${change.number} (${originText(change)}) is in progress or was interrupted: ${next}.`;
}

/** The current version of a live alias, and the expected one. */
export function aliasText({ version, expected, weights }: Pick<LiveAlias, 'version' | 'expected' | 'weights'>): string {
  const shares = Object.entries(weights).map(([other, weight]) => `${Math.round(weight * 100)} % of calls on ${other}`);
  const now = [`is on version ${version ?? 'none'}`, ...shares].join(', ');
  return `${now}; a deploy moves all calls to ${expected}`;
}

/** The name at the end of an ARN. */
export const shortName = (arn: string): string => arn.split(/[:/]/).at(-1) ?? arn;

/** `2026-11-26 08:00:14`. */
export const timeText = (iso: string): string => iso.replace('T', ' ').slice(0, 19);
