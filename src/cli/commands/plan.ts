// fx plan
import { command } from '../command.ts';
import { style } from '../render/style.ts';
import { openProjectSession } from '../session.ts';

export const plan = command({
  needs: 'project',
  inEachRegion: true,
  options: {
    changeSet: { kind: 'flag', about: 'ask CloudFormation too, with a change set that is deleted again' },
    drift: { kind: 'flag', about: 'the same, compared with what the resources are by now' },
    markdown: { kind: 'flag', about: 'print Markdown, for a comment on a pull request' },
    exitCode: { kind: 'flag', about: 'exit with 2 if there are changes' },
  },
  examples: [
    ['fx plan --env prod', 'Show the changes'],
    ['fx plan --env prod --exit-code', 'Tell a script whether there are any'],
    ['fx plan --env prod --markdown', 'The same for a comment on a pull request'],
    ['fx plan --env prod --drift', 'Show what was changed by hand, too'],
  ],
  async run(invocation) {
    const { changeSet, drift, markdown, exitCode } = invocation.options;
    const { project, context } = await openProjectSession(invocation);
    const operate = await import('../../operate/plan.ts');
    const result = await operate.plan(project, context, { changeSet, drift });
    const { planText } = await import('../render/plan-text.ts');
    const { planMarkdown } = await import('../render/plan-markdown.ts');
    const styles = style(invocation.io.color && invocation.io.stdoutIsTerminal);
    invocation.print(markdown ? planMarkdown(result) : planText(result, styles));
    invocation.result(result);
    return exitCode && !result.empty ? 2 : 0;
  },
});
