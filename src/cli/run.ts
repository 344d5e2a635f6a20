// Runs one command: loads its code, parses its words, shows its reports and its result.
import { type ExitCode, FxError } from '../base/error.ts';
import { interruption } from '../base/interrupt.ts';
import type { Arguments, Command, Invocation, Needs, Options } from './command.ts';
import { type CommonValues, commonOptions, commonValues } from './common-options.ts';
import { showError } from './failure.ts';
import type { Io } from './io.ts';
import type { CommandTarget, Process } from './main.ts';
import type { Output as CommandOutput } from './outputs.ts';
import { parse } from './parse.ts';
import type { RegionOutput } from './regions.ts';
import { jsonItem, jsonRenderer, jsonResult } from './render/json.ts';
import { plainRenderer } from './render/plain.ts';
import type { Renderer } from './render/renderer.ts';
import { terminalRenderer } from './render/terminal.ts';

/** Shows the errors of the command; rejects with USAGE if the words are invalid. */
export async function runCommand(target: CommandTarget, process: Process): Promise<ExitCode | 'help'> {
  const { io, signal, version, admit } = process;
  const command = await target.row.load();
  const options = { ...command.options, ...commonOptions(command.needs, io) };
  const parsed = parse(target.words, { line: `fx ${target.name}`, args: command.args, options });
  if (parsed === 'help') return 'help';
  // parsed according to these declarations
  const common = parsed.options as unknown as CommonValues;
  const { json, debug } = common;
  const renderer = rendererFor(io, json);
  try {
    checkClock(io);
    const invocation: Invocation<Needs, Arguments, Options, CommandOutput> = {
      io,
      report: renderer.report,
      signal,
      version,
      ...(admit === undefined ? {} : { admit }),
      needs: command.needs,
      common: commonValues(common),
      args: parsed.args as Invocation<Needs, Arguments, Options, CommandOutput>['args'],
      options: parsed.options as Invocation<Needs, Arguments, Options, CommandOutput>['options'],
      ...output(renderer, io, json),
    };
    const code = await runWhereDeclared({ command, name: target.name }, invocation, { print: (text) => io.err(text) });
    renderer.end('done');
    if (io.stderrIsTerminal && !json && target.name !== 'upgrade') {
      const { showUpgradeNote } = await import('./upgrade-note.ts');
      await showUpgradeNote(io, version);
    }
    return code;
  } catch (error) {
    renderer.end('failed');
    // any failure after the interruption is its consequence
    const shown = signal.aborted && !(error instanceof FxError) ? interruption() : error;
    return showError(shown, io, { json, debug });
  }
}

/** In the projects of the workspace that the words or the folder choose, else in the project of the folder. */
async function runWhereDeclared(
  { command, name }: { readonly command: Command; readonly name: string },
  given: Invocation<Needs, Arguments, Options, CommandOutput>,
  output: RegionOutput,
): Promise<ExitCode> {
  if (given.needs === 'folder') return command.run(given);
  const invocation = given as Invocation<'environment' | 'project', Arguments, Options, CommandOutput>;
  const runIn = (own: typeof invocation, on: RegionOutput) => runInItsRegions(command, own, on);
  const { chosenProjects } = await import('./workspace/choose.ts');
  const chosen = await chosenProjects(name, command, invocation);
  if (chosen === undefined) return runIn(invocation, output);
  const { inEachProject: how } = command;
  if (chosen.kind === 'project' || how === undefined) {
    const folder = chosen.kind === 'project' ? chosen.folder : chosen.workspace.folder;
    return runIn({ ...invocation, common: { ...invocation.common, folder, projects: [] } }, output);
  }
  const { runInWorkspace } = await import('./workspace/run.ts');
  return runInWorkspace({ ...chosen, command, how, runIn }, invocation, output);
}

/** In each region of the environment, or once. */
async function runInItsRegions(
  command: Command,
  invocation: Invocation<'environment' | 'project', Arguments, Options, CommandOutput>,
  output: RegionOutput,
): Promise<ExitCode> {
  const { inEachRegion = false } = command;
  const isWanted =
    typeof inEachRegion === 'function' ? inEachRegion(invocation.args, invocation.options) : inEachRegion;
  if (!isWanted) return command.run(invocation);
  const { runInRegions } = await import('./regions.ts');
  return runInRegions(command, invocation, output);
}

function checkClock(io: Io): void {
  if (!Number.isNaN(io.now())) return;
  throw new FxError(
    'USAGE',
    `FX_LOCAL_TIME is ${JSON.stringify(io.variables['FX_LOCAL_TIME'])}, not a time such as 2026-11-26T12:00:00Z`,
  );
}

type Output = Pick<Invocation<Needs, Arguments, Options, CommandOutput>, 'print' | 'item' | 'aside' | 'ask' | 'result'>;

/** A command's output, after the progress on the screen. */
function output(renderer: Renderer, io: Io, json: boolean): Output {
  return {
    print(text) {
      renderer.end('done');
      if (!json && text !== '') io.out(`${text}\n`);
    },
    item(type, value, text) {
      renderer.end('done');
      io.out(json ? jsonItem(type, value) : `${text}\n`);
    },
    aside(text) {
      renderer.end('done');
      if (!json) io.err(text.endsWith('\n') ? text : `${text}\n`);
    },
    ask(question) {
      renderer.end('done');
      return io.ask(question);
    },
    result(value) {
      renderer.end('done');
      if (json) io.out(jsonResult(value));
    },
  };
}

/** Progress goes to standard error, so that the result can be piped. */
function rendererFor(io: Io, json: boolean): Renderer {
  if (json) return jsonRenderer(io.out);
  if (io.stderrIsTerminal) return terminalRenderer({ write: io.err, columns: io.columns, color: io.color });
  return plainRenderer(io.err);
}
