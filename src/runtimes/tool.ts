// Runs other languages' tools from PATH: keeps their output, and ends them with all their children when fx is interrupted.
import { spawn } from 'node:child_process';
import { statSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import type { Problem, Span } from '../base/error.ts';
import { interruption } from '../base/interrupt.ts';
import { endGroup } from '../base/process.ts';

export interface ToolCall {
  readonly program: string;
  readonly args: readonly string[];
  readonly folder: string;
  /** Added to the shell's variables, through which a tool finds its configuration and caches. */
  readonly variables?: Readonly<Record<string, string>>;
  readonly signal: AbortSignal;
  /** For its standard input: what no argument may show. */
  readonly input?: string;
  /** Called with each line of both streams. */
  readonly onLine?: (line: string) => void;
}

export interface ToolResult {
  readonly exitCode: number | undefined;
  readonly signal: string | undefined;
  readonly stdout: string;
  /** Both streams, interleaved. */
  readonly output: string;
}

/** Absolute; found as the shell would. */
export function findProgram(name: string, path = process.env['PATH'] ?? ''): string | undefined {
  const endings = process.platform === 'win32' ? ['.exe', '.cmd', '.bat', ''] : [''];
  for (const folder of path.split(delimiter).filter((path) => path !== '')) {
    for (const ending of endings) {
      const file = join(folder, name + ending);
      const stat = statSync(file, { throwIfNoEntry: false });
      if (stat?.isFile() && (process.platform === 'win32' || (stat.mode & 0o111) !== 0)) return file;
    }
  }
  return undefined;
}

/** Resolves at any exit code. Rejects with INTERRUPTED, or if the program cannot start. */
export function runTool({ program, args, folder, variables, signal, input, onLine }: ToolCall): Promise<ToolResult> {
  return new Promise((resolve, reject) => {
    const isWindows = process.platform === 'win32';
    const child = spawn(program, [...args], {
      cwd: folder,
      env: { ...process.env, ...variables },
      stdio: [input === undefined ? 'ignore' : 'pipe', 'pipe', 'pipe'],
      detached: !isWindows,
      shell: isWindows && /\.(cmd|bat)$/.test(program),
    });
    // a program that does not read its input may end first
    child.stdin?.on('error', () => {});
    child.stdin?.end(input);
    let stdout = '';
    let output = '';
    const rest = { stdout: '', stderr: '' };
    const take = (stream: 'stdout' | 'stderr', text: string) => {
      output += text;
      if (onLine === undefined) return;
      const lines = (rest[stream] + text).split('\n');
      rest[stream] = lines.pop() ?? '';
      for (const line of lines) onLine(line);
    };
    const end = () => endGroup(child.pid);
    signal.addEventListener('abort', end, { once: true });
    // let the stream decode: a character may span two chunks
    child.stdout?.setEncoding('utf8').on('data', (chunk: string) => {
      stdout += chunk;
      take('stdout', chunk);
    });
    child.stderr?.setEncoding('utf8').on('data', (chunk: string) => take('stderr', chunk));
    child.once('error', (error) => {
      signal.removeEventListener('abort', end);
      reject(error);
    });
    child.once('close', (code, by) => {
      signal.removeEventListener('abort', end);
      for (const line of Object.values(rest)) if (line !== '') onLine?.(line);
      if (signal.aborted) reject(interruption());
      else resolve({ exitCode: code ?? undefined, signal: by ?? undefined, stdout, output });
    });
  });
}

const shownLines = 30;

/** A tool's output as a problem: at the first place it names, else at the function in project.yml. */
export function toolProblem(
  what: string,
  result: ToolResult,
  at: Span,
  place?: (output: string) => { readonly at: Span; readonly message: string } | undefined,
): Problem {
  const output = plain(result.output);
  const located = place?.(output);
  const lines = output.split('\n').filter((line) => line.trim() !== '');
  const shown = lines.length > shownLines ? ['…', ...lines.slice(-shownLines)] : lines;
  const code = result.exitCode === undefined ? `was ended by ${result.signal}` : `ended with ${result.exitCode}`;
  return {
    at: located?.at ?? at,
    message: located?.message ?? `${what} ${code}`,
    ...(shown.length === 0 ? {} : { hint: shown.join('\n') }),
  };
}

// biome-ignore lint/suspicious/noControlCharactersInRegex: terminal colour codes
const colours = /\u001b\[[0-9;]*m/g;
export const plain = (text: string): string => text.replace(colours, '');
