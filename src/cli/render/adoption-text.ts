// What fx import --adopt would change in a stack, as CloudFormation's change set has it.
import type { ChangeSetChange } from '../../aws/aws.ts';
import type { Adopted } from '../../session/adoption.ts';
import type { Style } from './style.ts';

export function adoptionText(adopted: Adopted, { bold, dim, red, green }: Style): string {
  const { stackName, region, account, changes, replaced, same, kept } = adopted;
  const isReplaced = new Set(replaced.map(({ logicalId }) => logicalId));
  const of = (action: string) =>
    changes.filter((change) => change.action === action && !isReplaced.has(change.logicalId));
  const lines = [
    bold(`${stackName} in ${region}, account ${account}: what CloudFormation says of the first deploy`),
    ...listed('replaces', '!', replaced, red),
    ...listed('changes in place', '~', of('Modify'), dim),
    ...listed('adds', '+', of('Add'), dim),
    ...listed('removes', '-', of('Remove'), dim),
    ...(kept.length === 0 ? [] : [`  keeps under resources ${kept.length}`, dim(`    = ${kept.join(', ')}`)]),
    '',
  ];
  const stays = `${counted(same, 'resource')} of the stack ${same === 1 ? 'goes' : 'go'} on under their ids`;
  const rest = kept.length === 0 ? '' : `, and ${counted(kept.length, 'more')} under resources`;
  const verdict =
    replaced.length === 0
      ? green('✓ 0 replacements')
      : red(`✗ ${counted(replaced.length, 'replacement')}: nothing is written`);
  return [...lines, `${verdict}; ${stays}${rest}`].join('\n');
}

const counted = (count: number, what: string) => `${count} ${what}${count === 1 || what === 'more' ? '' : 's'}`;

function listed(
  title: string,
  sign: string,
  changes: readonly ChangeSetChange[],
  paint: (text: string) => string,
): readonly string[] {
  if (changes.length === 0) return [];
  const byType = new Map<string, string[]>();
  for (const { type, logicalId } of changes) byType.set(type, [...(byType.get(type) ?? []), logicalId]);
  return [
    `  ${title} ${changes.length}`,
    ...[...byType].map(([type, ids]) => paint(`    ${sign} ${type}  ${ids.join(', ')}`)),
  ];
}
