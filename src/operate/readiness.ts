// After a change in express mode: waits until the functions answer with what the change gave them. CloudFormation does not.
// https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/express-mode.html
import type { Readiness } from '../aws/aws.ts';
import { FxError } from '../base/error.ts';
import { pause } from '../base/interrupt.ts';
import type { Template } from '../cfn/resource.ts';
import type { Applied } from '../stack/apply.ts';
import { type Context, eachFunction } from './context.ts';

/** Provisioned concurrency takes minutes; an image that nobody pulled for weeks, too. */
const patienceMs = 15 * 60_000;

/** Waits until Lambda has finished its last change of a function, or of a version. `name`: its name or ARN. */
export async function settledReadiness(name: string, { aws, pollMs, signal }: Context): Promise<Readiness> {
  for (;;) {
    const readiness = await aws.functions.readiness(name);
    if (readiness.state !== 'pending') return readiness;
    await pause(pollMs, signal);
  }
}

interface Awaited {
  /** For people. */
  readonly name: string;
  ask(): Promise<Readiness>;
}

type Done = readonly Omit<Applied['done'][number], 'status'>[];

/** `template`: the one that was applied. Throws FUNCTION_FAILED if one failed, or is not ready after a quarter of an hour. */
export async function awaitReadiness(done: Done, template: Template, context: Context): Promise<void> {
  let waiting = awaited(done, template, context);
  if (waiting.length === 0) return;
  context.report({ kind: 'stage', stage: 'awaiting-functions' });
  const until = context.now() + patienceMs;
  for (;;) {
    const answers = await eachFunction(waiting, async (one) => ({ one, ...(await one.ask()) }));
    const failed = answers.filter(({ state }) => state === 'failed');
    const pending = answers.filter(({ state }) => state === 'pending');
    if (failed.length > 0) throw notReady(failed, 'failed to start');
    if (pending.length === 0) return;
    if (context.now() > until) throw notReady(pending, 'is still not ready');
    waiting = pending.map(({ one }) => one);
    await pause(context.pollMs, context.signal);
  }
}

/** Versions, since traffic goes to them; functions without a new one; and aliases with provisioned concurrency. Each once: a resource may be done
 * twice, in the update and its cleanup. */
function awaited(done: Done, { Resources }: Template, { aws: { functions } }: Context): readonly Awaited[] {
  const found = new Map<string, Awaited>();
  const versioned = new Set(
    done.flatMap(({ type, physicalId }) => (type === 'AWS::Lambda::Version' ? [physicalId?.split(':')[6]] : [])),
  );
  for (const { logicalId, type, physicalId } of done) {
    if (physicalId === undefined) continue;
    const isFunction = type === 'AWS::Lambda::Function' && !versioned.has(physicalId);
    if (isFunction || type === 'AWS::Lambda::Version') {
      found.set(physicalId, { name: shortName(physicalId), ask: () => functions.readiness(physicalId) });
    }
    const [, functionName, alias] = /:function:([^:]+):([^:]+)$/.exec(physicalId) ?? [];
    const isProvisioned = Resources[logicalId]?.Properties?.['ProvisionedConcurrencyConfig'] !== undefined;
    if (type === 'AWS::Lambda::Alias' && isProvisioned && functionName !== undefined && alias !== undefined) {
      const ask = () => functions.provisioning({ functionName, alias });
      found.set(physicalId, { name: shortName(physicalId), ask });
    }
  }
  return [...found.values()];
}

/** `shop-prod-orders:12`. */
const shortName = (id: string): string => id.replace(/^arn:.*:function:/, '');

function notReady(
  answers: readonly { readonly one: Awaited; readonly reason: string | undefined }[],
  what: string,
): FxError {
  const each = answers.map(({ one, reason }) => `${one.name} ${what}${reason === undefined ? '' : `: ${reason}`}`);
  return new FxError('FUNCTION_FAILED', each.join('; '), {
    hint: 'the stack has the new functions already: fx rollback takes them back, fx logs shows why',
  });
}
