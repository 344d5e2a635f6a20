// fx releases diff
import { command } from '../command.ts';
import { releaseForms, releaseName } from '../release-name.ts';
import { summaryText } from '../render/plan-groups.ts';
import { differenceText } from '../render/plan-text.ts';
import { style } from '../render/style.ts';
import { openSession } from '../session.ts';

export const releasesDiff = command({
  output: 'releases diff',
  needs: 'environment',
  args: {
    from: { about: `the first release: ${releaseForms}`, kind: 'required' },
    to: { about: 'the second, in the same forms', kind: 'required' },
  },
  examples: [
    ['fx releases diff 11 12 --env prod', 'What release 12 changed'],
    ['fx releases diff 3d 12 --env prod', 'What has changed since three days ago'],
  ],
  async run(invocation) {
    const [first, second] = [
      releaseName(invocation.args.from, 'the first release'),
      releaseName(invocation.args.to, 'the second release'),
    ];
    const { environment, context } = await openSession(invocation);
    const operate = await import('../../operate/releases-diff.ts');
    const names = { from: first(context.now()), to: second(context.now()) };
    const difference = await operate.releasesDifference(environment, names, context);
    const styles = style(invocation.io.color && invocation.io.stdoutIsTerminal);
    const { from, to, code } = difference;
    // nothing is deleted by a comparison
    const changes = difference.changes.map((change) => ({ ...change, stateful: false, retained: false }));
    const isSame = changes.length === 0 && code.length === 0;
    invocation.print(
      isSame
        ? `Releases ${from} and ${to} are the same.`
        : `${differenceText({ ...difference, changes, traps: [] }, styles)}\n\n${summaryText(difference)}, from release ${from} to ${to}.`,
    );
    invocation.result(difference);
    return 0;
  },
});
