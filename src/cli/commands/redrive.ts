// fx redrive
import { FxError } from '../../base/error.ts';
import type { DeadLetters } from '../../operate/redrive.ts';
import { command } from '../command.ts';
import { confirmed } from '../confirm.ts';
import { openSession } from '../session.ts';
import { wholeNumber } from '../values.ts';

export const redrive = command({
  output: 'redrive',
  needs: 'environment',
  args: { function: { about: 'its name in project.yml', kind: 'required', names: 'function' } },
  options: {
    queue: { kind: 'text', value: 'name', about: 'only the dead letters in this queue' },
    rate: { kind: 'text', value: 'number', about: 'messages a second, up to 500 (default: as fast as SQS goes)' },
    dryRun: { kind: 'flag', about: 'only show what there is' },
    yes: { kind: 'flag', short: 'y', about: 'do not ask' },
  },
  examples: [
    ['fx redrive worker --dry-run --env prod', 'How many dead letters there are, and what some look like'],
    ['fx redrive worker --env prod --rate 10', 'Give them to the function again, ten a second'],
  ],
  async run(invocation) {
    const { args, options } = invocation;
    const { environment, context } = await openSession(invocation);
    const operate = await import('../../operate/redrive.ts');
    const perSecond = options.rate === undefined ? undefined : wholeNumber(options.rate, '--rate');
    if (perSecond !== undefined && perSecond > operate.mostPerSecond) {
      throw new FxError('USAGE', `--rate is at most ${operate.mostPerSecond}, not ${perSecond}`);
    }
    const all = await operate.deadLettersOf(environment, args.function, context);
    const named = all.filter(({ name }) => options.queue === undefined || name === options.queue);
    if (options.queue !== undefined && named.length === 0) {
      throw new FxError('USAGE', `"${options.queue}" has no dead letters of "${args.function}"`, {
        hint: `queues: ${all.map(({ name }) => name).join(', ') || 'none'}`,
      });
    }
    const filled = named.filter(({ messages }) => messages > 0);
    if (options.dryRun || filled.length === 0) {
      invocation.print(filled.length === 0 ? noneText(named) : filled.map(queueText).join('\n'));
      invocation.result({ queues: named, redriven: 0 });
      return 0;
    }
    const asking = { ...invocation, yes: options.yes, declined: 'nothing was moved' };
    await confirmed(filled.map(queueText).join('\n'), `Give them to "${args.function}" again?`, asking);
    let redriven = 0;
    for (const queue of filled) {
      const count = await operate.redrive(environment, { name: args.function, queue, perSecond }, context);
      invocation.print(
        `${count} of ${queue.name} ${queue.kind === 'move' ? 'moved back to its queue' : 'called again'}`,
      );
      redriven += count;
    }
    invocation.result({ queues: named, redriven });
    return 0;
  },
});

function noneText(queues: readonly DeadLetters[]): string {
  return queues.length === 0
    ? 'No queue takes dead letters of this function.'
    : `No dead letters in ${queues.map(({ name }) => name).join(', ')}.`;
}

const longestSample = 100;

function queueText({ name, messages, kind, samples }: DeadLetters): string {
  const what = {
    move: messages === 1 ? 'message to move back' : 'messages to move back',
    event: messages === 1 ? 'event to call again' : 'events to call again',
    record: messages === 1 ? 'failed invocation to call again' : 'failed invocations to call again',
  }[kind];
  const shown = samples.map((body) => {
    const line = body.replace(/\s+/g, ' ');
    return `  ${line.length > longestSample ? `${line.slice(0, longestSample)}…` : line}`;
  });
  return [`${name}: ${messages} ${what}`, ...shown, ...(messages > samples.length ? ['  …'] : [])].join('\n');
}
