// How long to wait between two looks at a stack.

/** Until then, a change is one that people watch. */
const quietMs = 30_000;
/** After that much more without an event, the wait is longest. */
const growingMs = 300_000;
/** 2 s become 8 s. */
const most = 4;
const jitter = 0.25;

/** Longer while nothing happens, since CloudFormation limits calls over all deploys of an account; never in step with other deploys.
 * https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/cloudformation-limits.html */
export function pollDelay(pollMs: number, sinceEventMs: number, random = Math.random()): number {
  const grown = Math.min(1, Math.max(0, sinceEventMs - quietMs) / growingMs);
  return pollMs * (1 + (most - 1) * grown) * (1 + jitter * (2 * random - 1));
}
