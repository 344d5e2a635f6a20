// fx pause and fx resume
import { FxError } from '../../base/error.ts';
import type { Source } from '../../operate/pause.ts';
import { command, type Invocation } from '../command.ts';
import type { Outputs } from '../outputs.ts';
import { openSession } from '../session.ts';

const args = {
  names: {
    about:
      'functions, or what calls them: queues, tables, schedules, rules, pipes by their names in project.yml; * for any characters',
    kind: 'variadic',
    names: 'function',
  },
} as const;
const options = { all: { kind: 'flag', about: 'all of them' } } as const;
type Switching = Invocation<'environment', typeof args, typeof options, Outputs['pause' | 'resume']>;

export const pause = command({
  output: 'pause',
  needs: 'environment',
  args,
  options,
  examples: [
    ['fx pause --env prod', 'What can be paused, and what is'],
    ['fx pause worker --env prod', 'Stop reading the queues and streams of a function, and its schedules'],
    ['fx pause Jobs --env prod', 'Stop reading one queue'],
  ],
  run: (invocation) => turn(invocation, 'off'),
});

export const resume = command({
  output: 'resume',
  needs: 'environment',
  args,
  options,
  examples: [
    ['fx resume worker --env prod', 'Go on where it stopped'],
    ['fx resume --all --env prod', 'Everything that project.yml has switched on'],
  ],
  run: (invocation) => turn(invocation, 'on'),
});

async function turn(invocation: Switching, to: 'on' | 'off'): Promise<0> {
  const {
    args: { names },
    options: { all },
  } = invocation;
  if (all && names.length > 0) throw new FxError('USAGE', '--all and names exclude each other');
  const { environment, context } = await openSession(invocation);
  const operate = await import('../../operate/pause.ts');
  const sources = await operate.pausableSources(environment, context);
  if (!all && names.length === 0) {
    invocation.print(sources.length === 0 ? 'Nothing calls functions by itself.' : sourcesText(sources));
    invocation.result(sources);
    return 0;
  }
  const chosen = all ? sources : operate.chosenSources(sources, names);
  const { changed, unchanged } = await operate.turnSources(chosen, to, context);
  for (const source of changed) invocation.print(`${to === 'off' ? 'paused' : 'resumed'}  ${lineOf(source)}`);
  for (const source of unchanged) {
    const why =
      to === 'on' && !source.isOnInTemplate ? 'off in project.yml' : to === 'on' ? 'already on' : 'already paused';
    invocation.print(`${why}  ${lineOf(source)}`);
  }
  invocation.result({ changed, unchanged });
  return 0;
}

function sourcesText(sources: readonly Source[]): string {
  const states = { on: 'on', off: 'paused', changing: 'changing' } as const;
  return sources
    .map((source) => {
      const { state, isOnInTemplate } = source;
      return `${(state === 'off' && !isOnInTemplate ? 'off' : states[state]).padEnd(8)}  ${lineOf(source)}`;
    })
    .join('\n');
}

const lineOf = ({ logicalId, type, text, functions }: Source): string =>
  `${type} ${logicalId}  ${text} → ${functions.join(', ') || 'no function'}`;
