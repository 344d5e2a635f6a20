// A proxy on loopback that records when AWS calls were in progress: the time for which any deploy has to wait.
import { createServer, request } from 'node:http';

/** Starts it before an endpoint. `take()` returns the calls since the last `take()`, and the time in which any was in progress. */
export async function startRecorder(endpoint) {
  const { hostname, port } = new URL(endpoint);
  let calls = [];
  const server = createServer((incoming, outgoing) => {
    const call = { began: performance.now(), ended: undefined };
    calls.push(call);
    const { method, url: path, headers } = incoming;
    const onward = request({ hostname, port, method, path, headers }, (answer) => {
      outgoing.writeHead(answer.statusCode, answer.headers);
      answer.pipe(outgoing);
      answer.once('end', () => {
        call.ended = performance.now();
      });
    });
    onward.once('error', (error) => outgoing.destroy(error));
    incoming.pipe(onward);
  });
  await new Promise((listening) => server.listen(0, '127.0.0.1', listening));
  return {
    endpoint: `http://127.0.0.1:${server.address().port}`,
    take() {
      const taken = calls;
      calls = [];
      return { count: taken.length, ms: timeCovered(taken) };
    },
    stop() {
      server.closeAllConnections();
      server.close();
    },
  };
}

/** The length of the union of the intervals: simultaneous calls count once. */
function timeCovered(calls) {
  let covered = 0;
  let until = 0;
  for (const { began, ended } of calls.toSorted((a, b) => a.began - b.began)) {
    covered += Math.max(0, ended - Math.max(began, until));
    until = Math.max(until, ended);
  }
  return covered;
}
