// fx cost
import { FxError } from '../../base/error.ts';
import { quantities, readQuantity } from '../../base/quantity.ts';
import type { Environment } from '../../project/environment.ts';
import type { Project } from '../../project/project.ts';
import { loadSchemas } from '../../session/schemas.ts';
import type { Traffic } from '../../settings/traffic.ts';
import { command, type Invocation, longFlag } from '../command.ts';
import { style } from '../render/style.ts';
import { contextOf, openProject } from '../session.ts';
import { pointInTime } from '../values.ts';

export const cost = command({
  output: 'cost',
  needs: 'project',
  args: {
    functions: {
      about: 'what the traffic is for: names or patterns (default: all)',
      kind: 'variadic',
      names: 'function',
    },
  },
  options: {
    requests: { kind: 'text', short: 'r', value: 'number', about: 'invocations of each function a month, such as 3M' },
    duration: { kind: 'text', short: 't', value: 'time', about: 'of one, such as 120ms' },
    coldStarts: { kind: 'text', value: 'share', about: 'of invocations, such as 1%' },
    initialization: { kind: 'text', value: 'time', about: 'of a cold start, such as 400ms: it is billed' },
    response: { kind: 'text', value: 'size', about: 'of one response, where they are streamed' },
    logs: { kind: 'text', value: 'size', about: 'that one invocation logs, such as 2KB' },
    nat: { kind: 'text', value: 'size', about: 'that one invocation moves through a NAT gateway' },
    connectionMinutes: { kind: 'text', value: 'number', about: 'of WebSocket clients, all together, a month' },
    measured: { kind: 'flag', short: 'm', about: 'from the use that CloudWatch has measured, for what is live' },
    since: { kind: 'text', short: 's', value: 'time', about: 'measure from then on', default: '30d' },
    noFreeTier: { kind: 'flag', about: "leave the account's free tier to others" },
    detail: { kind: 'flag', about: 'show every quantity and what it costs' },
    update: { kind: 'flag', about: "read the region's prices from AWS first, and keep them in .fx/prices" },
  },
  examples: [
    ['fx cost --requests 3M --duration 120ms', 'What a month would cost; calls no AWS'],
    ['fx cost --env prod', 'The same with the traffic of project.yml'],
    ['fx cost --env prod --measured --since 7d', 'What a month like the last week costs'],
    ['fx cost --env prod --update --detail', 'With the prices of today, line by line'],
  ],
  async run(invocation) {
    const { io } = invocation;
    const { measured, since, noFreeTier, detail, update } = invocation.options;
    const traffic = trafficOf(invocation.options);
    if (measured && Object.keys(traffic).length > 0) {
      throw new FxError('USAGE', '--measured takes the traffic from CloudWatch: it excludes --requests and its like');
    }
    const from = pointInTime(since, '--since');
    const project = await openProject(invocation);
    const { pricesFor } = await import('../../operate/prices.ts');
    if (update) await updated(invocation, project);
    const terms = { prices: pricesFor(project.folder, project.environment.region), freeTier: !noFreeTier };
    const operate = await import('../../operate/cost.ts');
    const measure = async (environment: Environment) => {
      const context = await contextOf(invocation, environment);
      return operate.measuredCost(environment, { since: from(context.now()), terms }, context);
    };
    const result = measured
      ? await measure(project.environment)
      : operate.expectedCost(project, {
          terms,
          traffic,
          names: invocation.args.functions,
          now: io.now(),
          schemas: loadSchemas(),
        });
    const { costText } = await import('../render/cost-text.ts');
    const styles = style(io.color && io.stdoutIsTerminal);
    const columns = io.stdoutIsTerminal ? io.columns() : undefined;
    invocation.print(costText(result, { detail, styles, columns }));
    if (terms.prices.region !== project.environment.region) {
      invocation.aside(
        `These are prices of ${terms.prices.region}: --update reads those of ${project.environment.region} from AWS.`,
      );
    }
    invocation.result(result);
    return 0;
  },
});

async function updated(invocation: Invocation<'project'>, project: Project): Promise<void> {
  const { updatePrices } = await import('../../operate/prices.ts');
  const context = await contextOf(invocation, project.environment);
  const { date, kept } = await updatePrices(project.environment, project.folder, context);
  const note = kept.length === 0 ? '' : `; not in the list, so fx's own: ${kept.join(', ')}`;
  invocation.aside(`Prices of ${project.environment.region} from ${date}${note}`);
}

const kinds = {
  requests: 'count',
  duration: 'milliseconds',
  coldStarts: 'fraction',
  initialization: 'milliseconds',
  response: 'size',
  nat: 'size',
  connectionMinutes: 'count',
  logs: 'size',
} as const satisfies Record<keyof Traffic, keyof typeof quantities>;

function trafficOf(options: Readonly<Partial<Record<keyof Traffic, string | undefined>>>): Traffic {
  const entries = (Object.keys(kinds) as (keyof Traffic)[]).flatMap((name) => {
    const written = options[name];
    if (written === undefined) return [];
    const quantity = quantities[kinds[name]];
    const value = readQuantity(quantity, written);
    if (value !== undefined) return [[name, value] as const];
    throw new FxError('USAGE', `${longFlag(name)} takes ${quantity.expected}, not ${JSON.stringify(written)}`);
  });
  return Object.fromEntries(entries);
}
