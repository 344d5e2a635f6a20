// Follows what a local AWS serves: requests, invocations and log lines, as they happen.
import { request } from 'node:http';
import type { Inspected, Served } from '../local/following.ts';
import { followPath } from '../local/identity.ts';

export type { Inspected, Served };

/** Resolves once the local AWS sends events; they come until the signal aborts or the local AWS ends, which calls `ended`. */
export function follow(
  endpoint: string,
  inspect: Readonly<Record<string, Inspected>>,
  { signal, take, ended }: { signal: AbortSignal; take(event: Served): void; ended(): void },
): Promise<void> {
  return new Promise((done, fail) => {
    const asked = request(`${endpoint}${followPath}`, {
      method: 'POST',
      agent: false,
      signal,
      headers: { 'content-type': 'application/json' },
    });
    asked.once('error', (error) => (signal.aborted ? done() : fail(error)));
    asked.once('response', (response) => {
      if (response.statusCode !== 200) fail(new Error(`the local AWS answered with ${response.statusCode}`));
      // also when this end closes it
      response.on('error', () => {});
      let rest = '';
      response.setEncoding('utf8').on('data', (chunk: string) => {
        const lines = (rest + chunk).split('\n');
        rest = lines.pop() ?? '';
        for (const line of lines) take(JSON.parse(line) as Served);
      });
      response.once('close', () => {
        if (!signal.aborted) ended();
      });
      done();
    });
    asked.end(JSON.stringify({ inspect }));
  });
}
