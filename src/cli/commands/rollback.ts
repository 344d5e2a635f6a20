// fx rollback
import { FxError } from '../../base/error.ts';
import type { RollbackPlan } from '../../operate/rollback.ts';
import type { Origin } from '../../release/candidate.ts';
import { losesData } from '../../stack/difference.ts';
import { allowReplaceOption, approveLosses, confirmOption } from '../approve.ts';
import { command } from '../command.ts';
import { noWaitOption } from '../no-wait.ts';
import { releaseName } from '../release-name.ts';
import { outputText } from '../render/outputs.ts';
import { signs } from '../render/plan-groups.ts';
import { openSession } from '../session.ts';

export const rollback = command({
  output: 'rollback',
  needs: 'environment',
  inEachRegion: true,
  args: {
    functions: {
      about: 'restore only these, `*` for any characters (default: the whole release); or the number of a release',
      kind: 'variadic',
      names: 'function',
    },
  },
  options: {
    to: {
      kind: 'text',
      value: 'release',
      about:
        'its number, a commit, or when it was live: 3h or a date (default: finish an interrupted rollback, else the release before the live one)',
    },
    trafficOnly: { kind: 'flag', about: 'only move the live aliases; the next deploy or rollback changes the stack' },
    dryRun: { kind: 'flag', about: 'show what it would do; writes nothing' },
    message: { kind: 'text', short: 'm', value: 'text', about: 'a note for the list of releases' },
    allowReplace: allowReplaceOption,
    confirm: confirmOption,
    noWait: noWaitOption,
  },
  examples: [
    ['fx rollback --env prod', 'Go back to the previous release'],
    ['fx rollback 12 --env prod', 'Go back to release 12'],
    ['fx rollback orders --to 3h --env prod', 'Restore one function as it was three hours ago'],
    ['fx rollback --dry-run --env prod', 'Show what a rollback would do'],
  ],
  async run(invocation) {
    const { trafficOnly, dryRun, message } = invocation.options;
    const { to, functions } = targetOf(invocation.args.functions, invocation.options.to);
    const { environment, context } = await openSession(invocation);
    const operate = await import('../../operate/rollback.ts');
    const target = { to: to?.(context.now()), functions, trafficOnly };
    if (dryRun) {
      const planned = await operate.planRollback(environment, target, context);
      invocation.print(planText(planned));
      invocation.result(planned);
      return 0;
    }
    const {
      changed,
      finished,
      target: number,
      release,
      outputs,
    } = await operate.rollback(
      environment,
      {
        ...target,
        message,
        approve: (losses) =>
          approveLosses(environment, losses, { ...invocation, instead: '--traffic-only moves the traffic alone' }),
      },
      { ...context, wait: !invocation.options.noWait },
    );
    const interrupted = finished ? ' The interrupted change is finished.' : '';
    const state = changed
      ? `Release ${release.number} is live: ${restoredText(release.origin, number)}.`
      : `Nothing to change; release ${release.number} is live.`;
    invocation.print(`${state}${interrupted}`);
    invocation.print(outputText(outputs));
    invocation.result({ changed, finished, release: release.number, target: number, outputs });
    return 0;
  },
});

/** A word of digits is a release; any other names functions. */
function targetOf(
  words: readonly string[],
  option: string | undefined,
): { readonly to: ReturnType<typeof releaseName> | undefined; readonly functions: readonly string[] | undefined } {
  const numbers = words.filter((word) => /^\d+$/.test(word));
  const functions = words.filter((word) => !/^\d+$/.test(word));
  const [number, second = option] = numbers;
  if (number !== undefined && second !== undefined) {
    throw new FxError('USAGE', `both ${number} and ${second} name a release`, { hint: 'name one' });
  }
  const name = number ?? option;
  const to = name === undefined ? undefined : releaseName(name, number === undefined ? '--to' : 'the release');
  return { to, functions: functions.length === 0 ? undefined : functions };
}

function restoredText(origin: Origin, target: number): string {
  if (origin.kind !== 'rollback') return `release ${target} is back`;
  const what =
    origin.functions === undefined ? `release ${target}` : `${origin.functions.join(', ')} of release ${target}`;
  return origin.trafficOnly === true ? `the traffic of ${what} is back; the stack is as before` : `${what} is back`;
}

function planText({ target, functions, aliases, changes }: RollbackPlan): string {
  if (aliases.length === 0 && changes.length === 0) return `Nothing to change; release ${target} is live.`;
  const what = functions === undefined ? `release ${target}` : `${functions.join(', ')} of release ${target}`;
  const moves = aliases.map(({ name, from, to }) => `  ${name}  version ${from ?? 'none'} → ${to ?? 'a new one'}`);
  const rows = changes.map((change) => {
    const lost = losesData(change) ? '  its data will be deleted' : '';
    return `  ${signs[change.action]} ${change.logicalId}  ${change.type}${lost}`;
  });
  return [
    `A rollback to ${what} would`,
    ...(moves.length === 0 ? [] : ['move traffic at once:', ...moves]),
    ...(rows.length === 0 ? [] : [moves.length === 0 ? 'change the stack:' : 'then change the stack:', ...rows]),
  ].join('\n');
}
