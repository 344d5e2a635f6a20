// Who follows what the local AWS serves: each request, each other invocation, and each line that a function logs, as they happen.
// Costs nothing while nobody follows. `fx dev` is the one who does; its connection also says which functions run under a debugger.
import { AsyncLocalStorage } from 'node:async_hooks';
import type { IncomingMessage, RequestListener, ServerResponse } from 'node:http';

/** A function run under a debugger. */
export interface Inspected {
  readonly port: number;
  /** Stops at the first line, once a debugger is attached. */
  readonly breaks: boolean;
  /** The folder of the project, which source maps lead to. */
  readonly sources: string;
}

/** What a follower asks for. */
export interface Wishes {
  /** By the functions' names in AWS. */
  readonly inspect: Readonly<Record<string, Inspected>>;
}

interface Ran {
  /** The function's name in AWS. */
  readonly functionName: string;
  /** Whether a new environment was started for it. */
  readonly cold: boolean;
  readonly error?: { readonly type: string; readonly message: string };
}

export type Served =
  | ({
      readonly kind: 'request';
      readonly method: string;
      readonly path: string;
      /** Undefined if the client left before the answer. */
      readonly status: number | undefined;
      readonly ms: number;
    } & Partial<Ran>)
  /** An invocation that no request caused. */
  | ({ readonly kind: 'invocation'; readonly ms: number } & Ran)
  | { readonly kind: 'log'; readonly functionName: string; readonly time: number; readonly message: string }
  | { readonly kind: 'debugger'; readonly functionName: string; readonly state: 'ready' | 'paused' | 'resumed' }
  /** The follower reads too slowly. */
  | { readonly kind: 'dropped'; readonly count: number };

interface Follower {
  readonly wishes: Wishes;
  readonly response: ServerResponse;
  dropped: number;
}

/** What one follower may be behind. */
const mostBytes = 1 << 20;

export class Following {
  readonly #followers = new Set<Follower>();
  readonly #request = new AsyncLocalStorage<{ ran?: Ran }>();
  readonly #onWishes = new Set<(functionName: string) => void>();

  get isFollowed(): boolean {
    return this.#followers.size > 0;
  }

  /** Sends events, one JSON object a line, until the connection ends. */
  follow(wishes: Wishes, incoming: IncomingMessage, response: ServerResponse): void {
    const follower: Follower = { wishes, response, dropped: 0 };
    response.writeHead(200, { 'content-type': 'application/x-ndjson' });
    response.flushHeaders();
    this.#followers.add(follower);
    this.#changed(wishes);
    const end = () => {
      if (this.#followers.delete(follower)) this.#changed(wishes);
    };
    incoming.once('error', end);
    response.once('error', end);
    response.once('close', end);
  }

  #changed({ inspect }: Wishes): void {
    for (const name of Object.keys(inspect)) for (const run of this.#onWishes) run(name);
  }

  /** Calls `run` when a function is to run under a debugger, or no longer. */
  onWishes(run: (functionName: string) => void): void {
    this.#onWishes.add(run);
  }

  /** The same object as long as nothing changes. */
  inspected(functionName: string): Inspected | undefined {
    for (const { wishes } of this.#followers) {
      if (Object.hasOwn(wishes.inspect, functionName)) return wishes.inspect[functionName];
    }
    return undefined;
  }

  publish(event: Served): void {
    for (const follower of this.#followers) send(follower, event);
  }

  /** Publishes each request that the listener answers, with the function that it ran. */
  traced(answer: RequestListener): RequestListener {
    return (incoming, outgoing) => {
      if (!this.isFollowed) return answer(incoming, outgoing);
      const request: { ran?: Ran } = {};
      const began = performance.now();
      const { method = 'GET', url: path = '/' } = incoming;
      outgoing.once('close', () => {
        const status = outgoing.headersSent ? outgoing.statusCode : undefined;
        this.publish({ kind: 'request', method, path, status, ms: rounded(performance.now() - began), ...request.ran });
      });
      return this.#request.run(request, () => answer(incoming, outgoing));
    };
  }

  /** An invocation has ended. */
  ran(ran: Ran, ms: number): void {
    if (!this.isFollowed) return;
    const request = this.#request.getStore();
    // a request runs one function; what that leaves for later is not the request's
    if (request !== undefined && request.ran === undefined) request.ran = ran;
    else this.publish({ kind: 'invocation', ms: rounded(ms), ...ran });
  }
}

/** To a tenth. */
const rounded = (ms: number): number => Math.round(ms * 10) / 10;

function send(follower: Follower, event: Served): void {
  const { response } = follower;
  if (response.writableLength > mostBytes) {
    follower.dropped += 1;
    return;
  }
  if (follower.dropped > 0) response.write(`${JSON.stringify({ kind: 'dropped', count: follower.dropped })}\n`);
  follower.dropped = 0;
  response.write(`${JSON.stringify(event)}\n`);
}

/** Reads what a follower asks for; undefined if it is something else. */
export function readWishes(text: string): Wishes | undefined {
  try {
    const { inspect } = JSON.parse(text) as Partial<Wishes>;
    return typeof inspect === 'object' && inspect !== null ? { inspect } : undefined;
  } catch {
    return undefined;
  }
}
