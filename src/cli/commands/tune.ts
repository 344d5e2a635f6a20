// fx tune
import { FxError } from '../../base/error.ts';
import { documentsIn } from '../../base/json-documents.ts';
import type { Tuned } from '../../operate/tune.ts';
import { command } from '../command.ts';
import { confirmed } from '../confirm.ts';
import { readText } from '../input.ts';
import { columnsText, textColumns } from '../render/columns.ts';
import { money } from '../render/cost-text.ts';
import { type Style, style } from '../render/style.ts';
import { openSession } from '../session.ts';
import { wholeNumber } from '../values.ts';

/** https://docs.aws.amazon.com/lambda/latest/dg/configuration-memory.html */
const [leastMemory, mostMemory] = [128, 10_240];

export const tune = command({
  output: 'tune',
  needs: 'environment',
  args: { function: { about: 'its name in project.yml', kind: 'required', names: 'function' } },
  options: {
    memory: { kind: 'text', short: 'm', value: 'sizes', about: 'in MB', default: '128,256,512,1024,1536,2048,3008' },
    calls: { kind: 'text', short: 'n', value: 'number', about: 'of each size, after the first', default: '20' },
    parallel: { kind: 'text', short: 'p', value: 'number', about: 'so many calls at once', default: '1' },
    data: {
      kind: 'text',
      short: 'd',
      value: 'json',
      about: 'the event (default: standard input unless it is a terminal, else {})',
    },
    file: { kind: 'text', short: 'f', value: 'path', about: 'read the event from a file' },
    yes: { kind: 'flag', short: 'y', about: 'do not ask: the function is really called' },
  },
  examples: [
    [`fx tune orders --data '{"id": 1}' --env staging`, 'Time against cost, for seven sizes'],
    ['fx tune orders --memory 512,1024 --calls 100 --file event.json --yes', 'Two sizes, a hundred calls of each'],
  ],
  async run(invocation) {
    const { io, args, options, signal } = invocation;
    const sizes = sizesOf(options.memory);
    const [count, parallel] = [wholeNumber(options.calls, '--calls'), wholeNumber(options.parallel, '--parallel')];
    const events = documentsIn(await readText({ data: options.data, file: options.file }, io, signal));
    if (events.length > 1) throw new FxError('USAGE', `fx tune takes one event, not ${events.length}`);
    const { environment, context } = await openSession(invocation);
    const calls = sizes.length * (count + 1);
    const what = `This calls "${args.function}" in "${environment.name}" ${calls} times, for real; meanwhile nobody else can deploy.`;
    await confirmed(what, 'Go on?', { ...invocation, yes: options.yes, declined: 'nothing was called' });
    const { pricesFor } = await import('../../operate/prices.ts');
    const operate = await import('../../operate/tune.ts');
    const prices = pricesFor(environment.folder, environment.region);
    const tuning = { name: args.function, sizes, payload: events[0] ?? '{}', count, parallel, prices };
    const tuned = await operate.tune(environment, tuning, context, (measured) => {
      invocation.aside(`${measured.memory} MB: ${shown(measured.mean)} ms`);
    });
    invocation.print(tunedText(tuned, style(io.color && io.stdoutIsTerminal)));
    invocation.result(tuned);
    return 0;
  },
});

function sizesOf(text: string): readonly number[] {
  const sizes = text.split(',').map(Number);
  const wrong = sizes.some((size) => !Number.isInteger(size) || size < leastMemory || size > mostMemory);
  if (!wrong) return [...new Set(sizes)].sort((a, b) => a - b);
  throw new FxError(
    'USAGE',
    `--memory takes sizes from ${leastMemory} to ${mostMemory} MB, such as 512,1024, not ${JSON.stringify(text)}`,
  );
}

function tunedText({ measured, current, cheapest, fastest }: Tuned, { bold, dim }: Style): string {
  const most = {
    mean: Math.max(...measured.map(({ mean }) => mean)),
    millionCalls: Math.max(...measured.map(({ millionCalls }) => millionCalls)),
  };
  const rows = measured.map((of) => [
    `${of.memory}${of.memory === current ? '*' : ''}`,
    shown(of.mean),
    shown(of.p95),
    of.initialization === undefined ? '-' : shown(of.initialization),
    String(of.memoryUsed),
    money(of.millionCalls),
    bar(of.mean / most.mean),
    bar(of.millionCalls / most.millionCalls),
  ]);
  const lines = columnsText(rows, titles);
  const advice =
    cheapest === fastest
      ? `${bold(`${cheapest} MB`)} is the cheapest and the fastest.`
      : `${bold(`${cheapest} MB`)} is the cheapest, ${bold(`${fastest} MB`)} the fastest.`;
  return [...lines, '', `${advice} ${dim(`* what it has now. Without the free tier.`)}`].join('\n');
}

/** The last two are bars. */
const titles = textColumns(['MB', 'mean ms', 'p95', 'init', 'used MB', 'a million', 'time', 'cost'], [6, 7]);

const shown = (ms: number): string => (ms >= 100 ? ms.toFixed(0) : ms.toFixed(1));
const bar = (share: number): string => '█'.repeat(Math.max(1, Math.round(share * 12)));
