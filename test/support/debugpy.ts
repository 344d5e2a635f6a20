// A client of debugpy for tests, as VS Code is one. https://microsoft.github.io/debug-adapter-protocol/specification
import { once } from 'node:events';
import { connect, type Socket } from 'node:net';

interface Message {
  readonly type: 'response' | 'event' | 'request';
  readonly command?: string;
  readonly event?: string;
  readonly body?: Record<string, unknown>;
}

export class Debugpy {
  readonly #socket: Socket;
  readonly #messages: Message[] = [];
  readonly #waiting = new Set<() => void>();
  #rest: Buffer = Buffer.alloc(0);
  #sequence = 0;

  /** Attaches with a breakpoint. `root` is where the code runs, `sources` where it was written. */
  static async attach(
    port: number,
    { root, sources, file, line }: Record<'root' | 'sources' | 'file', string> & { line: number },
  ) {
    const socket = connect(port, '127.0.0.1');
    await once(socket, 'connect');
    const client = new Debugpy(socket);
    client.send('initialize', { adapterID: 'test', pathFormat: 'path' });
    client.send('attach', { pathMappings: [{ localRoot: sources, remoteRoot: root }], justMyCode: false });
    await client.said(({ event }) => event === 'initialized');
    client.send('setBreakpoints', { source: { path: file }, breakpoints: [{ line }] });
    await client.said(({ type, command }) => type === 'response' && command === 'setBreakpoints');
    client.send('configurationDone', {});
    await client.said(({ type, command }) => type === 'response' && command === 'configurationDone');
    return client;
  }

  private constructor(socket: Socket) {
    this.#socket = socket;
    socket.on('error', () => {});
    socket.on('data', (chunk) => this.#take(chunk));
  }

  send(command: string, parameters: object): void {
    const text = JSON.stringify({ seq: ++this.#sequence, type: 'request', command, arguments: parameters });
    this.#socket.write(`Content-Length: ${Buffer.byteLength(text)}\r\n\r\n${text}`);
  }

  async said(wanted: (message: Message) => boolean): Promise<Message> {
    for (;;) {
      const found = this.#messages.find(wanted);
      if (found !== undefined) return found;
      await new Promise<void>((done) => this.#waiting.add(done));
    }
  }

  /** Where it stopped. */
  async stopped(): Promise<{ readonly file: string; readonly line: number; readonly threadId: number }> {
    const { body } = await this.said(({ event }) => event === 'stopped');
    const threadId = Number(body?.['threadId']);
    this.send('stackTrace', { threadId });
    const answer = await this.said(({ type, command }) => type === 'response' && command === 'stackTrace');
    const { stackFrames } = answer.body as { stackFrames: { line: number; source: { path: string } }[] };
    const [frame] = stackFrames;
    return { file: frame?.source.path ?? '', line: frame?.line ?? 0, threadId };
  }

  [Symbol.dispose](): void {
    this.#socket.destroy();
  }

  #take(chunk: Buffer): void {
    this.#rest = Buffer.concat([this.#rest, chunk]);
    for (;;) {
      const head = /^Content-Length: (\d+)\r\n\r\n/.exec(this.#rest.toString('latin1', 0, 100));
      const end = (head?.[0].length ?? 0) + Number(head?.[1]);
      if (head === null || this.#rest.length < end) break;
      this.#messages.push(JSON.parse(this.#rest.toString('utf8', head[0].length, end)) as Message);
      this.#rest = this.#rest.subarray(end);
    }
    for (const wake of this.#waiting) wake();
    this.#waiting.clear();
  }
}
