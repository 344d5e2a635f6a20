// Runs a command in each region of an environment, one after the other or all at once, with one summary.
import { readFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { type ExitCode, FxError } from '../base/error.ts';
import { findProject } from '../project/find.ts';
import type { SeveralRegions } from '../project/several-regions.ts';
import type { Arguments, Command, Invocation, Options } from './command.ts';
import { chosenEnvironment } from './environment.ts';
import type { Output } from './outputs.ts';
import { plainRenderer } from './render/plain.ts';
import { openEnvironment } from './session.ts';

export interface RegionOutput {
  /** A line beside the result. */
  print(text: string): void;
}

type Each = Invocation<'environment' | 'project', Arguments, Options, Output>;

interface Outcome {
  readonly region: string;
  readonly code: ExitCode | undefined;
  readonly value: unknown;
  readonly error: unknown;
}

/** The command's exit code; the highest of all regions. Throws what failed first, with what became of the other regions. */
export async function runInRegions(command: Command, invocation: Each, output: RegionOutput): Promise<ExitCode> {
  const regions = invocation.common.region === undefined ? await regionsOf(invocation) : undefined;
  if (regions === undefined || regions.names.length < 2) return command.run(invocation);
  const outcomes = regions.together
    ? await Promise.all(regions.names.map((region) => runIn(region, command, together(region, invocation, output))))
    : await inOrder(regions.names, command, { invocation, output });
  // in a workspace, a project that is not deployed yet has not failed, and must not hide one that has
  const failures = outcomes.filter(({ error }) => error !== undefined);
  const failed =
    failures.find(({ error }) => !(error instanceof FxError && error.code === 'NOT_DEPLOYED')) ?? failures[0];
  if (failed !== undefined) throw withRegions(failed, outcomes, regions);
  invocation.print(`Done in ${regions.names.join(', ')}.`);
  invocation.result({ regions: outcomes.map(({ region, value }) => ({ region, ...(value as object) })) });
  return Math.max(...outcomes.map(({ code }) => code ?? 0)) as ExitCode;
}

async function inOrder(
  names: readonly string[],
  command: Command,
  { invocation, output }: { readonly invocation: Each; readonly output: RegionOutput },
): Promise<readonly Outcome[]> {
  const outcomes: Outcome[] = [];
  for (const region of names) {
    if (!invocation.common.json) output.print(`== ${region}\n`);
    const outcome = await runIn(region, command, invocation);
    outcomes.push(outcome);
    // what fails in one region must not reach the next
    if (outcome.error !== undefined) break;
  }
  return outcomes;
}

async function runIn(region: string, command: Command, invocation: Each): Promise<Outcome> {
  let value: unknown;
  const result = (given: unknown) => {
    value = given;
  };
  try {
    const code = await command.run({ ...invocation, common: { ...invocation.common, region }, result });
    return { region, code, value, error: undefined };
  } catch (error) {
    return { region, code: undefined, value, error };
  }
}

/** Lines of several regions at once name theirs. */
function together(region: string, invocation: Each, { print }: RegionOutput): Each {
  if (invocation.common.json) return invocation;
  const prefixed = (text: string) => text.replace(/^(?=.)/gm, `[${region}] `);
  const { report } = plainRenderer((text) => print(prefixed(text)));
  return { ...invocation, report, print: (text) => invocation.print(prefixed(text)) };
}

/** The error of one region, named; any other than fx's own as it is. */
export function ofRegion(region: string, error: unknown, ...hints: readonly string[]): unknown {
  if (!(error instanceof FxError)) return error;
  const hint = [error.hint, ...hints].filter((part) => part).join('; ');
  return new FxError(error.code, `${region}: ${error.message}`, { hint, problems: error.problems, cause: error });
}

function withRegions({ region, error }: Outcome, outcomes: readonly Outcome[], { names }: SeveralRegions): unknown {
  const done = outcomes.filter((outcome) => outcome.error === undefined).map((outcome) => outcome.region);
  const alsoFailed = outcomes.filter((outcome) => outcome.error !== undefined && outcome.region !== region);
  const left = names.filter((name) => !outcomes.some((outcome) => outcome.region === name));
  const others = [
    ...(done.length === 0 ? [] : [`done in ${done.join(', ')}`]),
    ...(alsoFailed.length === 0 ? [] : [`failed in ${alsoFailed.map((outcome) => outcome.region).join(', ')} too`]),
    ...(left.length === 0 ? [] : [`not begun in ${left.join(', ')}`]),
  ];
  return ofRegion(region, error, ...others, '--region runs it in one of them');
}

/** Loads the environment only if a file may have the key: most projects have one region, and every command would pay for it. */
async function regionsOf(invocation: Each): Promise<SeveralRegions | undefined> {
  const { io, common } = invocation;
  const named = common.config === undefined ? undefined : resolve(io.workingFolder, common.config);
  const { file, folder, beside } = await findProject(resolve(io.workingFolder, common.folder), named);
  const { name } = await chosenEnvironment(invocation);
  const layers = beside.filter((entry) => entry.startsWith(`project.${name}.`)).map((entry) => join(folder, entry));
  const texts = await Promise.all([file, ...layers].map((path) => readFile(path, 'utf8')));
  if (!texts.some((text) => /\bregions\b/.test(text))) return undefined;
  return (await openEnvironment({ ...invocation, report: () => {} })).regions;
}
