// Reads .env files: lines of NAME=value, whose values may refer to each other. Loaded only if such a file exists.
import { parse } from 'dotenv';
import type { Problem } from '../base/error.ts';
import { invalid } from './read-file.ts';

export interface EnvEntry {
  readonly value: string;
  /** In single quotes, a $ is literal, as in every shell. */
  readonly literal: boolean;
  readonly at: { readonly file: string; readonly line: number };
}

export type EnvEntries = Readonly<Record<string, EnvEntry>>;

const assignment = /^\s*(?:export\s+)?([\w.-]+)\s*[=:]\s*('?)/;
const other = /^\s*(#|$)/;

/** Throws PROJECT_INVALID at a line that is not an assignment. */
export function parseEnvFile(text: string, shown: string): EnvEntries {
  const lines = text.split(/\r?\n/);
  // the parser skips invalid lines; outside a multi-line value, that is a mistake
  const wrong = /["'`]/.test(text) ? -1 : lines.findIndex((line) => !assignment.test(line) && !other.test(line));
  if (wrong >= 0) {
    const at = { file: shown, line: wrong + 1, column: 1, length: 1 };
    throw invalid([{ at, message: 'expected NAME=value', hint: 'comments begin with #' }], shown);
  }
  const places = new Map<string, { line: number; literal: boolean }>();
  for (const [index, line] of lines.entries()) {
    const [, name, quote] = assignment.exec(line) ?? [];
    // the last assignment of a name wins, as in the parser
    if (name !== undefined) places.set(name, { line: index + 1, literal: quote === "'" });
  }
  return Object.fromEntries(
    Object.entries(parse(text)).map(([name, value]) => {
      const { line = 1, literal = false } = places.get(name) ?? {};
      return [name, { value, literal, at: { file: shown, line } }];
    }),
  );
}

export interface Expanded {
  readonly values: Readonly<Record<string, string>>;
  readonly warnings: readonly Problem[];
}

const use = /\\\$|\$\{([A-Za-z_]\w*)(?::?-([^}]*))?\}|\$([A-Za-z_]\w*)/g;

/** The values with `$NAME`, `${NAME}` and `${NAME:-default}` replaced. The process's variables take precedence. Unknown names stay as
 * written, with a warning: a password may contain a $. */
export function expanded(entries: EnvEntries, process: Readonly<Record<string, string>>): Expanded {
  const warnings: Problem[] = [];
  const expand = (name: string, trail: readonly string[]): string | undefined => {
    if (Object.hasOwn(process, name)) return process[name];
    const entry = Object.hasOwn(entries, name) ? entries[name] : undefined;
    if (entry === undefined || trail.includes(name)) return undefined;
    if (entry.literal) return entry.value;
    return entry.value.replace(use, (written, braced: string, fallback: string | undefined, plain: string) => {
      if (written === '\\$') return '$';
      const used = braced ?? plain;
      const value = expand(used, [...trail, name]) ?? fallback;
      if (value !== undefined) return value;
      if (trail.length === 0) warnings.push(unknownUse(name, written, used, entry));
      return written;
    });
  };
  const values = Object.fromEntries(Object.keys(entries).map((name) => [name, expand(name, []) ?? '']));
  return { values, warnings };
}

function unknownUse(name: string, written: string, used: string, { at }: EnvEntry): Problem {
  return {
    at: { ...at, column: 1, length: 1 },
    message: `there is no variable "${used}", so "${written}" in ${name} stays as it is`,
    hint: `if the $ is meant, write ${name} in single quotes`,
  };
}
