// Whether the machine has processor time left for another process.
import { cpus } from 'node:os';

const sampleMs = 100;
const leastIdle = 0.1;

interface Sample {
  readonly at: number;
  readonly idle: number;
  readonly total: number;
}

function sample(): Sample {
  let idle = 0;
  let total = 0;
  for (const { times } of cpus()) {
    idle += times.idle;
    for (const spent of Object.values(times)) total += spent;
  }
  return { at: performance.now(), idle, total };
}

/** Asked again and again, it compares the last tenth of a second; at first, it does not know and says no. */
export class Processors {
  #last: Sample | undefined;
  #haveRoom = false;

  haveRoom(): boolean {
    const since = this.#last;
    if (since !== undefined && performance.now() - since.at < sampleMs) return this.#haveRoom;
    const now = sample();
    this.#last = now;
    // what was long ago says nothing
    const isRecent = since !== undefined && now.at - since.at < 10 * sampleMs;
    this.#haveRoom = isRecent && now.idle - since.idle > leastIdle * (now.total - since.total);
    return this.#haveRoom;
  }
}
