// fx remove: delete an environment, with its ledger and what no other environment of the project uses.
import { throwIfInterrupted } from '../base/interrupt.ts';
import type { Resource } from '../cfn/resource.ts';
import type { Environment } from '../project/environment.ts';
import { environmentPrefix } from '../release/ledger.ts';
import { removeStack, settled } from '../stack/apply.ts';
import { findBucket } from '../stack/bootstrap.ts';
import { type Context, identify, ledgerPlace, ownerTags } from './context.ts';
import { readLive } from './state.ts';

export interface Removal {
  readonly stackName: string;
  /** Resources that hold data and go with the stack. */
  readonly stateful: readonly { readonly logicalId: string; readonly type: string }[];
  readonly resources: number;
  /** By the project file, or by CloudFormation's termination protection. */
  readonly isProtected: boolean;
}

export interface Removed {
  readonly existed: boolean;
}

/** `approve` is asked once everything is known and nothing was done. */
export async function remove(
  environment: Environment,
  approve: (removal: Removal) => Promise<void>,
  context: Context,
): Promise<Removed> {
  await identify(environment, context);
  const options = { ...context, expected: 0 };
  const stack = await settled(context.aws, environment.stackName, ownerTags(environment), options);
  const bucket = await findBucket(context.aws);
  const keys = bucket === undefined ? [] : await keysOf(environment, bucket, context);
  if (stack === undefined && keys.length === 0) return { existed: false };
  const live = await readLive(context, stack);
  const resources = Object.entries(live?.stacks.root.template.Resources ?? {});
  await approve({
    stackName: environment.stackName,
    stateful: resources
      .filter(([id, resource]) => holdsData(environment, id, resource, context))
      .map(([logicalId, { Type }]) => ({ logicalId, type: Type })),
    resources: resources.length,
    isProtected: environment.protected || stack?.terminationProtection === true,
  });
  throwIfInterrupted(context.signal);
  if (stack !== undefined) {
    context.report({ kind: 'stage', stage: 'removing-stack' });
    if (stack.terminationProtection) await context.aws.stacks.protect(stack.name, false);
    await removeStack(context.aws, stack, { ...options, expected: resources.length });
  }
  // the ledger goes last, so that a removal that was interrupted can be run again
  if (bucket !== undefined && keys.length > 0) await context.aws.objects.delete(bucket, keys);
  return { existed: true };
}

/** Of what is live, whatever the source says by now. The logs of functions do not count. */
function holdsData(
  environment: Environment,
  id: string,
  { Type, DeletionPolicy }: Resource,
  context: Context,
): boolean {
  if (Type === 'AWS::Logs::LogGroup' && !environment.resourceIds.has(id)) return false;
  return context.schemas(Type)?.stateful === true && !/^Retain/.test(DeletionPolicy ?? '');
}

/** The ledger, and, where no other environment of the project has one, all that the project keeps. */
async function keysOf(environment: Environment, bucket: string, context: Context): Promise<readonly string[]> {
  const place = ledgerPlace(environment, bucket);
  const ledger = await context.aws.objects.list(bucket, environmentPrefix(place));
  const others = await context.aws.objects.list(bucket, `${environment.project}/environments/`);
  const alone = others.every(({ key }) => key.startsWith(environmentPrefix(place)));
  const shared = alone ? await context.aws.objects.list(bucket, `${environment.project}/`) : [];
  return [...new Set([...ledger, ...shared].map(({ key }) => key))];
}
