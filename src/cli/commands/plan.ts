// fx plan
import type { Plan } from '../../operate/plan.ts';
import { type Change, losesData } from '../../stack/difference.ts';
import { command } from '../command.ts';
import { aliasText, unfinishedText } from '../render/release-text.ts';
import { type Style, style } from '../render/style.ts';
import { openProjectSession } from '../session.ts';

export const plan = command({
  needs: 'project',
  inEachRegion: true,
  options: { exitCode: { kind: 'flag', about: 'exit with 2 if there are changes' } },
  examples: [
    ['fx plan --env prod', 'Show the changes'],
    ['fx plan --env prod --exit-code', 'Tell a script whether there are any'],
  ],
  async run(invocation) {
    const { project, context } = await openProjectSession(invocation);
    const operate = await import('../../operate/plan.ts');
    const result = await operate.plan(project, context);
    invocation.print(planText(result, style(invocation.io.color && invocation.io.stdoutIsTerminal)));
    invocation.result(result);
    return invocation.options.exitCode && !result.empty ? 2 : 0;
  },
});

const signs = { add: '+', modify: '~', replace: '±', remove: '-' } as const;

function planText(plan: Plan, { green, yellow, red, bold, dim }: Style): string {
  const budget = `${plan.budget.total} resources of 500 (${Object.entries(plan.budget.byFunction)
    .map(([name, count]) => `${name} ${count}`)
    .join(', ')})`;
  const unfinished = plan.unfinished.map(unfinishedText);
  if (plan.empty) return [...unfinished, 'Nothing to change.', dim(budget)].join('\n');
  const colour = { add: green, modify: yellow, replace: red, remove: red } as const;
  const row = (change: Change) => {
    const notes = [
      ...(change.properties.length > 0 ? [change.properties.join(', ')] : []),
      ...(change.action === 'replace' ? ['will be replaced'] : []),
      ...(change.uncertain ? ['may be replaced'] : []),
      ...(change.retained ? ['the old one is retained'] : []),
      ...(losesData(change) ? ['ITS DATA WILL BE DELETED'] : []),
    ];
    const text = `${signs[change.action]} ${change.logicalId}  ${change.type}`;
    return `  ${colour[change.action](text)}${notes.length > 0 ? dim(`  ${notes.join('; ')}`) : ''}`;
  };
  const sections: string[] = unfinished.length > 0 ? [unfinished.join('\n')] : [];
  const [iam, resources] = [plan.changes.filter((change) => change.iam), plan.changes.filter((change) => !change.iam)];
  if (plan.move === 'replace')
    sections.push(`${plan.stackName} is in ${plan.status} and was never created successfully: it will be recreated`);
  if (resources.length > 0) sections.push(`${bold('Resources')}\n${resources.map(row).join('\n')}`);
  if (iam.length > 0) sections.push(`${bold('Permissions')}\n${iam.map(row).join('\n')}`);
  if (plan.movedAliases.length > 0) {
    const moved = plan.movedAliases.map((alias) => `  ${yellow(`~ ${alias.name}`)} ${aliasText(alias)}`);
    sections.push(`${bold('Aliases')}\n${moved.join('\n')}`);
  }
  if (plan.changes.length === 0 && plan.movedAliases.length === 0) sections.push('Only tags or parameters change.');
  return `${sections.join('\n\n')}\n\n${dim(budget)}`;
}
