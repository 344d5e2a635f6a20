// One call of a tool: runs the command in this process as `fx … --json` would, and gathers its lines.
import { FxError } from '../../base/error.ts';
import type { Report } from '../../base/report.ts';
import type { Environment } from '../../project/environment.ts';
import { main, type Process } from '../main.ts';
import { reportText } from '../render/report-text.ts';
import { type Tool, wordsFor } from './tools.ts';

export interface Called {
  readonly content: readonly { readonly type: 'text'; readonly text: string }[];
  readonly structuredContent: Readonly<Record<string, unknown>>;
  readonly isError?: true;
}

type Line = Readonly<Record<string, unknown>>;

/** `progress` gets a text for people for each step. */
export async function callTool(
  tool: Tool,
  input: Readonly<Record<string, unknown>>,
  { io, signal, version }: Process,
  progress: (text: string) => void,
): Promise<Called> {
  const words = wordsFor(tool, input);
  if (typeof words === 'string') return failed({ code: 'USAGE', message: words, exitCode: 4 });
  const gathered = new Lines(progress);
  const own: Process = {
    version,
    signal,
    // nobody answers a question, and standard input is the client's
    io: {
      ...io,
      stdinIsTerminal: false,
      stdoutIsTerminal: false,
      stderrIsTerminal: false,
      color: false,
      out: (text) => gathered.take(text),
      readInput: async () => '',
      input: () => noInput(),
    },
    ...(tool.writes ? { admit: refuseProtected } : {}),
  };
  await main(words, own);
  return gathered.called();
}

async function* noInput(): AsyncGenerator<string> {}

function refuseProtected({ name, protected: isProtected }: Environment): void {
  if (!isProtected) return;
  throw new FxError('DECLINED', `"${name}" is protected: fx mcp only reads it`, {
    hint: 'ask a person to run the command, or let CI do it',
  });
}

/** A client, and a model, take no more. */
const mostItems = 10_000;

class Lines {
  readonly #items: Line[] = [];
  readonly #warnings: Line[] = [];
  readonly #progress: (text: string) => void;
  #left = 0;
  #result: unknown;
  #error: Line | undefined;

  constructor(progress: (text: string) => void) {
    this.#progress = progress;
  }

  /** Each text is a whole line. */
  take(text: string): void {
    const line = JSON.parse(text) as Line;
    const { type } = line;
    if (type === 'result') this.#result = line['value'];
    else if (type === 'error') this.#error = line;
    else if (type === 'warning') this.#warnings.push(line);
    else {
      const shown = textOf(line);
      if (shown !== undefined) this.#progress(shown);
      else if (this.#items.length < mostItems) this.#items.push(line);
      else this.#left++;
    }
  }

  called(): Called {
    if (this.#error !== undefined) return failed(this.#error, this.#warnings);
    return answered({
      ...(this.#result === undefined ? {} : { result: this.#result }),
      ...(this.#items.length === 0 ? {} : { items: this.#items }),
      ...(this.#left === 0 ? {} : { left: this.#left }),
      ...(this.#warnings.length === 0 ? {} : { warnings: this.#warnings }),
    });
  }
}

/** Undefined for an item of the command. */
function textOf({ type, ...fields }: Line): string | undefined {
  if (itemTypes.has(String(type))) return undefined;
  // any other line is a report; one without text is not shown
  return reportText({ kind: type, ...fields } as unknown as Report) ?? '';
}

/** Of the commands that are tools. */
const itemTypes: ReadonlySet<string> = new Set(['answer', 'log', 'row', 'metrics']);

function failed(error: Line, warnings: readonly Line[] = []): Called {
  return {
    ...answered({ error: { type: 'error', ...error }, ...(warnings.length === 0 ? {} : { warnings }) }),
    isError: true,
  };
}

function answered(structuredContent: Readonly<Record<string, unknown>>): Called {
  return { content: [{ type: 'text', text: JSON.stringify(structuredContent) }], structuredContent };
}
