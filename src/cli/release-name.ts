// The words for a release: its number, a commit, or how long ago it was live.
import { FxError } from '../base/error.ts';
import type { ReleaseName } from '../release/target.ts';
import { pointInTime } from './values.ts';

export const releaseForms = 'a number, a commit, or a time such as 3h or 2026-11-23T10:00:00Z';

/** The current time is only known later: it is that of AWS. Throws USAGE. */
export function releaseName(text: string, name: string): (now: number) => ReleaseName {
  if (/^[1-9]\d{0,6}$/.test(text)) return () => ({ kind: 'number', number: Number(text) });
  if (/^\d+[smhd]$/.test(text) || /^\d{4}-\d{2}-\d{2}/.test(text)) {
    const time = pointInTime(text, name);
    return (now) => ({ kind: 'time', time: time(now) });
  }
  if (/^[0-9a-f]{4,40}$/i.test(text)) return () => ({ kind: 'commit', commit: text.slice(0, 10).toLowerCase() });
  throw new FxError('USAGE', `${name} takes ${releaseForms}, not ${JSON.stringify(text)}`);
}
