// A debugger for tests: a session with Node's inspector that finds lines by source maps, as VS Code does.
import { readFileSync } from 'node:fs';
import { SourceMap } from 'node:module';
import { dirname, resolve } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { openWebSocket, type WebSocketSession } from '../../src/local/web-socket.ts';

interface Message {
  readonly id?: number;
  readonly method?: string;
  readonly params?: Record<string, unknown>;
  readonly result?: Record<string, unknown>;
}
interface Script {
  readonly id: string;
  readonly file: string;
  readonly map: SourceMap;
  readonly lines: number;
}
/** Where the process stopped, in the script that runs: lines count from 0. */
export interface Place {
  readonly scriptId: string;
  readonly lineNumber: number;
  readonly columnNumber: number;
}

export class Inspector {
  readonly #session: WebSocketSession;
  readonly #scripts = new Map<string, Script>();
  readonly #answers = new Map<number, (result: Record<string, unknown>) => void>();
  readonly #pauses: Place[] = [];
  readonly #waiting = new Set<() => void>();
  #id = 0;

  static async attach(port: number): Promise<Inspector> {
    const [target] = (await (await fetch(`http://127.0.0.1:${port}/json/list`)).json()) as {
      webSocketDebuggerUrl: string;
    }[];
    const inspector = new Inspector(target?.webSocketDebuggerUrl ?? '');
    await inspector.call('Debugger.enable');
    return inspector;
  }

  private constructor(url: string) {
    this.#session = openWebSocket(url, (text) => this.#take(JSON.parse(text) as Message));
  }

  call(method: string, params: object = {}): Promise<Record<string, unknown>> {
    const id = ++this.#id;
    this.#session.send(JSON.stringify({ id, method, params }));
    return new Promise((done) => this.#answers.set(id, done));
  }

  /** Sets a breakpoint at a line of a source file, from 1, by the source map of the script that has it. */
  async breakAt(source: string, line: number): Promise<void> {
    for (;;) {
      for (const script of this.#scripts.values()) {
        for (let lineNumber = 0; lineNumber < script.lines; lineNumber++) {
          const origin = originIn(script, lineNumber, 2);
          if (origin?.source !== source || origin.line !== line) continue;
          await this.call('Debugger.setBreakpoint', { location: { scriptId: script.id, lineNumber } });
          return;
        }
      }
      await new Promise<void>((done) => this.#waiting.add(done));
    }
  }

  async paused(): Promise<{ readonly source: string; readonly line: number } | undefined> {
    while (this.#pauses.length === 0) await new Promise<void>((done) => this.#waiting.add(done));
    const place = this.#pauses.shift();
    const script = this.#scripts.get(place?.scriptId ?? '');
    return script && originIn(script, place?.lineNumber ?? 0, place?.columnNumber ?? 0);
  }

  async resume(): Promise<void> {
    await this.call('Debugger.resume');
  }

  [Symbol.dispose](): void {
    this.#session.end();
  }

  #take({ id, method, params, result }: Message): void {
    if (id !== undefined) this.#answers.get(id)?.(result ?? {});
    if (method === 'Debugger.scriptParsed')
      this.#parsed(params as { scriptId: string; url: string; sourceMapURL?: string });
    if (method === 'Debugger.paused') {
      const [frame] = (params as { callFrames: { location: Place }[] }).callFrames;
      if (frame !== undefined) this.#pauses.push(frame.location);
    }
    for (const wake of this.#waiting) wake();
    this.#waiting.clear();
  }

  #parsed({ scriptId, url, sourceMapURL = '' }: { scriptId: string; url: string; sourceMapURL?: string }): void {
    if (!url.startsWith('file:') || sourceMapURL === '' || sourceMapURL.startsWith('data:')) return;
    const file = fileURLToPath(url);
    const payload = JSON.parse(readFileSync(resolve(dirname(file), sourceMapURL), 'utf8'));
    const lines = readFileSync(file, 'utf8').split('\n').length;
    this.#scripts.set(scriptId, { id: scriptId, file, map: new SourceMap(payload), lines });
  }
}

function originIn({ map, file }: Script, line: number, column: number) {
  const { originalSource, originalLine } = map.findEntry(line, column) as {
    originalSource?: string;
    originalLine?: number;
  };
  if (originalSource === undefined || originalLine === undefined) return undefined;
  return { source: fileURLToPath(new URL(originalSource, pathToFileURL(file))), line: originalLine + 1 };
}
