// The report of fx import: what is not carried over, what changed, and how much is as it was.
import type { MeaningDifference } from '../../import/against/compare.ts';
import type { Finding } from '../../import/finding.ts';
import { wrapped } from '../help.ts';
import type { Style } from './style.ts';

const titles = { dropped: 'Not carried over', changed: 'Changed' } as const;
const mostPlaces = 4;

export interface ReportOptions {
  readonly styles: Style;
  readonly columns: number;
}

export function importReport(findings: readonly Finding[], { styles, columns }: ReportOptions): string {
  const width = Math.max(40, Math.min(columns, 100));
  const sections = (['dropped', 'changed'] as const).flatMap((kind) => {
    const groups = grouped(findings.filter((finding) => finding.kind === kind));
    if (groups.length === 0) return [];
    const sign = kind === 'dropped' ? styles.red('✗') : styles.yellow('~');
    const lines = groups.flatMap((group) => groupLines(group, { sign, styles, width }));
    return [styles.bold(titles[kind]), ...lines, ''];
  });
  const carried = findings.filter(({ kind }) => kind === 'carried').length;
  const as = carried === 1 ? 'as it was' : 'as they were';
  return [...sections, `${styles.green('✓')} ${carried} carried over ${as}`].join('\n');
}

/** Findings that say the same. */
function grouped(findings: readonly Finding[]): readonly (readonly Finding[])[] {
  const groups = new Map<string, Finding[]>();
  for (const finding of findings) {
    const key = `${finding.message}\0${finding.remedy ?? ''}`;
    groups.set(key, [...(groups.get(key) ?? []), finding]);
  }
  return [...groups.values()];
}

function groupLines(
  group: readonly Finding[],
  { sign, styles, width }: { readonly sign: string; readonly styles: Style; readonly width: number },
): readonly string[] {
  const [first] = group;
  if (first === undefined) return [];
  const shown = group.slice(0, mostPlaces).map(({ path, at }) => `${at.file}:${at.line}:${at.column} ${path}`);
  const more = group.length - shown.length;
  return [
    ...indented(first.message, width, `${sign} `, '  '),
    ...shown.flatMap((place) => indented(place, width, '    ', '      ').map((line) => styles.dim(line))),
    ...(more > 0 ? [styles.dim(`    and ${more} more`)] : []),
    ...(first.remedy === undefined ? [] : indented(first.remedy, width, '  → ', '    ')),
  ];
}

/** Wrapped, with what the first line and the others begin with. */
function indented(text: string, width: number, first: string, next: string): readonly string[] {
  const lines = wrapped(text.replace(/\s+/g, ' '), width - next.length - 2);
  return lines.map((line, index) => `${index === 0 ? first : next}${line}`);
}

/** The differences of two templates, by function and resource. */
export function differenceReport(differences: readonly MeaningDifference[], styles: Style): string {
  if (differences.length === 0)
    return `${styles.green('✓')} fx would deploy the same: functions, rights, triggers and resources agree`;
  const byOwner = new Map<string, MeaningDifference[]>();
  for (const difference of differences) byOwner.set(difference.of, [...(byOwner.get(difference.of) ?? []), difference]);
  const lines = [...byOwner].flatMap(([owner, all]) => [
    styles.bold(owner),
    ...all.flatMap(({ what, theirs, ours, expected }) => [
      `  ${what}${expected ? styles.dim(' (the import reports it)') : ''}`,
      ...(theirs === undefined || theirs === '' ? [] : [styles.red(`    - ${theirs}`)]),
      ...(ours === undefined || ours === '' ? [] : [styles.green(`    + ${ours}`)]),
    ]),
  ]);
  const open = differences.filter(({ expected }) => !expected).length;
  return [
    ...lines,
    '',
    open === 0 ? 'Otherwise, fx would deploy the same.' : `${open} ${open === 1 ? 'difference' : 'differences'}`,
  ].join('\n');
}
