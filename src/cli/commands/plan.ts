// fx plan
import { extname, resolve } from 'node:path';
import { megabytes } from '../../artifact/limits.ts';
import type { Context } from '../../operate/context.ts';
import type { CostChange } from '../../operate/cost.ts';
import type { Prepared } from '../../operate/plan.ts';
import type { Environment } from '../../project/environment.ts';
import type { Project } from '../../project/project.ts';
import { command, type Invocation } from '../command.ts';
import { style } from '../render/style.ts';
import { openProjectSession } from '../session.ts';
import { workspaceOption } from '../workspace/options.ts';

export const plan = command({
  output: 'plan',
  needs: 'project',
  inEachRegion: true,
  // what is not deployed would be created
  inEachProject: { order: 'any', ofOne: ['output'], notDeployed: ({ exitCode }) => (exitCode ? 2 : 0) },
  options: {
    changeSet: { kind: 'flag', about: 'ask CloudFormation too, with a change set that is deleted again' },
    drift: { kind: 'flag', about: 'the same, compared with what the resources are by now' },
    markdown: { kind: 'flag', about: 'print Markdown, for a comment on a pull request' },
    output: {
      kind: 'text',
      short: 'o',
      value: 'file',
      about: 'save the plan, with its code, for fx deploy <file>',
    },
    cost: { kind: 'flag', about: 'show what a month costs, before and after' },
    exitCode: { kind: 'flag', about: 'exit with 2 if there are changes' },
    ...workspaceOption,
  },
  examples: [
    ['fx plan --env prod', 'Show the changes'],
    ['fx plan --env prod --exit-code', 'Tell a script whether there are any'],
    ['fx plan --env prod --markdown', 'The same for a comment on a pull request'],
    ['fx plan --env prod -o plan.fx', 'Save it for fx deploy plan.fx'],
    ['fx plan --env prod --cost', 'Show what the changes cost'],
    ['fx plan --env prod --drift', 'Show what was changed by hand, too'],
  ],
  async run(invocation) {
    const { changeSet, drift, markdown, exitCode, output, cost } = invocation.options;
    const { project, context } = await openProjectSession(invocation);
    const operate = await import('../../operate/plan.ts');
    const prepared = await operate.prepare(project, context, { changeSet, drift });
    const { plan: result } = prepared;
    const { planText } = await import('../render/plan-text.ts');
    const { planMarkdown } = await import('../render/plan-markdown.ts');
    const styles = style(invocation.io.color && invocation.io.stdoutIsTerminal);
    invocation.print(markdown ? planMarkdown(result) : planText(result, styles));
    const costs = cost ? await costsOf(invocation, { project, prepared, context }) : undefined;
    if (output !== undefined) {
      const { savePlan } = await import('../../operate/save-plan.ts');
      const file = fileFor(project.environment, output);
      const saved = await savePlan(resolve(invocation.io.workingFolder, file), project, prepared, context);
      invocation.aside(`Saved to ${file}, with ${megabytes(saved.bytes)} of code: fx deploy ${file}`);
    }
    invocation.result(costs === undefined ? result : { ...result, cost: costs });
    return exitCode && !result.empty ? 2 : 0;
  },
});

async function costsOf(
  invocation: Invocation<'project'>,
  { project, prepared, context }: { readonly project: Project; readonly prepared: Prepared; readonly context: Context },
): Promise<CostChange> {
  const [{ costChange }, { pricesFor }, { costChangeText }] = await Promise.all([
    import('../../operate/cost.ts'),
    import('../../operate/prices.ts'),
    import('../render/cost-text.ts'),
  ]);
  const prices = pricesFor(project.folder, project.environment.region);
  const stacks = { live: prepared.state.live?.stacks, next: prepared.candidate.stacks };
  const costs = await costChange(project, stacks, { prices, freeTier: true }, context);
  invocation.print(costChangeText(costs));
  return costs;
}

/** One file for each region: plan.fx becomes plan.eu-west-1.fx. */
function fileFor({ region, regions }: Environment, file: string): string {
  if (regions === undefined || regions.names.length < 2 || file.includes(region)) return file;
  const ending = extname(file);
  return `${file.slice(0, file.length - ending.length)}.${region}${ending}`;
}
