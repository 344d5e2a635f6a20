// Environment markers and versions (PEP 508, PEP 440), evaluated for Lambda and not for this machine.
import type { Architecture } from '../settings.ts';

/** The variables of a marker. */
export type MarkerEnvironment = Readonly<Record<string, string>>;

/** Wheels and markers call processors by Linux's names. */
export const machineOf: Readonly<Record<Architecture, string>> = { arm64: 'aarch64', x86_64: 'x86_64' };

/** What Lambda answers. https://packaging.python.org/en/latest/specifications/dependency-specifiers/#environment-markers */
export function lambdaMarkers(runtime: string, architecture: Architecture): MarkerEnvironment {
  const version = runtime.slice('python'.length);
  // AWS keeps its runtimes at the latest patch, whose number it changes without notice
  const full = `${version}.99`;
  return {
    os_name: 'posix',
    sys_platform: 'linux',
    platform_machine: machineOf[architecture],
    platform_python_implementation: 'CPython',
    platform_release: '',
    platform_system: 'Linux',
    platform_version: '',
    python_version: version,
    python_full_version: full,
    implementation_name: 'cpython',
    implementation_version: full,
  };
}

/** Whether a marker holds, with any of these extras requested. A marker that fx cannot read holds: the installer decides. */
export function holds(
  marker: string | undefined,
  environment: MarkerEnvironment,
  extras: readonly string[] = [],
): boolean {
  if (marker === undefined || marker.trim() === '') return true;
  const tokens = marker.match(/'[^']*'|"[^"]*"|\(|\)|not\s+in\b|[\w.]+|[<>=!~]+/g) ?? [];
  const given = extras.length === 0 ? [''] : extras;
  return given.some((extra) => either({ tokens, next: 0, environment: { ...environment, extra } }));
}

interface Reading {
  readonly tokens: readonly string[];
  next: number;
  readonly environment: MarkerEnvironment;
}

function take(reading: Reading, word: string): boolean {
  if (reading.tokens[reading.next] !== word) return false;
  reading.next += 1;
  return true;
}

function either(reading: Reading): boolean {
  let value = both(reading);
  // reads both sides before it joins them: a side that is not needed must still be consumed
  while (take(reading, 'or')) value = [both(reading), value].includes(true);
  return value;
}

function both(reading: Reading): boolean {
  let value = one(reading);
  while (take(reading, 'and')) value = ![one(reading), value].includes(false);
  return value;
}

function one(reading: Reading): boolean {
  if (take(reading, '(')) {
    const value = either(reading);
    take(reading, ')');
    return value;
  }
  const [left = '', operator = '', right = ''] = reading.tokens.slice(reading.next, reading.next + 3);
  reading.next += 3;
  const value = (token: string) =>
    /^['"]/.test(token) ? token.slice(1, -1) : (reading.environment[token.replaceAll('.', '_')] ?? '');
  return compare(value(left), operator.replace(/\s+/, ' '), value(right), [left, right].includes('extra'));
}

function compare(left: string, operator: string, right: string, isName: boolean): boolean {
  if (operator === 'in') return right.includes(left);
  if (operator === 'not in') return !right.includes(left);
  if (isName) return (normalized(left) === normalized(right)) === (operator === '==');
  if (isVersion(left) && isVersion(right.replace(/\.\*$/, ''))) return satisfies(left, `${operator}${right}`);
  return operator === '!=' ? left !== right : left === right;
}

const isVersion = (text: string) => /^\d+(\.\d+)*/.test(text);

/** https://packaging.python.org/en/latest/specifications/name-normalization/ */
export const normalized = (name: string): string => name.toLowerCase().replace(/[-_.]+/g, '-');

/** Whether a version is in a set such as `>=3.8,!=3.9.*,<4`, by its release numbers. Poetry's `^` and `~` count too. */
export function satisfies(version: string, specifier: string): boolean {
  return specifier
    .split(/\s*,\s*|\s+(?=[<>=!~^])/)
    .filter((part) => part !== '' && part !== '*')
    .every((part) => within(version, part.trim()));
}

function within(version: string, part: string): boolean {
  const [, operator = '==', wanted = ''] = /^([<>=!~^]*)\s*(.*)$/.exec(part) ?? [];
  if (wanted.endsWith('.*')) {
    const stem = numbers(wanted.slice(0, -2));
    const same = stem.every((number, index) => (numbers(version)[index] ?? 0) === number);
    return operator === '!=' ? !same : same;
  }
  const order = byVersion(version, wanted);
  const parts = numbers(wanted);
  switch (operator) {
    case '>=':
      return order >= 0;
    case '<=':
      return order <= 0;
    case '>':
      return order > 0;
    case '<':
      return order < 0;
    case '!=':
      return order !== 0;
    case '~=':
      return order >= 0 && byVersion(version, above(parts, parts.length - 2)) < 0;
    case '~':
      return order >= 0 && byVersion(version, above(parts, Math.min(1, parts.length - 1))) < 0;
    case '^':
      return (
        order >= 0 &&
        byVersion(
          version,
          above(
            parts,
            Math.max(
              0,
              parts.findIndex((number) => number > 0),
            ),
          ),
        ) < 0
      );
    default:
      return order === 0;
  }
}

const numbers = (version: string): readonly number[] =>
  (/^v?(?:\d+!)?(\d+(?:\.\d+)*)/.exec(version)?.[1] ?? '0').split('.').map(Number);

/** The first version after those that share these numbers up to the index. */
const above = (parts: readonly number[], index: number): string =>
  [...parts.slice(0, Math.max(index, 0)), (parts[Math.max(index, 0)] ?? 0) + 1].join('.');

export function byVersion(a: string, b: string): number {
  const [left, right] = [numbers(a), numbers(b)];
  for (let index = 0; index < Math.max(left.length, right.length); index++) {
    const difference = (left[index] ?? 0) - (right[index] ?? 0);
    if (difference !== 0) return difference;
  }
  return 0;
}
