// fx plan
import type { Plan } from '../../operate/plan.ts';
import { type Change, losesData } from '../../stack/difference.ts';
import { command } from '../command.ts';
import { type Style, style } from '../render/style.ts';
import { openSession } from '../session.ts';

export const plan = command({
  needs: 'project',
  options: { exitCode: { kind: 'flag', about: 'exit with 2 if there are changes' } },
  examples: [
    ['fx plan --env prod', 'Show the changes'],
    ['fx plan --env prod --exit-code', 'Tell a script whether there are any'],
  ],
  async run(invocation) {
    const { project, context } = await openSession(invocation);
    const operate = await import('../../operate/plan.ts');
    const made = await operate.plan(project, context);
    invocation.print(planText(made, style(invocation.io.color && invocation.io.stdoutIsTerminal)));
    invocation.result(made);
    return invocation.options.exitCode && !made.empty ? 2 : 0;
  },
});

const signs = { add: '+', modify: '~', replace: '±', remove: '-' } as const;

function planText(plan: Plan, { green, yellow, red, bold, dim }: Style): string {
  const budget = `${plan.budget.total} resources of 500 (${Object.entries(plan.budget.byFunction)
    .map(([name, count]) => `${name} ${count}`)
    .join(', ')})`;
  if (plan.empty) return `Nothing to change.\n${dim(budget)}`;
  const colour = { add: green, modify: yellow, replace: red, remove: red } as const;
  const row = (change: Change) => {
    const notes = [
      ...(change.properties.length > 0 ? [change.properties.join(', ')] : []),
      ...(change.action === 'replace' ? ['is made anew'] : []),
      ...(change.uncertain ? ['may be made anew'] : []),
      ...(change.retained ? ['the old one is kept'] : []),
      ...(losesData(change) ? ['ITS DATA IS LOST'] : []),
    ];
    const text = `${signs[change.action]} ${change.logicalId}  ${change.type}`;
    return `  ${colour[change.action](text)}${notes.length > 0 ? dim(`  ${notes.join('; ')}`) : ''}`;
  };
  const sections: string[] = [];
  const [iam, rest] = [plan.changes.filter((change) => change.iam), plan.changes.filter((change) => !change.iam)];
  if (plan.move === 'replace') sections.push(`${plan.stackName} is in ${plan.status} and never lived: it is made anew`);
  if (rest.length > 0) sections.push(`${bold('Resources')}\n${rest.map(row).join('\n')}`);
  if (iam.length > 0) sections.push(`${bold('Permissions')}\n${iam.map(row).join('\n')}`);
  if (plan.movedAliases.length > 0) {
    const moved = plan.movedAliases.map(
      ({ name, version, expected }) =>
        `  ${yellow(`~ ${name}`)} is on version ${version ?? 'none'}, and goes back to ${expected}`,
    );
    sections.push(`${bold('Aliases')}\n${moved.join('\n')}`);
  }
  if (sections.length === 0) sections.push('Only tags or parameters change.');
  return `${sections.join('\n\n')}\n\n${dim(budget)}`;
}
