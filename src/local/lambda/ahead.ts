// Starts environments ahead of the first invocation while somebody follows the local AWS: new code answers without a cold start, and a
// debugger finds its process.
import type { LambdaContext } from './context.ts';
import type { LambdaFunction } from './state.ts';

/** The code of a function that has versions changed: starts the version that a publish will make of it. An inspected function has one process, which goes
 * on with the version that its alias names. */
export function startNext({ cloud, pool }: LambdaContext, { name, latest, nextVersion }: LambdaFunction): void {
  if (!cloud.following.isFollowed || cloud.following.inspected(name) !== undefined || nextVersion === 1) return;
  void pool.prepare(name, { ...latest, version: String(nextVersion) });
}

/** A debugger waits for the function, or its alias has moved. */
export function startInspected({ cloud, functions, pool }: LambdaContext, name: string): void {
  const fn = functions.get(name);
  if (fn === undefined || cloud.following.inspected(name) === undefined) return;
  const [alias] = Object.values(fn.aliases);
  void pool.prepare(name, fn.versions[alias?.version ?? ''] ?? fn.latest);
}
