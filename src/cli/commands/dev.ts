// fx dev
import { setMaxListeners } from 'node:events';
import { resolve } from 'node:path';
import { FxError } from '../../base/error.ts';
import { interruption } from '../../base/interrupt.ts';
import type { Context } from '../../operate/context.ts';
import type { DevEvent } from '../../operate/dev.ts';
import { type Environment, localEnvironment } from '../../project/environment.ts';
import { findProject } from '../../project/find.ts';
import type { Project } from '../../project/project.ts';
import { localFolder, temporaryLocal } from '../../session/local.ts';
import { allowReplaceOption, approveLosses } from '../approve.ts';
import { command, type Invocation, type NoArguments, type Options } from '../command.ts';
import { chosenEnvironment } from '../environment.ts';
import { checkPortsFree, type InspectedFunction, inspectedFunctions } from '../inspect.ts';
import { listenToKeys } from '../keys.ts';
import type { LiveItem, Outputs } from '../outputs.ts';
import { devEventText, inspectText, liveAgainText, liveText } from '../render/dev-event-text.ts';
import { type DevTextOptions, servedText } from '../render/dev-text.ts';
import { renderError } from '../render/error.ts';
import { jsonError } from '../render/json.ts';
import { contextOf, openProject } from '../session.ts';

const options = {
  inspect: {
    kind: 'repeated',
    value: 'function[:port]',
    about: 'run a function under a debugger (Node.js: port 9229, Python: 5678); repeatable; local environment only',
  },
  inspectBrk: {
    kind: 'repeated',
    value: 'function[:port]',
    about: 'the same, and wait for the debugger before the first line',
  },
  noLogs: { kind: 'flag', about: 'do not show what functions log' },
  allowReplace: allowReplaceOption,
} as const satisfies Options;

type Dev = Invocation<'project', NoArguments, typeof options, Outputs['dev']>;

export const dev = command({
  output: 'dev',
  needs: 'project',
  options,
  examples: [
    ['fx dev', 'Deploy to the local AWS, and again whatever is saved'],
    ['fx dev --inspect orders', 'With breakpoints in a function: attach to port 9229'],
    ['fx dev --env staging --no-logs', 'Give an environment on AWS each change of code in seconds'],
  ],
  async run(given) {
    const quit = new AbortController();
    const signal = AbortSignal.any([given.signal, quit.signal]);
    // every call in progress adds a listener
    setMaxListeners(0, signal);
    const invocation = {
      ...given,
      signal,
      report: eachWarningOnce(given),
    };
    const { name } = await chosenEnvironment(invocation);
    const isLocal = name === localEnvironment;
    const server = isLocal ? await temporaryLocal(await stateFolderOf(invocation)) : undefined;
    try {
      const project = await openProject(invocation);
      const inspected = inspectedFunctions(project, invocation.options);
      if (!isLocal && inspected.length > 0) throw new FxError('USAGE', '--inspect is for the local environment');
      await checkPortsFree(inspected);
      checkOneRegion(project, invocation);
      const { refuseProtected } = await import('../../operate/deploy-code.ts');
      refuseProtected(project.environment);
      const opened = await contextOf(invocation, project.environment);
      await server?.started();
      // a local function is ready in milliseconds
      const context = isLocal ? { ...opened, pollMs: 8 } : opened;
      await serve(invocation, { project, inspected, context, quit: () => quit.abort() });
      return 0;
    } finally {
      await server?.end();
    }
  },
});

function checkOneRegion({ environment: { name, regions } }: Project, { common }: Dev): void {
  if (regions === undefined || regions.names.length < 2 || common.region !== undefined) return;
  throw new FxError('USAGE', `fx dev works in one region, and "${name}" has ${regions.names.length}`, {
    hint: `choose it with --region: ${regions.names.join(', ')}`,
  });
}

async function stateFolderOf({ io, common }: Dev): Promise<string> {
  const file = common.config === undefined ? undefined : resolve(io.workingFolder, common.config);
  return localFolder((await findProject(resolve(io.workingFolder, common.folder), file)).folder);
}

interface Serving {
  readonly project: Project;
  readonly inspected: readonly InspectedFunction[];
  readonly context: Context;
  quit(): void;
}

async function serve(invocation: Dev, { project, inspected, context, quit }: Serving): Promise<void> {
  const { io, common, options: chosen } = invocation;
  let current = project;
  let outputs: Readonly<Record<string, string>> = {};
  let isLive = false;
  let deployAgain = () => {};
  const text: DevTextOptions = {
    color: io.color && io.stdoutIsTerminal,
    get columns() {
      return io.stdoutIsTerminal ? io.columns() : undefined;
    },
    nameOf: (physical) => current.functions.find(({ physicalName }) => physicalName === physical)?.name ?? physical,
    now: () => Date.now(),
  };
  const keys = listenToKeys(io, {
    r: () => deployAgain(),
    o: () => void openFirst(invocation, outputs),
    l: () => io.out('\u001b[2J\u001b[3J\u001b[H'),
    q: quit,
    h: () => invocation.print(keysText),
    '?': () => invocation.print(keysText),
  });
  const show = (event: DevEvent) => {
    if (event.kind === 'failed') {
      const { error } = event;
      const how = { color: io.color && io.stderrIsTerminal, debug: false, workingFolder: io.workingFolder };
      invocation.aside(renderError(error, how));
      if (common.json) io.out(jsonError(error));
      invocation.aside(isLive ? 'The last good state goes on serving.' : 'Waiting for a change.');
      return;
    }
    if (event.kind === 'live') {
      const before = outputs;
      ({ project: current, outputs } = event);
      invocation.item('live', liveValue(event), isLive ? liveAgainText(event, before, text) : liveText(event, text));
      if (!isLive && inspected.length > 0) invocation.print(inspectText(inspected, text));
      if (!isLive && keys.areHeard) invocation.print(keysText);
      isLive = true;
      return;
    }
    const { kind, ...value } = event;
    invocation.item(kind, value, devEventText(event, text));
  };
  const [{ dev: develop }] = await Promise.all([
    import('../../operate/dev.ts'),
    watchServed(invocation, { context, inspected, environment: project.environment, text }),
  ]);
  try {
    await develop(
      project,
      {
        load: () => openProject(invocation),
        approve: (losses) =>
          keys.pausedFor(() =>
            approveLosses(project.environment, losses, {
              io,
              ask: invocation.ask,
              options: { allowReplace: chosen.allowReplace, confirm: undefined },
            }),
          ),
        say: show,
        control: (again) => {
          deployAgain = again;
        },
      },
      context,
    );
  } finally {
    keys.end();
  }
  if (!isLive && invocation.signal.aborted) throw interruption();
}

const keysText = 'Keys: r redeploy · o open · l clear · q quit';

function liveValue({ changed, release, outputs, ms }: Extract<DevEvent, { kind: 'live' }>): LiveItem {
  return { changed, release, outputs, ms };
}

interface Watching {
  readonly context: Context;
  readonly environment: Environment;
  readonly inspected: readonly InspectedFunction[];
  readonly text: DevTextOptions;
}

/** Requests and logs: the local AWS sends them; from any other, logs are read. */
async function watchServed(invocation: Dev, { context, environment, inspected, text }: Watching): Promise<void> {
  const { signal } = invocation;
  const { noLogs } = invocation.options;
  if (environment.name === localEnvironment) {
    const { follow } = await import('../../session/follow.ts');
    const wishes = Object.fromEntries(
      inspected.map(({ physicalName, port, breaks, sources }) => [physicalName, { port, breaks, sources }]),
    );
    await follow(context.aws.endpoint ?? '', wishes, {
      signal,
      take(event) {
        if (noLogs && event.kind === 'log') return;
        const line = servedText(event, text);
        if (line === undefined) return;
        const { kind, ...value } = event;
        const named =
          'functionName' in value ? { ...value, functionName: text.nameOf(value.functionName ?? '') } : value;
        const timed = 'time' in named ? { ...named, time: new Date(named.time).toISOString() } : named;
        invocation.item(kind, timed, line);
      },
      ended: () => invocation.aside('The local AWS was stopped: quit, and run fx dev again.'),
    });
    return;
  }
  if (!noLogs) void tail(invocation, { context, environment, text });
}

async function tail(invocation: Dev, { context, environment, text }: Omit<Watching, 'inspected'>): Promise<void> {
  const { allLogs, logs } = await import('../../operate/logs.ts');
  const quiet = { ...context, report: () => {} };
  const wanted = { ...allLogs, since: new Date(context.now()), follow: true };
  try {
    for await (const { functionName, time, message, record } of logs(environment, wanted, quiet)) {
      if (record.platform !== undefined && record.platform !== 'fault') continue;
      const line = servedText({ kind: 'log', functionName, time: time.getTime(), message }, text);
      if (line !== undefined) invocation.item('log', { functionName, time: time.toISOString(), message }, line);
    }
  } catch (error) {
    if (!(error instanceof FxError)) throw error;
    invocation.aside(`Logs are not shown any more: ${error.message}`);
  }
}

async function openFirst(invocation: Dev, outputs: Readonly<Record<string, string>>): Promise<void> {
  const url = Object.values(outputs).find((value) => /^https?:/.test(value));
  if (url === undefined) return invocation.aside('There is no address to open.');
  const { openUrl } = await import('../open-url.ts');
  openUrl(url, () => invocation.aside(`There is no program to open ${url} with.`));
}

/** The project is read again and again. */
function eachWarningOnce({ report }: Dev): Dev['report'] {
  const said = new Set<string>();
  return (event) => {
    if (event.kind === 'warning') {
      const key = `${event.at.file}:${event.at.line} ${event.message}`;
      if (said.has(key)) return;
      said.add(key);
    }
    report(event);
  };
}
