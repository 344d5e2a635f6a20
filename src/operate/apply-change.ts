// The step of a change in which CloudFormation applies the template, and the record of its failure.
import type { Identity, StackInput } from '../aws/aws.ts';
import { FxError, type Span } from '../base/error.ts';
import type { Path } from '../cfn/resource-schema.ts';
import type { Environment } from '../project/environment.ts';
import { type Candidate, type CandidateFunctions, restoredFunctions } from '../release/candidate.ts';
import { type LedgerPlace, templateKey, writeRelease } from '../release/ledger.ts';
import type { Change, Release } from '../release/record.ts';
import { isOutsideStack } from '../release/target.ts';
import { type Applied, apply, StackFailure, templateBodyLimit } from '../stack/apply.ts';
import type { Stores } from '../stack/bootstrap.ts';
import type { Change as ResourceChange } from '../stack/difference.ts';
import type { StackTemplate } from '../template/stack-set.ts';
import { templateUrlLimit } from '../template/validate.ts';
import { moveTraffic } from './aliases.ts';
import { type Context, timeOf } from './context.ts';
import type { Gradual } from './gradual.ts';
import { awaitReadiness } from './readiness.ts';
import { failureOf } from './stack-failure.ts';
import { hasPolicy } from './stack-options.ts';
import { type ChangeableState, heldRelease, type Live } from './state.ts';
import { parametersFor } from './stores.ts';

export interface How {
  /** Called before anything is written, if data would be deleted. */
  approve(losses: readonly ResourceChange[]): Promise<void>;
  /** `first`: move the aliases to the candidate's versions, which exist, before the stack update. */
  readonly traffic: 'with-stack' | 'first';
  /** Moves the traffic step by step between two updates of the stack: the first publishes the versions, the second makes them live. */
  readonly gradual?: Gradual;
  /** Runs once the change is approved, before anything is written. */
  begin?(): Promise<void>;
  /** Makes sure that the stores contain what the template names. */
  prepare?(stores: Stores): Promise<void>;
  /** The interrupted change to resume. */
  readonly resumed?: Change;
  /** The position in project.yml of a resource, or of a path in it, for problems. */
  placeOf?(logicalId: string, path?: Path): Span;
}

export interface ChangeInput {
  readonly environment: Environment;
  readonly identity: Identity;
  readonly candidate: Candidate;
  /** Read and settled under the lease: no change is unfinished except the resumed one. */
  readonly state: ChangeableState;
  readonly how: How;
}

export interface Changing {
  readonly input: ChangeInput;
  readonly live: Live | undefined;
  readonly place: LedgerPlace;
  /** How many resources change. */
  readonly expected: number;
}

/** Applies the template. If the stack rolls back, records a failed release; the traffic is where a rollback put it, or where it was. */
export async function applyOrRecord(changing: Changing, intent: Change, context: Context): Promise<Applied> {
  const { environment, candidate, how } = changing.input;
  try {
    return await applyTemplate(changing, context);
  } catch (error) {
    if (!(error instanceof StackFailure)) {
      if (error instanceof FxError && error.code === 'BUSY')
        await failed(changing.place, intent, error.message, context);
      throw error;
    }
    const moved = how.traffic === 'first' ? restoredFunctions(candidate) : functionsOutsideStack(changing.input.state);
    await moveTraffic(environment, moved, { stackFollows: true }, context);
    await failed(changing.place, intent, error.message, context);
    throw failureOf(error, changing.input);
  }
}

/** Going back, CloudFormation points the aliases to the versions of the stack: after a deploy of code alone or a rollback of the traffic alone,
 * these are not the versions that answered. */
function functionsOutsideStack(state: ChangeableState): CandidateFunctions {
  const held = heldRelease(state);
  return held !== undefined && isOutsideStack(held) ? held.functions : {};
}

/** Records the end of a change, with the versions that its functions have now. */
export function recordSucceeded(
  place: LedgerPlace,
  intent: Change,
  functions: Change['functions'],
  context: Context,
): Promise<Release> {
  const ended = timeOf(context);
  const release = { ...intent, functions, status: 'succeeded', cause: undefined, interrupted: false, ended } as const;
  return writeRelease(context.aws, place, release);
}

export function failed(place: LedgerPlace, intent: Change, cause: string, context: Context): Promise<Release> {
  const ended = timeOf(context);
  return writeRelease(context.aws, place, { ...intent, status: 'failed', cause, interrupted: false, ended });
}

export async function applyTemplate({ input, live, place, expected }: Changing, context: Context): Promise<Applied> {
  const { environment, candidate, state } = input;
  const { options } = state;
  context.report({ kind: 'stage', stage: live === undefined ? 'creating-stack' : 'updating-stack' });
  const stackInput: Omit<StackInput, 'token'> = {
    name: environment.stackName,
    template: templateLocation(context, place, candidate.stacks.root),
    parameters: parametersFor(candidate.stacks.root, state.stores),
    tags: candidate.tags,
    // sending a policy again would be an update by itself
    options: { ...options, policy: hasPolicy(live?.policy, options) ? undefined : options.policy },
  };
  const applied = await apply(context.aws, stackInput, state.stack, { ...context, expected });
  if (options.express) await awaitReadiness(applied.done, candidate.stacks.root.template, context);
  return applied;
}

/** CloudFormation accepts a large template only from an object. */
export function templateLocation(
  { aws }: Context,
  place: LedgerPlace,
  { text, hash }: StackTemplate,
): StackInput['template'] {
  const size = Buffer.byteLength(text);
  if (size <= templateBodyLimit) return { body: text };
  if (size <= templateUrlLimit) return { url: aws.objects.url(place.bucket, templateKey(place.project, hash)) };
  throw new FxError(
    'TEMPLATE_INVALID',
    `the template is ${size} bytes; CloudFormation takes at most ${templateUrlLimit}`,
    {
      hint: 'split the project',
    },
  );
}
