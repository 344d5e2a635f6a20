// The middle of a gradual change: publishes the new versions, moves the traffic, and writes the end state into the stack, or takes all of it back.
import type { StackDescription } from '../aws/aws.ts';
import { FxError } from '../base/error.ts';
import type { Candidate } from '../release/candidate.ts';
import { storeTemplate } from '../release/ledger.ts';
import type { Change } from '../release/record.ts';
import type { Applied } from '../stack/apply.ts';
import type { LiveAlias } from './aliases.ts';
import { applyOrRecord, applyTemplate, type Changing, failed } from './apply-change.ts';
import { type Context, commandLine } from './context.ts';
import { changedAliases, type Gradual, pinned, returnTraffic, shift } from './gradual.ts';
import type { Live } from './state.ts';
import { deleteVersions } from './unreleased.ts';

interface Gradually {
  readonly live: Live;
  readonly gradual: Gradual;
  readonly intent: Change;
}

/** Publishes the versions, moves the traffic, and writes the end state into the stack. */
export async function applyGradually(
  changing: Changing,
  { live, gradual, intent }: Gradually,
  context: Context,
): Promise<Applied> {
  const { candidate } = changing.input;
  const stacks = pinned(candidate, live);
  await storeTemplate(context.aws, changing.place, stacks.root);
  const published = await applyOrRecord(withCandidate(changing, { ...candidate, stacks }), intent, context);
  const next = withStack(changing, published.stack);
  const changed = await changedAliases({ candidate, stack: published.stack, stacks }, context);
  try {
    await shift(changed, { candidate, live, gradual }, context);
  } catch (error) {
    throw await takenBack(error, next, { live, gradual, intent, changed }, context);
  }
  try {
    return await applyOrRecord(next, intent, context);
  } catch (error) {
    await returnTraffic(changed, context);
    throw error;
  }
}

/** The traffic is back. If the new versions misbehaved, so is the stack; an interrupted fx leaves that to the next command. */
async function takenBack(
  error: unknown,
  changing: Changing,
  { live, intent, changed }: Gradually & { readonly changed: readonly LiveAlias[] },
  context: Context,
): Promise<unknown> {
  if (!(error instanceof FxError) || error.code === 'BUSY') return error;
  const lasting = { ...context, aws: context.aws.uninterrupted() };
  const isAborted = error.code === 'DEPLOY_ABORTED';
  if (isAborted) {
    context.report({ kind: 'stage', stage: 'restoring-stack' });
    const before = { ...changing.input.candidate, stacks: live.stacks, tags: live.stack.tags };
    await applyTemplate(withCandidate(changing, before), context);
    const versions = changed.map(({ physicalName: functionName, expected: version }) => ({ functionName, version }));
    await deleteVersions(versions, context);
  }
  await failed(changing.place, intent, error.message, lasting);
  const { environment } = changing.input;
  return new FxError(error.code, isAborted ? `the deploy was aborted: ${error.message}` : error.message, {
    hint: isAborted
      ? 'all calls go to the versions that had them before, and the stack is as it was'
      : `all calls go to the versions that had them before; ${commandLine('rollback', environment)} restores the stack too, ${commandLine('deploy', environment)} tries again`,
    cause: error,
  });
}

function withCandidate(changing: Changing, candidate: Candidate): Changing {
  return { ...changing, input: { ...changing.input, candidate } };
}

function withStack(changing: Changing, stack: StackDescription): Changing {
  return { ...changing, input: { ...changing.input, state: { ...changing.input.state, stack } } };
}
