// Which changes of a change set replace a resource.
import type { ChangeSetChange, ChangeSetDetail } from '../aws/aws.ts';

/**
 * Those that CloudFormation is sure of, and those that it can't rule out. It says Conditional also for a property that refers to an attribute of a
 * resource that changes in place, whose value stays: such a change is left out.
 * https://docs.aws.amazon.com/AWSCloudFormation/latest/APIReference/API_ResourceChangeDetail.html
 */
export function replacedIn(changes: readonly ChangeSetChange[]): readonly ChangeSetChange[] {
  const replaced = new Set(
    changes.filter(({ replacement }) => replacement === 'True').map(({ logicalId }) => logicalId),
  );
  const open = changes.filter(({ replacement }) => replacement === 'Conditional');
  for (let before = -1; before !== replaced.size; ) {
    before = replaced.size;
    for (const { logicalId, details } of open)
      if (details.some((each) => mayReplace(each, replaced))) replaced.add(logicalId);
  }
  return changes.filter(({ logicalId }) => replaced.has(logicalId));
}

function mayReplace({ recreation, cause }: ChangeSetDetail, replaced: ReadonlySet<string>): boolean {
  if (recreation === undefined || recreation === 'Never') return false;
  const [source] = (cause ?? '').split('.');
  return cause === undefined || source === '' || replaced.has(source ?? '');
}
