// A plan for a comment on a pull request: what is dangerous on top, the details folded.
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
  signs,
  sizesText,
  summaryText,
} from './plan-groups.ts';
import { detailText } from './plan-text.ts';
import { aliasText, unfinishedText } from './release-text.ts';

/** GitHub cuts a comment at 65,536 characters: the details go first.
 * https://github.com/orgs/community/discussions/27190 */
const longest = 60_000;

export function planMarkdown(plan: Plan): string {
  const title = `### fx plan: \`${plan.project}\` in \`${plan.environment}\`, ${plan.region}`;
  const notes = plan.unfinished.map((change) => `> ${unfinishedText(change)}`);
  if (plan.empty && plan.changeSet === undefined) return [title, ...notes, 'Nothing to change.'].join('\n\n');
  const head = [
    title,
    `**${summaryText(plan)}.** ${plan.budget.total} resources of 500.`,
    ...notes,
    list(
      '🛑 Data loss',
      plan.losses.map((change) => {
        const refused = plan.refused.includes(change.logicalId)
          ? `; \`fx deploy\` refuses this without \`--allow-replace ${change.logicalId}\``
          : '';
        return `${code(change.logicalId)} (${change.type}): its data will be deleted${refused}${place(change)}`;
      }),
    ),
    list(
      '⛔ CloudFormation will refuse',
      plan.traps.map((trap) => `${trap.severity}: ${escaped(trap.message)}${place(trap)}<br>→ ${escaped(trap.hint)}`),
    ),
    list(
      '🌍 Public',
      plan.opened.map((fact) => `${code(fact.logicalId)}: ${escaped(fact.what)}${place(fact)}`),
    ),
    list(
      '🔓 Permissions widened',
      plan.widened.map((change) => `${code(change.logicalId)}: ${code(permissionText(change))}${place(change)}`),
    ),
    list(
      'No longer public',
      plan.closed.map((fact) => `${code(fact.logicalId)}: ${escaped(fact.what)}`),
    ),
    list(
      'Permissions narrowed',
      plan.narrowed.map((change) => `${code(change.logicalId)}: ${code(permissionText(change))}`),
    ),
    list(
      'Aliases',
      plan.movedAliases.map((alias) => `${code(alias.name)} ${escaped(aliasText(alias))}`),
    ),
    changeSetList(plan),
  ].filter((part) => part !== '');
  const all = [...head, ...groups(plan).map(groupText)].join('\n\n');
  if (all.length <= longest) return all;
  const short = [
    ...head,
    ...groups(plan).map(({ title: name, changes }) => `- ${code(name)}: ${summaryText({ changes })}`),
  ];
  return `${short.join('\n\n').slice(0, longest)}\n\n_The details are too long for a comment: run fx plan._`;
}

function list(title: string, items: readonly string[]): string {
  return items.length === 0 ? '' : [`**${title}**`, '', ...items.map((item) => `- ${item}`)].join('\n');
}

function changeSetList({ changeSet, changes }: Plan): string {
  if (changeSet === undefined) return '';
  const ours = new Set(changes.map(({ logicalId }) => logicalId));
  const rows = changeSet.changes
    .filter((change) => !ours.has(change.logicalId) || driftText(change) !== '')
    .map((change) => {
      const drift = driftText(change);
      return `${change.action} ${code(change.logicalId)}${drift === '' ? '' : `, ${drift}`}`;
    });
  return rows.length === 0 ? '_CloudFormation agrees._' : list('CloudFormation sees more', rows);
}

function groupText({ title, changes, code: codes }: Group): string {
  const rows = changes.flatMap((change) => [
    `| \`${signs[change.action]}\` | ${code(change.logicalId)} | ${escaped([change.type, ...notesOf(change)].join('; '))} | ${placeText(change)} |`,
    ...change.details.map((detail) => detailRow(detail)),
  ]);
  const table = rows.length === 0 ? [] : ['|  | resource | change | line |', '| --- | --- | --- | --- |', ...rows];
  const files = codes.flatMap((change) => [
    `Code: ${escaped(codeText(change))}`,
    ...(change.files ?? [])
      .slice(0, 50)
      .map((file) => `- \`${signs[file.action]}\` ${code(file.path)} ${sizesText(file)}`),
  ]);
  const sizes = codes.map((change) => `, code ${escaped(codeText(change))}`).join('');
  const body = [files.join('\n'), table.join('\n')].filter((part) => part !== '').join('\n\n');
  const counted = changes.length === 0 ? '' : `: ${summaryText({ changes })}`;
  return `<details><summary><b>${html(title)}</b>${counted}${html(sizes)}</summary>\n\n${body}\n\n</details>`;
}

function detailRow(detail: PlannedChange['details'][number]): string {
  const name = detail.path.slice(detail.path[0] === 'Properties' ? 1 : 0).join('.');
  return `|  | ${code(name)} | ${code(detailText(detail))} | ${placeText(detail)} |`;
}

const place = (item: Parameters<typeof placeText>[0]) => (item.at === undefined ? '' : ` (${placeText(item)})`);

const html = (text: string) => text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');

/** Nothing in a value may end its place or mention somebody. */
function escaped(text: string): string {
  return html(text)
    .replaceAll('|', '\\|')
    .replaceAll('@', '@\u200b')
    .replace(/[\r\n]+/g, ' ');
}

/** As code, in HTML: no character of the text ends it, also in a table. */
function code(text: string): string {
  return `<code>${html(text)
    .replaceAll('|', '&#124;')
    .replaceAll('*', '&#42;')
    .replaceAll('_', '&#95;')
    .replaceAll('`', '&#96;')
    .replaceAll('@', '&#64;')
    .replace(/[\r\n]+/g, ' ')}</code>`;
}
