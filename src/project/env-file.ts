// What a .env file says: lines of NAME=value, whose values may use one another. Loaded only where there is such a file.
import { parse } from 'dotenv';
import { expand } from 'dotenv-expand';
import { invalid } from './read-file.ts';

const line = /^\s*(?:export\s+)?[\w.-]+\s*[=:]|^\s*(#|$)/;

/** Throws PROJECT_INVALID at a line that says nothing. */
export function parseEnvFile(text: string, shown: string): Record<string, string> {
  // the parser passes over what it does not know; outside of a value of several lines that is a slip
  const wrong = /["'`]/.test(text) ? -1 : text.split(/\r?\n/).findIndex((one) => !line.test(one));
  if (wrong < 0) return parse(text);
  const at = { file: shown, line: wrong + 1, column: 1, length: 1 };
  throw invalid([{ at, message: 'expected NAME=value', hint: 'comments begin with #' }], shown);
}

/** The values with `${NAME}` in them replaced; those of the process count more. */
export function expanded(
  values: Readonly<Record<string, string>>,
  process: Readonly<Record<string, string>>,
): Readonly<Record<string, string>> {
  return expand({ parsed: { ...values }, processEnv: { ...process } }).parsed ?? {};
}
