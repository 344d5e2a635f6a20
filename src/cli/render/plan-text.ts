// A plan, or the difference of two releases, for a terminal or a pipe.

import { valueText } from '../../cfn/value-text.ts';
import type { ChangeSetView } from '../../operate/change-set.ts';
import type { CodeChange } from '../../operate/code-difference.ts';
import type { Plan } from '../../operate/plan.ts';
import type { PlannedChange } from '../../operate/planned.ts';
import {
  codeText,
  driftText,
  type Group,
  groups,
  notesOf,
  permissionText,
  placeText,
  type Shown,
  signs,
  sizesText,
  summaryText,
} from './plan-groups.ts';
import { aliasText, unfinishedText } from './release-text.ts';
import type { Style } from './style.ts';

/** A line of text with the place at its end. */
interface Line {
  readonly text: string;
  readonly place?: string;
  /** How it is shown, once it has its width. */
  readonly paint?: (text: string) => string;
}

const mostFiles = 20;

export function planText(plan: Plan, styles: Style): string {
  const { dim } = styles;
  const shares = Object.entries(plan.budget.byFunction).map(([name, count]) => `${name} ${count}`);
  const budget = dim(`${plan.budget.total} resources of 500 (${shares.join(', ')})`);
  const unfinished = plan.unfinished.map(unfinishedText);
  if (plan.empty && plan.changeSet === undefined) return [...unfinished, 'Nothing to change.', budget].join('\n');
  const isOnlyOther = plan.changes.length === 0 && plan.movedAliases.length === 0;
  return [
    unfinished.join('\n'),
    plan.move === 'replace'
      ? `${plan.stackName} is in ${plan.status} and was never created successfully: it will be recreated`
      : '',
    lossText(plan, styles),
    differenceText(plan, styles),
    aliasesText(plan, styles),
    plan.empty ? 'Nothing to change.' : isOnlyOther ? onlyText(plan) : plan.siteChanges ? siteText : '',
    plan.changeSet === undefined ? '' : changeSetText(plan, plan.changeSet, styles),
    `${summaryText(plan)}. ${budget}`,
  ]
    .filter((section) => section !== '')
    .join('\n\n');
}

const siteText = 'The files of the site change.';
const onlyText = ({ siteChanges }: Plan): string =>
  siteChanges === true ? siteText : 'Only tags, parameters or settings of the stack change.';

/** What is dangerous first, then the changes by owner. */
export function differenceText(shown: Shown, styles: Style): string {
  const { red, yellow, green, bold } = styles;
  const flagged = (
    title: string,
    sign: string,
    items: readonly { readonly logicalId: string; readonly text: string; readonly place: string }[],
    paint: (text: string) => string,
  ) =>
    section(
      bold(paint(title)),
      items.map(({ logicalId, text, place }) => ({ text: `  ${sign} ${logicalId}  ${text}`, place, paint })),
      styles,
    );
  const facts = (items: Shown['opened']) =>
    items.map((item) => ({ logicalId: item.logicalId, text: item.what, place: placeText(item) }));
  const permissions = (items: Shown['widened']) =>
    items.map((item) => ({ logicalId: item.logicalId, text: permissionText(item), place: placeText(item) }));
  return [
    trapsText(shown, styles),
    flagged('Public', '!', facts(shown.opened), red),
    flagged('No longer public', ' ', facts(shown.closed), green),
    flagged('Permissions widened', '!', permissions(shown.widened), yellow),
    flagged('Permissions narrowed', ' ', permissions(shown.narrowed), green),
    ...groups(shown).map((group) => groupText(group, styles)),
  ]
    .filter((part) => part !== '')
    .join('\n\n');
}

function lossText({ losses, refused }: Plan, styles: Style): string {
  const { red, bold } = styles;
  const lines = losses.flatMap((change): Line[] => [
    {
      text: `  ${signs[change.action]} ${change.logicalId}  ${change.type}  its data will be deleted`,
      place: placeText(change),
      paint: red,
    },
    ...(refused.includes(change.logicalId)
      ? [{ text: `      fx deploy refuses this without --allow-replace ${change.logicalId}` }]
      : []),
  ]);
  return section(bold(red('Data loss')), lines, styles);
}

function trapsText({ traps }: Shown, styles: Style): string {
  const { red, yellow, bold } = styles;
  const lines = traps.flatMap((trap): Line[] => [
    {
      text: `  ${trap.severity} ${trap.message}`,
      place: placeText(trap),
      paint: trap.severity === 'error' ? red : yellow,
    },
    { text: `      → ${trap.hint}` },
  ]);
  return section(bold(red('CloudFormation will refuse')), lines, styles);
}

function groupText({ title, changes, code }: Group, styles: Style): string {
  const lines = [...code.flatMap(codeLines), ...changes.flatMap((change) => changeLines(change, styles))];
  return section(styles.bold(title), lines, styles);
}

function codeLines(change: CodeChange): readonly Line[] {
  const { files = [] } = change;
  const isAdded = change.before === undefined;
  const sign = isAdded ? '+' : change.after === undefined ? '-' : '~';
  const rows = files.map((file) => ({ text: `      ${signs[file.action]} ${file.path}  ${sizesText(file)}` }));
  const more = rows.length - mostFiles;
  return [
    { text: `  ${sign} code  ${codeText(change)}` },
    ...rows.slice(0, mostFiles),
    ...(more > 0 ? [{ text: `      and ${more} more` }] : []),
  ];
}

function changeLines(change: PlannedChange, { green, yellow, red }: Style): readonly Line[] {
  const colour = { add: green, modify: yellow, replace: red, remove: red }[change.action];
  const notes = notesOf(change);
  const about = notes.length === 0 ? '' : `  ${notes.join('; ')}`;
  return [
    {
      text: `  ${signs[change.action]} ${change.logicalId}  ${change.type}${about}`,
      place: placeText(change),
      paint: colour,
    },
    ...change.details.map((detail): Line => {
      const name = detail.path.slice(detail.path[0] === 'Properties' ? 1 : 0).join('.');
      const replaces =
        detail.replaces === 'yes' ? ' (replaces it)' : detail.replaces === 'maybe' ? ' (may replace it)' : '';
      const place = placeText(detail);
      return {
        text: `      ${name}  ${detailText(detail)}${replaces}`,
        ...(place === placeText(change) ? {} : { place }),
      };
    }),
  ];
}

/** `512 → 1024`; `unset → 30`; `as Queue is replaced`. */
export function detailText(detail: PlannedChange['details'][number]): string {
  if (detail.because !== undefined) return `other value, since ${detail.because} is replaced`;
  // the sections of permissions have it in words
  if (detail.path.includes('Statement')) return 'see the permissions';
  const [before, after] = [sideText(detail, 'before'), sideText(detail, 'after')];
  // the beginning of two long values may be the same
  return before === after ? `${before} → another value` : `${before} → ${after}`;
}

function sideText(detail: PlannedChange['details'][number], side: 'before' | 'after'): string {
  return side in detail ? valueText(detail[side]) || '""' : 'unset';
}

function aliasesText({ movedAliases }: Plan, { bold, yellow }: Style): string {
  if (movedAliases.length === 0) return '';
  const moved = movedAliases.map((alias) => `  ${yellow(`~ ${alias.name}`)} ${aliasText(alias)}`);
  return `${bold('Aliases')}\n${moved.join('\n')}`;
}

/** CloudFormation's view beside ours: what it says more, and where the two differ. */
function changeSetText({ changes }: Plan, view: ChangeSetView, styles: Style): string {
  const { bold, yellow, dim } = styles;
  const ours = new Map(changes.map((change) => [change.logicalId, change]));
  const theirs = new Set(view.changes.map(({ logicalId }) => logicalId));
  const lines = view.changes.flatMap((change): Line[] => {
    const { action, logicalId, type, replacement, details } = change;
    const drift = driftText(change);
    const drifted = drift === '' ? '' : `  drift: ${drift}`;
    const replaced = replacement === undefined ? '' : `  replacement: ${replacement}`;
    const only = ours.has(logicalId) ? '' : '  not in the difference of the templates';
    return [
      {
        text: `  ${action} ${logicalId}  ${type}${replaced}${drifted}${only}`,
        ...(only === '' && drifted === '' ? {} : { paint: yellow }),
      },
      ...details.flatMap((detail): Line[] => {
        if (detail.drift === undefined) return [];
        const { previous, actual } = detail.drift;
        const values = `deployed ${valueText(previous ?? 'unset')}, now ${valueText(actual ?? 'unset')}`;
        return [{ text: `      ${detail.path.slice(1).replaceAll('/', '.')}  ${values}` }];
      }),
    ];
  });
  const missing = changes.filter(({ logicalId }) => !theirs.has(logicalId));
  const title = view.drift ? 'CloudFormation, compared with what is there' : 'CloudFormation';
  return [
    section(bold(title), lines.length === 0 ? [{ text: '  no changes' }] : lines, styles),
    ...missing.map(({ logicalId }) => dim(`  it does not change ${logicalId}`)),
  ].join('\n');
}

const widestText = 100;

/** The places of a section are below one another. '' without lines. */
function section(title: string, written: readonly Line[], { dim }: Style): string {
  if (written.length === 0) return '';
  // no name of a file or value of a template may move the cursor
  const lines = written.map((line) => ({ ...line, text: line.text.replace(/[\p{Cc}\p{Cf}]+/gu, ' ') }));
  const widths = lines.filter(({ place }) => place).map(({ text }) => text.length);
  const width = Math.min(widestText, Math.max(0, ...widths));
  const rows = lines.map(({ text, place, paint = (same) => same }) =>
    place ? `${paint(text)}${' '.repeat(Math.max(0, width - text.length))}  ${dim(place)}` : paint(text),
  );
  return [title, ...rows].join('\n');
}
