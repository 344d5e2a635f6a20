// fx promote
import type { PromotionPlan } from '../../operate/promote.ts';
import { allowReplaceOption, approveLosses, confirmOption } from '../approve.ts';
import { command } from '../command.ts';
import { confirmed } from '../confirm.ts';
import { chosenDeployment, deploymentOptions } from '../deployment.ts';
import { noWaitOption } from '../no-wait.ts';
import { releaseForms, releaseName } from '../release-name.ts';
import { outputText } from '../render/outputs.ts';
import { contextOf, openEnvironment, openProject } from '../session.ts';

export const promote = command({
  output: 'promote',
  needs: 'project',
  args: {
    from: { about: 'the environment whose release to take', kind: 'required', names: 'environment' },
    to: { about: 'the environment to deploy it to', kind: 'required', names: 'environment' },
  },
  options: {
    release: { kind: 'text', value: 'release', about: `another release than the live one: ${releaseForms}` },
    ...deploymentOptions,
    message: { kind: 'text', short: 'm', value: 'text', about: 'a note for the list of releases' },
    yes: { kind: 'flag', short: 'y', about: 'do not ask' },
    allowReplace: allowReplaceOption,
    confirm: confirmOption,
    noWait: noWaitOption,
  },
  examples: [
    ['fx promote staging prod', 'Deploy the artifacts of the live release of staging to prod'],
    ['fx promote staging prod --release 12 --yes', 'Those of release 12, without being asked'],
  ],
  async run(invocation) {
    const { args, options } = invocation;
    const name = options.release === undefined ? undefined : releaseName(options.release, '--release');
    const project = await openProject(invocation, args.to);
    const { environment } = project;
    const deployment = chosenDeployment(options, project.deployment, project.codeDeploy);
    const source = await openEnvironment(invocation, args.from);
    const [sourceContext, context] = [await contextOf(invocation, source), await contextOf(invocation, environment)];
    const operate = await import('../../operate/promote.ts');
    const { changed, release, outputs, from } = await operate.promote(
      { environment: source, context: sourceContext, release: name?.(sourceContext.now()) },
      project,
      {
        deployment,
        allAtOnce: options.allAtOnce,
        message: options.message,
        approve: (losses) => approveLosses(environment, losses, invocation),
        confirm: (plan) =>
          confirmed(planText(plan), `Promote to ${plan.to}?`, {
            ...invocation,
            yes: options.yes,
            declined: 'promotion cancelled; nothing was changed',
          }),
      },
      { ...context, wait: !options.noWait },
    );
    invocation.print(
      changed
        ? `Release ${release.number} of ${args.to} is live: release ${from.number} of ${from.environment}.`
        : `Nothing to change; release ${release.number} of ${args.to} is live.`,
    );
    invocation.print(outputText(outputs));
    invocation.result({ changed, release: release.number, from, outputs });
    return 0;
  },
});

const signs = { add: '+', modify: '~', replace: '±', remove: '-' } as const;

function planText({ from, to, changes }: PromotionPlan): string {
  const what = `Release ${from.number} of ${from.environment}${from.commit === undefined ? '' : ` (${from.commit})`} → ${to}`;
  const rows = changes.map(({ action, logicalId, type }) => `  ${signs[action]} ${logicalId}  ${type}`);
  return rows.length === 0 ? `${what}: only tags or parameters change` : `${what}:\n${rows.join('\n')}`;
}
