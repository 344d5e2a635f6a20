// The stages of a service: the drafts of the others as patches under `environments`.
import type { Plain } from '../base/located.ts';
import { isMap } from '../base/plain.ts';
import type { Draft, Tree } from './draft.ts';

/** What a stage has that the first has not: a JSON Merge Patch, in which null removes. */
export function patchOf(base: Tree | undefined, other: Tree | undefined): Tree | undefined {
  if (JSON.stringify(base) === JSON.stringify(other)) return undefined;
  if (other === undefined) return null;
  if (!isMap(base as Plain) || !isMap(other as Plain) || isIntrinsicMap(base) || isIntrinsicMap(other)) return other;
  const [from, to] = [base as { [key: string]: Tree }, other as { [key: string]: Tree }];
  const patch: { [key: string]: Tree } = {};
  for (const key of new Set([...Object.keys(from), ...Object.keys(to)])) {
    const value = patchOf(from[key], to[key]);
    if (value !== undefined) patch[key] = value;
  }
  return patch;
}

const isIntrinsicMap = (value: Tree | undefined) =>
  typeof value === 'object' &&
  value !== null &&
  Object.keys(value).some((key) => key === 'Ref' || key.startsWith('Fn::'));

/** Of the whole file, or an environment of it. */
const ofAll = new Set(['name', 'environments', 'include', 'plugins']);

/** Adds the environment of another stage to a draft. */
export function addStage(draft: Draft, stage: string, other: Draft): void {
  const patch = patchOf(topOf(draft.root), topOf(other.root));
  draft.set(['environments', stage], patch === undefined ? {} : (patch as Plain));
  const own = other.get(['environments', stage]);
  if (own !== undefined) draft.merge(['environments', stage], own as Plain);
  const local = other.get(['environments', 'local', 'params']);
  if (isMap((local ?? null) as Plain)) {
    for (const [key, value] of Object.entries(local as { [key: string]: Tree })) {
      if (!draft.has(['environments', 'local', 'params', key]))
        draft.set(['environments', 'local', 'params', key], value as Plain);
    }
  }
  draft.adopt(other.findings);
}

const topOf = (root: { [key: string]: Tree }): Tree =>
  Object.fromEntries(Object.entries(root).filter(([key]) => !ofAll.has(key)));

/** An environment of fx: lower-case letters, digits and -, at most 20. */
export function environmentNameOf(stage: string): string {
  const name = stage
    .toLowerCase()
    .replace(/[^a-z0-9-]+/g, '-')
    .replace(/^[^a-z]+/, '')
    .slice(0, 20);
  return name === '' ? 'dev' : name;
}
