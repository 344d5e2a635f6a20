// What a saved plan was made from, so that a deploy can tell whether it is still so.
import { FxError } from '../base/error.ts';
import type { Environment } from '../project/environment.ts';
import type { LiveIdentity } from '../release/plan-file.ts';
import type { LiveAlias } from './aliases.ts';
import { commandLine } from './context.ts';
import type { State } from './state.ts';

export function liveIdentity({ stack, live, index }: State, aliases: readonly LiveAlias[]): LiveIdentity {
  return {
    ...(stack === undefined
      ? {}
      : {
          stack: {
            id: stack.id,
            updated: stack.updated?.toISOString() ?? '',
            template: live?.stacks.root.hash ?? '',
          },
        }),
    newest: Math.max(index.releases.at(-1) ?? 0, index.unfinished.at(-1) ?? 0),
    aliases: Object.fromEntries(aliases.map((alias) => [alias.name, versionsText(alias)])),
  };
}

/** `4`; `4, 10 % on 5`. */
function versionsText({ version, weights }: LiveAlias): string {
  const shares = Object.entries(weights).map(([other, weight]) => `${Math.round(weight * 100)} % on ${other}`);
  return [version ?? 'none', ...shares].join(', ');
}

/** Throws PLAN_OUTDATED, with what has moved. */
export function checkUnmoved(planned: LiveIdentity, now: LiveIdentity, environment: Environment): void {
  const [moved] = movesBetween(planned, now);
  if (moved === undefined) return;
  throw new FxError('PLAN_OUTDATED', `"${environment.name}" has changed since the plan was made: ${moved}`, {
    hint: `make a new plan: ${commandLine('plan', environment)}`,
  });
}

function movesBetween(planned: LiveIdentity, now: LiveIdentity): readonly string[] {
  const [before, after] = [planned.stack, now.stack];
  const moves: string[] = [];
  if (now.newest !== planned.newest)
    moves.push(`the newest release was ${planned.newest || 'none'}, and is ${now.newest || 'none'}`);
  if (before?.id !== after?.id)
    moves.push(before === undefined ? 'its stack was created' : 'its stack is another, or gone');
  else if (before?.updated !== after?.updated || before?.template !== after?.template)
    moves.push(`its stack was updated at ${after?.updated}`);
  for (const [name, version] of Object.entries(planned.aliases)) {
    const is = now.aliases[name] ?? 'none';
    if (is !== version) moves.push(`the traffic of ${name} was on version ${version}, and is on ${is}`);
  }
  return moves;
}
