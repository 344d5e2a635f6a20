// Polls a function until it gives an answer, and says when.
import { setTimeout as pause } from 'node:timers/promises';

const everyMs = 20;
// contains service and region; the local AWS checks no signature
const authorization =
  'AWS4-HMAC-SHA256 Credential=bench/20260101/us-east-1/lambda/aws4_request, SignedHeaders=host, Signature=0';

/** The marker in the function's answer; undefined while it does not answer. */
export async function markerOf(endpoint, name, qualifier) {
  const query = qualifier === undefined ? '' : `?Qualifier=${qualifier}`;
  const response = await fetch(`${endpoint}/2015-03-31/functions/${name}/invocations${query}`, {
    method: 'POST',
    headers: { authorization },
    body: '{}',
  });
  const text = await response.text();
  return response.ok ? JSON.parse(text).marker : undefined;
}

/** Milliseconds from now until the function answers with the marker. Gives up once `stopped`. */
export async function awaitAnswer({ endpoint, name, qualifier, marker }, stopped) {
  const began = performance.now();
  for (;;) {
    if ((await markerOf(endpoint, name, qualifier)) === marker) return performance.now() - began;
    if (stopped.aborted) throw new Error(`${name} does not answer with "${marker}" after the rollback`);
    await pause(everyMs);
  }
}
