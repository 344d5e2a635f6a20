// fx invoke: call a function through its live alias.
import type { InvokeResult } from '../aws/aws.ts';
import { liveAlias } from '../cfn/names.ts';
import type { Environment } from '../project/environment.ts';
import { type Context, findFunction, identify, notDeployed } from './context.ts';

export interface InvokeOptions {
  readonly name: string;
  readonly payload: string;
  readonly mode: 'wait' | 'async' | 'dry-run';
  /** A version, or an alias other than live. */
  readonly qualifier?: string;
}

export async function invoke(
  environment: Environment,
  options: InvokeOptions,
  context: Context,
): Promise<InvokeResult> {
  const { physicalName } = findFunction(environment, options.name);
  await identify(environment, context);
  const state = await context.aws.functions.alias({ functionName: physicalName, alias: liveAlias });
  if (state === undefined) throw notDeployed(environment);
  return context.aws.functions.invoke({
    functionName: physicalName,
    qualifier: options.qualifier ?? liveAlias,
    payload: Buffer.from(options.payload),
    mode: options.mode,
  });
}
