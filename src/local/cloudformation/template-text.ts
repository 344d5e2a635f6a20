// Reads the text of a template, JSON or YAML, as plain data.
// https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/template-formats.html
import { LineCounter, parseDocument } from 'yaml';
import { intrinsicTags } from '../../cfn/intrinsic-tags.ts';
import { invalid } from './problem.ts';

export type JsonMap = Readonly<Record<string, unknown>>;

export function isMap(value: unknown): value is JsonMap {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** The template as plain data; numbers too large for one keep their text. */
export function parseTemplate(text: string): JsonMap {
  const value = text.trimStart().startsWith('{') ? parseJson(text) : parseYaml(text);
  if (typeof value !== 'object' || value === null || Array.isArray(value)) {
    throw invalid('Template format error: unsupported structure.');
  }
  refuseNulls(value, '');
  return value as JsonMap;
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (error) {
    const position = /position (\d+)/.exec(String(error))?.[1];
    const before = text.slice(0, position === undefined ? text.length : Number(position)).split('\n');
    const [line, column] = [before.length, (before.at(-1)?.length ?? 0) + 1];
    throw invalid(`Template format error: JSON not well-formed. (line ${line}, column ${column})`);
  }
}

function parseYaml(text: string): unknown {
  const { value, problem } = readYaml(text);
  if (problem === undefined) return value;
  throw invalid(`Template format error: YAML not well-formed. (line ${problem[0]}, column ${problem[1]})`);
}

type ReadYaml = { value: unknown; problem?: undefined } | { value?: undefined; problem: readonly [number, number] };

// YAML 1.1 without timestamps and the other tags, and without merge keys:
// https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/template-formats.html
const unsupportedTags = new Set(['binary', 'omap', 'pairs', 'set', 'timestamp', 'merge']);

function readYaml(text: string): ReadYaml {
  const lines = new LineCounter();
  const document = parseDocument(text, {
    version: '1.1',
    merge: false,
    intAsBigInt: true,
    lineCounter: lines,
    customTags: (tags) => [
      ...tags.filter((tag) =>
        typeof tag === 'string'
          ? !unsupportedTags.has(tag)
          : !unsupportedTags.has(tag.tag.replace('tag:yaml.org,2002:', '')),
      ),
      ...intrinsicTags,
    ],
  });
  // An unknown tag is a warning to the parser, but an error to CloudFormation.
  const [error] = [...document.errors, ...document.warnings];
  if (error !== undefined) {
    const { line, col } = lines.linePos(error.pos[0]);
    return { problem: [line, col] };
  }
  return { value: withoutBigInts(document.toJS({ maxAliasCount: 100 })) };
}

function withoutBigInts(value: unknown): unknown {
  if (typeof value === 'bigint') {
    const number = Number(value);
    return Number.isSafeInteger(number) ? number : value.toString();
  }
  if (Array.isArray(value)) return value.map(withoutBigInts);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, withoutBigInts(item)]));
}

function refuseNulls(value: unknown, path: string): void {
  if (value === null) throw invalid(`[${path}] 'null' values are not allowed in templates`);
  if (typeof value !== 'object') return;
  for (const [key, item] of Object.entries(value)) refuseNulls(item, `${path}/${key}`);
}
