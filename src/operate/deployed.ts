// What is deployed, for commands that only read: also while a change is in progress, or after one that failed.
import type { StackDescription } from '../aws/aws.ts';
import { FxError } from '../base/error.ts';
import type { Template } from '../cfn/resource.ts';
import type { Environment } from '../project/environment.ts';
import type { CandidateFunction } from '../release/candidate.ts';
import { parseStackTemplate } from '../template/stack-set.ts';
import { type Context, commandLine, namesMatching, notDeployed } from './context.ts';
import { heldRecord, readState, type State } from './state.ts';

export interface Deployed {
  readonly state: State;
  readonly stack: StackDescription;
  readonly template: Template;
  /** By the name in project.yml. */
  readonly functions: Readonly<Record<string, CandidateFunction>>;
}

/** Throws NOT_DEPLOYED. */
export async function readDeployed(environment: Environment, context: Context): Promise<Deployed> {
  const state = await readState(environment, context);
  const { stack, live, recorded, unfinished } = state;
  const record = live === undefined ? (recorded ?? unfinished[0]) : heldRecord(state, live);
  if (stack === undefined || (live === undefined && record === undefined)) throw notDeployed(environment);
  const { template } = live?.stacks.root ?? parseStackTemplate(await context.aws.stacks.template(stack.id));
  return { state, stack, template, functions: record?.functions ?? {} };
}

/** The deployed functions that the names or patterns choose; all without any. Throws USAGE or NOT_DEPLOYED. */
export function chosenFunctions(
  environment: Environment,
  patterns: readonly string[],
  { functions }: Pick<Deployed, 'functions'>,
): readonly string[] {
  const names = Object.keys(functions);
  if (patterns.length === 0) return names;
  const missing = patterns.find(
    (pattern) => functions[pattern] === undefined && environment.functions.some(({ name }) => name === pattern),
  );
  if (missing === undefined) return namesMatching(patterns, names);
  throw new FxError('NOT_DEPLOYED', `"${missing}" is in project.yml, but not in the live release`, {
    hint: commandLine('deploy', environment),
  });
}
