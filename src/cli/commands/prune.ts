// fx prune
import { FxError } from '../../base/error.ts';
import type { Pruned } from '../../operate/prune.ts';
import { leastKeep, mostKeep } from '../../project/keep.ts';
import { command } from '../command.ts';
import { noWaitOption } from '../no-wait.ts';
import { openSession } from '../session.ts';
import { wholeNumber } from '../values.ts';

export const prune = command({
  output: 'prune',
  needs: 'environment',
  options: {
    dryRun: { kind: 'flag', about: 'list what would be deleted; deletes nothing' },
    keep: { kind: 'text', value: 'count', about: 'how many good releases stay, instead of `keep` in project.yml' },
    noWait: noWaitOption,
  },
  examples: [
    ['fx prune --dry-run --env prod', 'List what no kept release needs'],
    ['fx prune --keep 5 --env prod', 'Keep five releases, and delete what older ones had'],
  ],
  async run(invocation) {
    const { dryRun, noWait } = invocation.options;
    const keep = invocation.options.keep === undefined ? undefined : keepOf(invocation.options.keep);
    const { environment, context } = await openSession(invocation);
    const operate = await import('../../operate/prune.ts');
    const pruned = await operate.prune(environment, { dryRun, keep }, { ...context, wait: !noWait });
    invocation.print(prunedText(pruned, dryRun));
    invocation.result(pruned);
    return 0;
  },
});

function keepOf(text: string): number {
  const keep = wholeNumber(text, '--keep');
  if (keep >= leastKeep && keep <= mostKeep) return keep;
  throw new FxError('USAGE', `--keep takes a number from ${leastKeep} to ${mostKeep}, not ${text}`, {
    hint: 'the live release, and one to go back to, always stay',
  });
}

function prunedText({ kept, versions, layerVersions, objects, imageTags }: Pruned, dryRun: boolean): string {
  const lines = [
    ...versions.map(({ functionName, version }) => `  version ${version} of ${functionName}`),
    ...layerVersions.map((arn) => `  layer version ${arn.split(':').slice(-2).join(':')}`),
    ...objects.map(({ key, size }) => `  ${key}, ${size} bytes`),
    ...imageTags.map((tag) => `  image ${tag}`),
  ];
  const stays = `Releases that can be restored: ${kept.join(', ') || 'none'}.`;
  if (lines.length === 0) return `Nothing to delete. ${stays}`;
  return `${dryRun ? 'These would be deleted' : 'Deleted'}:\n${lines.join('\n')}\n${stays}`;
}
