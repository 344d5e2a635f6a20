// CloudFormation's own view of a deploy: a change set of the very input, read and deleted. It changes no resource.
import type { ChangeSetChange, StackDescription } from '../aws/aws.ts';
import { FxError } from '../base/error.ts';
import { throwIfInterrupted } from '../base/interrupt.ts';
import { textWithoutSecrets } from '../cfn/value-text.ts';
import type { Environment } from '../project/environment.ts';
import type { Candidate } from '../release/candidate.ts';
import { storeTemplate } from '../release/ledger.ts';
import { templateBodyLimit } from '../stack/apply.ts';
import { newToken } from '../stack/follow.ts';
import { moveFor } from '../stack/status.ts';
import { templateLocation } from './apply-change.ts';
import { type Context, ledgerPlace } from './context.ts';
import type { State } from './state.ts';
import { parametersFor } from './stores.ts';

export interface ChangeSetView {
  /** Whether it compared with what the resources are, not only with what the last operation made them. */
  readonly drift: boolean;
  readonly changes: readonly ChangeSetChange[];
}

export interface ChangeSetInput {
  readonly environment: Environment;
  readonly candidate: Candidate;
  readonly state: State;
  readonly drift: boolean;
}

export async function changeSetView(input: ChangeSetInput, context: Context): Promise<ChangeSetView> {
  const { environment, state, drift } = input;
  const { stack } = state;
  const move = moveFor(stack?.status);
  const isNew = stack === undefined || stack.status === 'REVIEW_IN_PROGRESS';
  if (!isNew && move !== 'update') throw noChangeSet(stack);
  if (isNew && drift) {
    throw new FxError('USAGE', `"${environment.name}" is not deployed: nothing can have drifted`, {
      hint: '--change-set shows what CloudFormation would create',
    });
  }
  context.report({ kind: 'stage', stage: 'creating-change-set' });
  const created = await create(input, isNew ? 'CREATE' : 'UPDATE', context);
  try {
    return { drift, changes: (await finished(created.id, context)).map(withoutSecretValues) };
  } finally {
    await clean(created, stack === undefined, context);
  }
}

function noChangeSet({ name, status }: StackDescription): FxError {
  return moveFor(status) === 'wait'
    ? new FxError('BUSY', `${name} is in ${status}`, { hint: 'try again when that has ended' })
    : new FxError('STACK_STUCK', `${name} is in ${status}: CloudFormation makes no change set for it`, {
        hint: 'without --change-set and --drift, fx plan compares the templates',
      });
}

/** Before the first deploy, there is no bucket: a change set reads no artifact. */
const notYet = { bucket: 'created-by-the-first-deploy', repository: 'created-by-the-first-deploy' };

async function create(
  { environment, candidate, state, drift }: ChangeSetInput,
  kind: 'CREATE' | 'UPDATE',
  context: Context,
) {
  const { root } = candidate.stacks;
  const { stores } = state;
  const place = ledgerPlace(environment, stores?.bucket ?? '');
  if (Buffer.byteLength(root.text) > templateBodyLimit) {
    if (stores === undefined) {
      throw new FxError(
        'NOT_DEPLOYED',
        'CloudFormation reads a template of this size from the bucket, which the first deploy creates',
      );
    }
    await storeTemplate(context.aws, place, root);
  }
  const token = newToken();
  return context.aws.changeSets.create({
    name: environment.stackName,
    changeSet: `fx-plan-${token}`,
    kind,
    revertDrift: drift,
    template: templateLocation(context, place, root),
    parameters: parametersFor(root, { ...notYet, ...stores }),
    tags: candidate.tags,
    token,
  });
}

async function finished(id: string, context: Context): Promise<readonly ChangeSetChange[]> {
  for (;;) {
    const { status, reason = '', changes } = await context.aws.changeSets.describe(id);
    if (status === 'CREATE_COMPLETE') return changes;
    if (status === 'FAILED') {
      // https://docs.aws.amazon.com/AWSCloudFormation/latest/APIReference/API_DescribeChangeSet.html has only the text
      if (/didn't contain changes|No updates are to be performed/.test(reason)) return [];
      throw new FxError('STACK_FAILED', `CloudFormation could not make a change set: ${reason}`);
    }
    throwIfInterrupted(context.signal);
    await new Promise((done) => setTimeout(done, context.pollMs));
  }
}

/** Also after an interruption. A change set for a new stack leaves the stack in review, empty. */
async function clean(
  { id, stackId }: { readonly id: string; readonly stackId: string },
  isNew: boolean,
  { aws, pollMs }: Context,
): Promise<void> {
  const lasting = aws.uninterrupted();
  // CloudFormation refuses to delete one that it is still making
  for (let status = ''; !['CREATE_COMPLETE', 'FAILED'].includes(status); ) {
    ({ status } = await lasting.changeSets.describe(id));
    if (status.endsWith('_PENDING') || status.endsWith('_IN_PROGRESS'))
      await new Promise((done) => setTimeout(done, pollMs));
    else break;
  }
  await lasting.changeSets.delete(id);
  if (!isNew) return;
  const stack = await lasting.stacks.describe(stackId);
  if (stack?.status === 'REVIEW_IN_PROGRESS') await lasting.stacks.delete(stackId, newToken());
}

function withoutSecretValues(change: ChangeSetChange): ChangeSetChange {
  const shown = (value: string | undefined, name: string) => value && textWithoutSecrets(value, name);
  return {
    ...change,
    details: change.details.map((detail) => {
      const name = detail.path.split('/').findLast((step) => !/^\d*$/.test(step)) ?? '';
      const { drift } = detail;
      return {
        ...detail,
        before: shown(detail.before, name),
        after: shown(detail.after, name),
        ...(drift === undefined
          ? {}
          : { drift: { previous: shown(drift.previous, name), actual: shown(drift.actual, name) } }),
      };
    }),
  };
}
