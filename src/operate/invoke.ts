// fx invoke: call a function through its live alias.
import type { InvokeResult } from '../aws/aws.ts';
import { liveAlias } from '../cfn/names.ts';
import type { Project } from '../project/project.ts';
import { type Context, findFunction, identify, notDeployed } from './context.ts';

export interface InvokeOptions {
  readonly name: string;
  readonly payload: string;
  readonly mode: 'wait' | 'async' | 'dry-run';
  /** A version or another alias in place of the live one. */
  readonly qualifier?: string;
}

export async function invoke(project: Project, options: InvokeOptions, context: Context): Promise<InvokeResult> {
  const { physicalName } = findFunction(project, options.name);
  await identify(project, context);
  if ((await context.aws.functions.aliasVersion(physicalName, liveAlias)) === undefined) throw notDeployed(project);
  return context.aws.functions.invoke({
    functionName: physicalName,
    qualifier: options.qualifier ?? liveAlias,
    payload: Buffer.from(options.payload),
    mode: options.mode,
  });
}
