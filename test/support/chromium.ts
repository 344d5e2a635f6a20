// A headless Chromium for tests, driven through the DevTools protocol over a pipe: no port to guess, and it ends with its parent.
// https://chromedevtools.github.io/devtools-protocol/
import { type ChildProcess, spawn } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Readable, Writable } from 'node:stream';
import { runs } from './toolchain.ts';

interface Message {
  readonly id?: number;
  readonly method?: string;
  readonly sessionId?: string;
  readonly params?: Record<string, unknown>;
  readonly result?: Record<string, unknown>;
  readonly error?: { readonly message: string };
}

/** A page of one origin. */
export interface Page {
  /** The addresses for which the browser has sent preflights, in order. */
  readonly preflights: readonly string[];
  /** Resolves once one is sent for the address: the browser tells of it in its own time, which may be after the answer. */
  preflight(url: string): Promise<void>;
  /** The value of an expression, or of its promise, as JSON. Rejects if it throws. */
  evaluate<T>(expression: string): Promise<T>;
  /** The addresses that it has asked for. */
  readonly requests: readonly string[];
  /** What it has complained of: exceptions, and errors on its console. */
  readonly problems: readonly string[];
  /** Calls a method of the DevTools protocol, such as `Input.dispatchMouseEvent`. */
  send(method: string, params?: object): Promise<Readonly<Record<string, unknown>>>;
}

/** The program's name, or undefined if this machine has none. */
export function chromiumProgram(): string | undefined {
  return ['chromium', 'chromium-browser', 'google-chrome'].find((name) => runs(name, '--version') !== undefined);
}

export class Chromium {
  readonly #child: ChildProcess;
  readonly #folder: string;
  readonly #pending = new Map<number, { done(result: Record<string, unknown>): void; fail(error: Error): void }>();
  readonly #listeners = new Set<(message: Message) => void>();
  #id = 0;

  constructor(program: string) {
    this.#folder = mkdtempSync(join(tmpdir(), 'fx-chromium-'));
    const quiet = ['--disable-background-networking', '--disable-component-update', '--disable-sync', '--no-first-run'];
    const only = ['--no-proxy-server', '--host-resolver-rules=MAP * ~NOTFOUND , EXCLUDE 127.0.0.1 , EXCLUDE localhost'];
    // a sandbox needs rights that containers and CI do not give
    const anywhere = ['--no-sandbox', '--disable-gpu', '--disable-dev-shm-usage'];
    const args = ['--headless=new', '--remote-debugging-pipe', `--user-data-dir=${this.#folder}`];
    this.#child = spawn(program, [...args, ...quiet, ...only, ...anywhere], {
      env: { PATH: process.env['PATH'], HOME: this.#folder },
      stdio: ['ignore', 'ignore', 'ignore', 'pipe', 'pipe'],
    });
    this.#child.once('exit', () => {
      for (const { fail } of this.#pending.values()) fail(new Error('Chromium ended'));
      this.#pending.clear();
    });
    let rest = '';
    (this.#child.stdio[4] as Readable).setEncoding('utf8').on('data', (chunk: string) => {
      const messages = (rest + chunk).split('\0');
      rest = messages.pop() ?? '';
      for (const text of messages) this.#take(JSON.parse(text) as Message);
    });
    // it may end before it has read everything
    (this.#child.stdio[3] as Writable).on('error', () => {});
  }

  /** Opens an address and waits until it is loaded. `before`: the calls that come first, such as those that set its size. */
  async open(url: string, before: readonly (readonly [method: string, params: object])[] = []): Promise<Page> {
    const { targetId } = await this.#call('Target.createTarget', { url: 'about:blank' });
    const { sessionId } = await this.#call('Target.attachToTarget', { targetId, flatten: true });
    const call = (method: string, params = {}) => this.#call(method, params, sessionId as string);
    const preflights: string[] = [];
    const requests: string[] = [];
    const problems: string[] = [];
    const waiting = new Set<() => void>();
    const loaded = new Promise<void>((done) => {
      this.#listeners.add((message) => {
        if (message.sessionId !== sessionId) return;
        if (message.method === 'Page.loadEventFired') done();
        problems.push(...problemsIn(message));
        if (message.method !== 'Network.requestWillBeSent') return;
        const { request, initiator } = message.params as { request: { url: string }; initiator: { type: string } };
        requests.push(request.url);
        if (initiator.type !== 'preflight') return;
        preflights.push(request.url);
        for (const look of waiting) look();
      });
    });
    await call('Page.enable');
    await call('Runtime.enable');
    await call('Log.enable');
    // the protocol would copy large bodies, slowly
    await call('Network.enable', { maxPostDataSize: 0 });
    for (const [method, params] of before) await call(method, params);
    await call('Page.navigate', { url });
    await loaded;
    return {
      preflights,
      requests,
      problems,
      send: call,
      preflight: (address) =>
        new Promise((done) => {
          const look = () => {
            if (!preflights.includes(address)) return;
            waiting.delete(look);
            done();
          };
          waiting.add(look);
          look();
        }),
      async evaluate<T>(expression: string) {
        const { result, exceptionDetails } = (await call('Runtime.evaluate', {
          expression,
          awaitPromise: true,
          returnByValue: true,
        })) as { result: { value: T }; exceptionDetails?: { exception?: { description?: string } } };
        if (exceptionDetails !== undefined) throw new Error(exceptionDetails.exception?.description ?? expression);
        return result.value;
      },
    };
  }

  /** Resolves when the process has ended and its profile is gone. */
  async end(): Promise<void> {
    const { exitCode, signalCode } = this.#child;
    if (exitCode === null && signalCode === null) {
      const ended = new Promise((done) => this.#child.once('close', done));
      // Chromium ends its own processes; it may end before it answers
      this.#call('Browser.close').catch(() => {});
      await ended;
    }
    rmSync(this.#folder, { recursive: true, force: true });
  }

  #call(method: string, params: object = {}, sessionId?: string): Promise<Record<string, unknown>> {
    const id = ++this.#id;
    const answer = new Promise<Record<string, unknown>>((done, fail) => this.#pending.set(id, { done, fail }));
    (this.#child.stdio[3] as Writable).write(`${JSON.stringify({ id, method, params, sessionId })}\0`);
    return answer;
  }

  #take(message: Message): void {
    if (message.id !== undefined) {
      const waiting = this.#pending.get(message.id);
      this.#pending.delete(message.id);
      if (message.error === undefined) waiting?.done(message.result ?? {});
      else waiting?.fail(new Error(message.error.message));
    }
    for (const listener of this.#listeners) listener(message);
  }
}

function problemsIn({ method, params = {} }: Message): readonly string[] {
  if (method === 'Runtime.exceptionThrown') {
    const { exceptionDetails } = params as { exceptionDetails: { text: string; exception?: { description?: string } } };
    return [exceptionDetails.exception?.description ?? exceptionDetails.text];
  }
  if (method === 'Log.entryAdded') {
    const { entry } = params as { entry: { level: string; text: string; url?: string } };
    return entry.level === 'error' ? [[entry.text, entry.url].join(' ').trim()] : [];
  }
  if (method !== 'Runtime.consoleAPICalled') return [];
  const { type, args } = params as { type: string; args: { value?: unknown; description?: string }[] };
  return type === 'error' ? [args.map(({ value, description }) => String(value ?? description)).join(' ')] : [];
}
