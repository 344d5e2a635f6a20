// A process under a debugger: learns when the debugger holds it, says so, and lets timeouts stand still meanwhile. In Node.js, by a second session with
// the inspector, beside the developer's. https://chromedevtools.github.io/devtools-protocol/v8/Debugger/
import type { Cloud } from '../cloud.ts';
import type { Inspected } from '../following.ts';
import { openWebSocket, type WebSocketSession } from '../web-socket.ts';
import { inspectorLine } from './inspect.ts';
import { runtimeFamily } from './runtimes.ts';

export interface DebuggedProcess {
  readonly cloud: Cloud;
  /** The function. */
  readonly name: string;
  readonly runtime: string;
  readonly inspected: Inspected;
}

export class DebuggerSession {
  readonly #process: DebuggedProcess;
  /** debugpy has one client, the developer's: nobody else learns when it holds the process, so timeouts stand still in each invocation. */
  readonly #isBlind: boolean;
  #session: WebSocketSession | undefined;
  /** Set while the process is held. */
  #runOn: (() => void) | undefined;

  constructor(process: DebuggedProcess) {
    this.#process = process;
    this.#isBlind = runtimeFamily(process.runtime) === 'python';
  }

  /** The process has started. It may wait for a debugger before anything else. */
  started(): void {
    if (this.#process.inspected.breaks) this.#hold();
    if (this.#isBlind) this.#say('ready');
  }

  /** Whether a line is the inspector's, not the function's. */
  takes(line: string): boolean {
    const said = inspectorLine(line);
    if (said?.url !== undefined) this.#open(said.url);
    return said !== undefined;
  }

  invoked(): void {
    if (this.#isBlind) this.#hold();
  }

  /** The process has answered, is ready or has ended: nothing holds it. */
  answered(): void {
    this.#runOn?.();
    this.#runOn = undefined;
  }

  end(): void {
    this.#session?.end();
    this.answered();
  }

  #open(url: string): void {
    this.#session = openWebSocket(url, (text) => {
      const { method } = JSON.parse(text) as { method?: string };
      if (method === 'Debugger.paused') {
        this.#hold();
        this.#say('paused');
      } else if (method === 'Debugger.resumed') {
        this.answered();
        this.#say('resumed');
      }
    });
    this.#session.send('{"id":1,"method":"Debugger.enable"}');
    this.#say('ready');
  }

  #hold(): void {
    this.#runOn ??= this.#process.cloud.pauses.begin();
  }

  #say(state: 'ready' | 'paused' | 'resumed'): void {
    const { cloud, name } = this.#process;
    cloud.following.publish({ kind: 'debugger', functionName: name, state });
  }
}
