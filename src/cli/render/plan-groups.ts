// What a plan shows, in the order in which it is shown: the changes by owner, the notes of a change, and the summary.
import { megabytes } from '../../artifact/limits.ts';
import type { CodeChange } from '../../operate/code-difference.ts';
import type { Placed, Planned, PlannedChange } from '../../operate/planned.ts';
import { losesData } from '../../stack/difference.ts';
import type { PermissionChange } from '../../stack/exposure.ts';

/** What a plan and the difference of two releases have in common. */
export interface Shown extends Planned {
  readonly code: readonly CodeChange[];
}

export interface Group {
  readonly title: string;
  readonly changes: readonly PlannedChange[];
  readonly code: readonly CodeChange[];
}

export const signs = { add: '+', modify: '~', replace: '±', remove: '-' } as const;

const kinds = ['function', 'layer', 'project', 'plugin', 'user', 'unknown'] as const;
const titles = {
  project: 'Shared by functions',
  user: 'Resources of the project',
  unknown: 'No longer in project.yml',
} as const;

const prefixes = { function: '', layer: 'Layer ', plugin: 'Plugin ' } as const;

/** Functions first, then layers, what they share, what plugins add, the user's resources, and the rest. */
export function groups({ changes, code }: Shown): readonly Group[] {
  const names = (kind: 'function' | 'layer' | 'plugin') => {
    const owned = changes.flatMap(({ owner }) => (owner?.kind === kind ? [owner.name] : []));
    const coded = code.flatMap((change) => (change.kind === kind ? [change.name] : []));
    return [...new Set([...owned, ...coded])];
  };
  const all = kinds.flatMap((kind): Group[] => {
    if (kind === 'function' || kind === 'layer' || kind === 'plugin')
      return names(kind).map((name) => named(kind, name, { changes, code }));
    const own = changes.filter(({ owner }) => (owner?.kind ?? 'unknown') === kind);
    return [{ title: titles[kind], changes: own, code: [] }];
  });
  return all.filter((group) => group.changes.length > 0 || group.code.length > 0);
}

function named(
  kind: 'function' | 'layer' | 'plugin',
  name: string,
  { changes, code }: Pick<Shown, 'changes' | 'code'>,
): Group {
  const own = changes.filter(({ owner }) => owner?.kind === kind && owner.name === name);
  const ownCode = code.filter((change) => change.kind === kind && change.name === name);
  const isGone = own.length > 0 && own.every(({ action }) => action === 'remove');
  // the key of the artifact says less than the files
  const isCode = ({ path }: PlannedChange['details'][number]) => path[1] === 'Code' || path[1] === 'Content';
  const shown =
    ownCode.length === 0
      ? own
      : own.map((change) => ({ ...change, details: change.details.filter((detail) => !isCode(detail)) }));
  return {
    title: `${prefixes[kind]}${name}${isGone ? ' (removed)' : ''}`,
    changes: shown,
    code: ownCode,
  };
}

/** What the sign of a change does not say. */
export function notesOf(change: PlannedChange): readonly string[] {
  return [
    ...(change.action === 'replace' ? ['will be replaced'] : []),
    ...(change.uncertain ? ['may be replaced'] : []),
    ...(change.retained ? ['the old one is retained'] : []),
    ...(losesData(change) ? ['ITS DATA WILL BE DELETED'] : []),
  ];
}

/** `dynamodb:PutItem, dynamodb:Scan on ${Orders.Arn}`. */
export function permissionText({ effect, principal, actions, resource, condition }: PermissionChange): string {
  const who = principal === '' ? '' : `${principal} `;
  const verb = effect === 'Deny' ? 'may not ' : principal === '' ? '' : 'may ';
  const on = resource === '' ? '' : ` on ${resource}`;
  return `${who}${verb}${actions.join(', ')}${on}${condition === '' ? '' : ', with a condition'}`;
}

/** `project.yml:12:3`; '' for what the project does not contain. */
export function placeText({ at }: Placed): string {
  return at === undefined ? '' : `${at.file}:${at.line}:${at.column}`;
}

/** `2 to add, 1 to change, 1 to remove`. */
export function summaryText({ changes }: Pick<Shown, 'changes'>): string {
  const counted = [
    ['add', 'add'],
    ['modify', 'change'],
    ['replace', 'replace'],
    ['remove', 'remove'],
  ] as const;
  const parts = counted.flatMap(([action, word]) => {
    const count = changes.filter((change) => change.action === action).length;
    return count === 0 ? [] : [`${count} to ${word}`];
  });
  return parts.length === 0 ? 'No resource changes' : parts.join(', ');
}

/** `1.2 KB → 1.4 KB`; the names of images. */
export function codeText({ before, after }: CodeChange): string {
  const side = (code: CodeChange['before']) =>
    code === undefined ? 'none' : code.size === undefined ? shortKey(code.key) : megabytes(code.size);
  return `${side(before)} → ${side(after)}`;
}

const shortKey = (key: string) => key.replace(/[0-9a-f]{40,}/g, (hash) => hash.slice(0, 12));

/** `1.2 KB → 1.4 KB`, or one size. */
export function sizesText({ before, after }: { readonly before?: number; readonly after?: number }): string {
  if (before === undefined || after === undefined) return megabytes(before ?? after ?? 0);
  return before === after ? `${megabytes(after)}, other content` : `${megabytes(before)} → ${megabytes(after)}`;
}

/** `MODIFIED`; '' for what is as it was deployed, and for what CloudFormation cannot compare.
 * https://docs.aws.amazon.com/AWSCloudFormation/latest/APIReference/API_ResourceChange.html */
export function driftText({ driftStatus = '' }: { readonly driftStatus?: string | undefined }): string {
  return ['IN_SYNC', 'UNSUPPORTED', 'NOT_CHECKED'].includes(driftStatus) ? '' : driftStatus;
}
