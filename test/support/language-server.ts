// The YAML language server that editors start, as a child process: returns what a user sees in project.yml.
import { type ChildProcessWithoutNullStreams, spawn } from 'node:child_process';
import { once } from 'node:events';
import { createRequire } from 'node:module';
import { pathToFileURL } from 'node:url';

/** The editor's response when the server asks for its settings, by section. */
export type EditorSettings = Readonly<Record<string, unknown>>;

export interface Diagnostic {
  readonly message: string;
  readonly range: { readonly start: { readonly line: number; readonly character: number } };
}
export interface Completion {
  readonly label: string;
  readonly insertText?: string;
  readonly documentation?: string | { readonly value: string };
}

interface Message {
  readonly id?: number | string;
  readonly method?: string;
  readonly params?: unknown;
  readonly result?: unknown;
  readonly error?: { readonly message: string };
}

/** Ends the server with an error if it opens a connection: everything it shows must come from local files. */
const noNetwork = `data:text/javascript,${encodeURIComponent(
  `import { Socket } from 'node:net';
   Socket.prototype.connect = () => { process.stderr.write('a connection was opened'); process.exit(9); };`,
)}`;

export class LanguageServer implements AsyncDisposable {
  readonly #process: ChildProcessWithoutNullStreams;
  readonly #settings: EditorSettings;
  /** What tests wait for: responses by request number, diagnostics by file URI. */
  readonly #waiting = new Map<number | string, { done(value: unknown): void; fail(error: Error): void }>();
  #input = Buffer.alloc(0);
  #errors = '';
  #ended: Error | undefined;
  #last = 0;

  private constructor(settings: EditorSettings) {
    this.#settings = settings;
    const program = createRequire(import.meta.url).resolve('yaml-language-server/bin/yaml-language-server');
    this.#process = spawn(process.execPath, ['--import', noNetwork, program, '--stdio']);
    this.#process.stdout.on('data', (chunk: Buffer) => this.#receive(chunk));
    this.#process.stderr.on('data', (chunk: Buffer) => {
      this.#errors += chunk;
    });
    this.#process.once('close', (code) => {
      this.#ended = new Error(`the language server ended with ${code}: ${this.#errors}`);
      for (const { fail } of this.#waiting.values()) fail(this.#ended);
    });
  }

  /** Starts it for a workspace with the settings that it requests. */
  static async start(folder: string, settings: EditorSettings): Promise<LanguageServer> {
    const server = new LanguageServer(settings);
    await server.#request('initialize', {
      processId: process.pid,
      rootUri: pathToFileURL(folder).href,
      workspaceFolders: [{ uri: pathToFileURL(folder).href, name: 'project' }],
      capabilities: {
        workspace: { configuration: true, workspaceFolders: true },
        textDocument: {
          hover: { contentFormat: ['markdown'] },
          completion: { completionItem: { snippetSupport: true, documentationFormat: ['markdown'] } },
        },
      },
    });
    server.#notify('initialized', {});
    server.#notify('workspace/didChangeConfiguration', { settings: null });
    return server;
  }

  /** Opens a file and returns its diagnostics. The file need not exist on disk. */
  open(path: string, text: string): Promise<readonly Diagnostic[]> {
    const { href: uri } = pathToFileURL(path);
    return this.#wait(uri, () => {
      this.#notify('textDocument/didOpen', { textDocument: { uri, languageId: 'yaml', version: 1, text } });
    }) as Promise<readonly Diagnostic[]>;
  }

  async hover(path: string, position: Position): Promise<string> {
    const answer = (await this.#request('textDocument/hover', place(path, position))) as {
      readonly contents: { readonly value: string };
    } | null;
    return answer?.contents.value ?? '';
  }

  async complete(path: string, position: Position): Promise<readonly Completion[]> {
    const answer = (await this.#request('textDocument/completion', place(path, position))) as {
      readonly items: readonly Completion[];
    };
    return answer.items;
  }

  /** Ends it by the protocol; output on standard error is a failure. */
  async [Symbol.asyncDispose](): Promise<void> {
    if (this.#ended === undefined) {
      const closed = once(this.#process, 'close');
      await this.#request('shutdown', undefined);
      this.#notify('exit', undefined);
      await closed;
    }
    if (this.#errors !== '') throw new Error(`the language server wrote: ${this.#errors}`);
  }

  #request(method: string, params: unknown): Promise<unknown> {
    const id = ++this.#last;
    return this.#wait(id, () => this.#send({ id, method, params }));
  }

  #wait(key: number | string, begin: () => void): Promise<unknown> {
    if (this.#ended !== undefined) return Promise.reject(this.#ended);
    return new Promise((done, fail) => {
      this.#waiting.set(key, { done, fail });
      begin();
    });
  }

  #arrived(key: number | string, value: unknown, error?: { readonly message: string }): void {
    const waiting = this.#waiting.get(key);
    this.#waiting.delete(key);
    if (error === undefined) waiting?.done(value);
    else waiting?.fail(new Error(error.message));
  }

  #notify(method: string, params: unknown): void {
    this.#send({ method, params });
  }

  #send(message: Message): void {
    const body = Buffer.from(JSON.stringify({ jsonrpc: '2.0', ...message }));
    this.#process.stdin.write(`Content-Length: ${body.length}\r\n\r\n`);
    this.#process.stdin.write(body);
  }

  #receive(chunk: Buffer): void {
    this.#input = Buffer.concat([this.#input, chunk]);
    for (;;) {
      const headEnd = this.#input.indexOf('\r\n\r\n');
      if (headEnd < 0) return;
      const length = Number(/Content-Length: (\d+)/i.exec(this.#input.toString('latin1', 0, headEnd))?.[1]);
      const end = headEnd + 4 + length;
      if (this.#input.length < end) return;
      const message = JSON.parse(this.#input.toString('utf8', headEnd + 4, end)) as Message;
      this.#input = this.#input.subarray(end);
      this.#handle(message);
    }
  }

  #handle({ id, method, params, result, error }: Message): void {
    if (method === undefined) {
      this.#arrived(Number(id), result, error);
    } else if (method === 'textDocument/publishDiagnostics') {
      const { uri, diagnostics } = params as { readonly uri: string; readonly diagnostics: readonly Diagnostic[] };
      this.#arrived(uri, diagnostics);
    } else if (id !== undefined) {
      this.#send({ id, result: method === 'workspace/configuration' ? this.#configuration(params) : null });
    }
  }

  #configuration(params: unknown): readonly unknown[] {
    const { items } = params as { readonly items: readonly { readonly section: string }[] };
    return items.map(({ section }) => this.#settings[section] ?? null);
  }
}

/** Lines and characters count from 0, as the protocol has it. */
export interface Position {
  readonly line: number;
  readonly character: number;
}

const place = (path: string, position: Position) => ({ textDocument: { uri: pathToFileURL(path).href }, position });
