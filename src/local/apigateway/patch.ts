// The patch operations with which API Gateway's updates change one setting each.
// https://docs.aws.amazon.com/apigateway/latest/api/patch-operations.html
import type { PatchOperation } from '@aws-sdk/client-api-gateway';
import { badRequest } from '../api-gateway.ts';
import { checkConstraints } from '../constraint.ts';

export interface Patch {
  readonly op: string;
  readonly path: string;
  /** The parts of the path, decoded. */
  readonly segments: readonly string[];
  readonly value: string | undefined;
  readonly from: string | undefined;
}

const operations = ['add', 'remove', 'move', 'test', 'replace', 'copy'];

/** Reads the patches. `input` is the name of AWS's input shape, which messages quote. */
export function readPatches(input: string, patches: readonly PatchOperation[] | undefined): Patch[] {
  checkConstraints(
    'ValidationException',
    (patches ?? []).map(
      ({ op }, i) => [`${input}.patchOperations.${i + 1}.member.op`, op, { oneOf: operations }] as const,
    ),
  );
  return (patches ?? []).map(({ op = '', path, value, from }) => {
    if (path === undefined) throw badRequest('Invalid patch path null');
    return { op, path, segments: segmentsOf(path), value, from };
  });
}

// https://www.rfc-editor.org/rfc/rfc6901#section-4
export function segmentsOf(path: string): string[] {
  return path.replace(/^\//, '').split('/').map(unescapePointer);
}

export function unescapePointer(text: string): string {
  return text.replace(/~1/g, '/').replace(/~0/g, '~');
}

/** The paths that each operation supports. */
export type Supported = Readonly<Partial<Record<string, readonly string[]>>>;

/** For the kinds of parts whose errors list the supported paths. */
export function checkSupported({ op, path }: Patch, supported: Supported): void {
  const paths = supported[op];
  if (paths?.includes(path)) return;
  const which = paths === undefined ? 'Please choose supported operations' : `Must be one of: [${paths.join(', ')}]`;
  throw badRequest(`Invalid patch path  '${path}' specified for op '${op}'. ${which}`);
}

/** For the kinds of parts whose errors only name the path. */
export function invalidPath({ path }: Patch): Error {
  return badRequest(`Invalid patch path ${path}`);
}

export function isTrue(value: string | undefined): boolean {
  return value?.toLowerCase() === 'true';
}

/** A map with one entry changed: `add` and `replace` set it, `remove` removes it. Undefined if nothing is left. */
export function patchedMap<T>(
  map: Readonly<Record<string, T>> | undefined,
  op: string,
  key: string,
  value: T,
): Record<string, T> | undefined {
  const { [key]: _, ...others } = map ?? {};
  const result = op === 'remove' ? others : { ...others, [key]: value };
  return Object.keys(result).length === 0 ? undefined : result;
}

/** A list with one value added or removed. */
export function patchedList(list: readonly string[] | undefined, op: string, values: readonly string[]): string[] {
  const others = (list ?? []).filter((item) => !values.includes(item));
  return op === 'remove' ? others : [...others, ...values];
}
