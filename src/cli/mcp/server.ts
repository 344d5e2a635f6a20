// A server of the Model Context Protocol over standard input and output, one JSON-RPC message a line.
// https://modelcontextprotocol.io/specification/2025-11-25/basic/transports
import { setMaxListeners } from 'node:events';
import type { Process } from '../main.ts';
import { callTool } from './call.ts';
import type { Tool } from './tools.ts';

/** The revisions whose messages are these, newest first. https://modelcontextprotocol.io/specification/2025-11-25/basic/lifecycle */
const revisions = ['2025-11-25', '2025-06-18', '2025-03-26', '2024-11-05'] as const;
/** Of one message, in characters. */
const mostCharacters = 16 * 1024 * 1024;
/** https://www.jsonrpc.org/specification#error_object */
const codes = { parse: -32_700, request: -32_600, method: -32_601, params: -32_602, internal: -32_603 } as const;

type Id = string | number;
type Members = Readonly<Record<string, unknown>>;

export interface Served {
  readonly process: Process;
  /** By name. */
  readonly tools: ReadonlyMap<string, Tool>;
  readonly allowWrite: boolean;
}

/** Resolves when standard input ends and what was called has ended. */
export async function serveMcp(served: Served): Promise<void> {
  const { io, signal } = served.process;
  const session = new Session(served);
  let rest = '';
  let isTooLong = false;
  const stop = () => session.end();
  signal.addEventListener('abort', stop);
  const pieces = io.input()[Symbol.asyncIterator]();
  const aborted = new Promise<undefined>((done) => {
    signal.addEventListener('abort', () => done(undefined), { once: true });
  });
  for (;;) {
    const piece = signal.aborted ? undefined : await Promise.race([pieces.next(), aborted]);
    if (piece === undefined || piece.done === true) break;
    const lines = (rest + piece.value).split('\n');
    rest = lines.pop() ?? '';
    for (const line of lines) {
      if (isTooLong) session.send(refusal(codes.request, `a message has at most ${mostCharacters} characters`));
      else if (line.trim() !== '') session.take(line);
      isTooLong = false;
    }
    if (rest.length <= mostCharacters) continue;
    isTooLong = true;
    rest = '';
  }
  session.end();
  await session.ended();
}

class Session {
  readonly #served: Served;
  readonly #running = new Map<Id, { readonly abort: AbortController; readonly done: Promise<void> }>();

  constructor(served: Served) {
    this.#served = served;
  }

  take(line: string): void {
    const answer = this.#answerTo(line);
    if (answer !== undefined) this.send(answer);
  }

  send(message: object): void {
    this.#served.process.io.out(`${JSON.stringify({ jsonrpc: '2.0', ...message })}\n`);
  }

  /** Cancels what runs. */
  end(): void {
    for (const { abort } of this.#running.values()) abort.abort();
  }

  async ended(): Promise<void> {
    await Promise.all([...this.#running.values()].map(({ done }) => done));
  }

  /** Undefined for what needs no answer, or gets it later. */
  #answerTo(line: string): object | undefined {
    let message: unknown;
    try {
      message = JSON.parse(line);
    } catch {
      return refusal(codes.parse, 'the message is not JSON');
    }
    if (!isMembers(message) || message['jsonrpc'] !== '2.0') {
      return refusal(codes.request, 'the message is no JSON-RPC 2.0 request');
    }
    const { id, method } = message;
    // a response: this server asks nothing
    if (typeof method !== 'string' && ('result' in message || 'error' in message)) return undefined;
    if (typeof method !== 'string') return refusal(codes.request, 'there is no method');
    const params = isMembers(message['params']) ? message['params'] : {};
    if (id === undefined) {
      // https://modelcontextprotocol.io/specification/2025-11-25/basic/utilities/cancellation
      if (method === 'notifications/cancelled') this.#running.get(params['requestId'] as Id)?.abort.abort();
      return undefined;
    }
    if (!isId(id)) return refusal(codes.request, 'an id is a string or a number');
    return this.#answer(id, method, params);
  }

  #answer(id: Id, method: string, params: Members): object | undefined {
    const { process, tools, allowWrite } = this.#served;
    switch (method) {
      case 'initialize': {
        const protocolVersion = revisions.find((revision) => revision === params['protocolVersion']) ?? revisions[0];
        const serverInfo = { name: 'fx', version: process.version };
        const capabilities = { tools: {} };
        return { id, result: { protocolVersion, capabilities, serverInfo, instructions: instructions(allowWrite) } };
      }
      case 'ping':
        return { id, result: {} };
      case 'tools/list': {
        const shown = [...tools.values()].filter(({ writes }) => allowWrite || !writes).map((tool) => tool.shown);
        return { id, result: { tools: shown } };
      }
      case 'tools/call':
        return this.#call(id, params);
      default:
        return refusal(codes.method, `there is no method ${JSON.stringify(method)}`, id);
    }
  }

  /** Undefined if the call runs. */
  #call(id: Id, params: Members): object | undefined {
    const { tools, allowWrite } = this.#served;
    const { name, arguments: input = {} } = params;
    const tool = tools.get(String(name));
    if (tool === undefined) return refusal(codes.params, `there is no tool ${JSON.stringify(name)}`, id);
    if (tool.writes && !allowWrite) {
      const message = `the tool "${tool.shown.name}" changes an environment: fx mcp --allow-write offers it`;
      return refusal(codes.params, message, id);
    }
    if (!isMembers(input)) return refusal(codes.params, 'arguments is an object', id);
    if (this.#running.has(id)) return refusal(codes.request, `the id ${JSON.stringify(id)} is in use`, id);
    const abort = new AbortController();
    // every call in progress adds a listener
    setMaxListeners(0, abort.signal);
    const call = { tool, input, token: tokenOf(params) };
    const done = this.#run(id, call, abort.signal).finally(() => this.#running.delete(id));
    this.#running.set(id, { abort, done });
    return undefined;
  }

  async #run(id: Id, { tool, input, token }: Call, signal: AbortSignal): Promise<void> {
    let steps = 0;
    const progress = (message: string) => {
      if (token === undefined || message === '' || signal.aborted) return;
      const params = { progressToken: token, progress: ++steps, message };
      this.send({ method: 'notifications/progress', params });
    };
    try {
      const result = await callTool(tool, input, { ...this.#served.process, signal }, progress);
      // whoever cancels expects no response
      if (!signal.aborted) this.send({ id, result });
    } catch (error) {
      const message = error instanceof Error ? error.message : String(error);
      if (!signal.aborted) this.send(refusal(codes.internal, message, id));
    }
  }
}

interface Call {
  readonly tool: Tool;
  readonly input: Members;
  /** Of the client, if it wants to know of the progress. */
  readonly token: Id | undefined;
}

const refusal = (code: number, message: string, id: Id | null = null): object => ({ id, error: { code, message } });

function instructions(allowWrite: boolean): string {
  const first =
    'Tools of fx, which deploys AWS Lambda functions from a project.yml. `directory` is the folder of the project, and `env` the environment.';
  return allowWrite
    ? `${first} Tools that write never change a protected environment. Look at \`plan\` before \`deploy\`.`
    : `${first} They only read.`;
}

/** https://modelcontextprotocol.io/specification/2025-11-25/basic/utilities/progress */
function tokenOf({ _meta: meta }: Members): Id | undefined {
  const token = isMembers(meta) ? meta['progressToken'] : undefined;
  return isId(token) ? token : undefined;
}

function isId(value: unknown): value is Id {
  return typeof value === 'string' || typeof value === 'number';
}

function isMembers(value: unknown): value is Members {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
