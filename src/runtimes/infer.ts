// Picks the family of a function: project.yml decides; otherwise marker files do.
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { basename, dirname, extname, join } from 'node:path';
import type { Problem, Span } from '../base/error.ts';
import { type Family, families } from './index.ts';

export interface InferRequest {
  readonly name: string;
  readonly at: Span;
  readonly handler: string | undefined;
  readonly runtime: string | undefined;
  /** Absolute. */
  readonly folder: string;
  /** The same folder, as messages show it. */
  readonly shown: string;
}

export interface Inferred {
  readonly family: string;
  readonly runtime: string;
  readonly handler: string;
  readonly problems: readonly Problem[];
}

/** The fallback if nothing identifies a family: its error says what is missing. */
const fallback = 'nodejs';

export function infer(request: InferRequest): Inferred {
  const { handler, runtime } = request;
  const candidates = Object.entries(families).filter(
    ([, family]) => runtime === undefined || family.identifiers.includes(runtime),
  );
  const [only] = candidates;
  const matches = candidates.length === 1 && only !== undefined ? [only] : matching(candidates, request);
  const [first, second] = matches;
  const [name, family] = first ?? candidates.find(([one]) => one === fallback) ?? candidates[0] ?? [];
  if (name === undefined || family === undefined) throw new Error(`no runtime family serves ${runtime}`);
  const problems: Problem[] = [];
  if (first !== undefined && second !== undefined) {
    problems.push({
      at: request.at,
      message: `the function "${request.name}" could be ${describe(first, request)} or ${describe(second, request)}`,
      hint: 'set `runtime`, or give each function its own folder with `source`',
    });
  } else if (first === undefined && (runtime !== undefined || handler === undefined)) {
    problems.push(nothingFound(request, candidates));
  }
  return {
    family: name,
    runtime: runtime ?? family.identifiers[0] ?? '',
    handler: handler ?? defaultHandler(family, request.folder) ?? 'index.handler',
    problems,
  };
}

/** Whether a folder has a marker of any family. */
export function saysWhatItIs(folder: string): boolean {
  return Object.values(families).some((family) => markerIn(family, folder) !== undefined);
}

type Row = readonly [string, Family];

function matching(candidates: readonly Row[], { handler, folder }: InferRequest): readonly Row[] {
  const byHandler =
    handler === undefined ? [] : candidates.filter(([, family]) => hasHandlerFile(family, handler, folder));
  if (byHandler.length > 0) return byHandler;
  const byMarker = candidates.filter(([, family]) => markerIn(family, folder) !== undefined);
  // a `bootstrap` beside sources is their build output
  const sources = byMarker.filter(([name]) => name !== 'bootstrap');
  return sources.length > 0 ? sources : byMarker;
}

function hasHandlerFile(family: Family, handler: string, folder: string): boolean {
  const file = handler.slice(0, handler.lastIndexOf('/') + 1) + (basename(handler).split('.')[0] ?? '');
  return family.endings.some((ending) => existsSync(join(folder, file + ending)));
}

/** The path of the family's first marker that exists. */
function markerIn(family: Family, folder: string): string | undefined {
  for (const marker of family.markers) {
    if (marker.startsWith('*')) {
      const name = names(folder).find((file) => file.endsWith(marker.slice(1)));
      if (name !== undefined) return name;
    } else if (existsSync(join(folder, marker))) return marker;
  }
  return undefined;
}

function names(folder: string): readonly string[] {
  return existsSync(folder) ? readdirSync(folder).sort() : [];
}

function describe([name, family]: Row, { folder, handler }: InferRequest): string {
  const marker = markerIn(family, folder);
  const file =
    marker ?? `${dirname(handler ?? '')}/${basename(handler ?? '').split('.')[0]}${family.endings.join('|')}`;
  return `${name} (${file})`;
}

function nothingFound({ at, name, shown, runtime }: InferRequest, candidates: readonly Row[]): Problem {
  const markers = candidates.flatMap(([, family]) => family.markers);
  const where = shown === '' ? "the project's folder" : shown;
  return {
    at,
    message: `the function "${name}"${runtime === undefined ? ' has no runtime and no handler, and' : `, ${runtime}, cannot be built:`} nothing in ${where} says what it is`,
    hint: `one of these would: ${[...new Set(markers)].join(', ')}`,
  };
}

function defaultHandler(family: Family, folder: string): string | undefined {
  for (const { marker, handler, exports } of family.handlers) {
    if (marker === '') return handler;
    const name = marker.startsWith('*')
      ? names(folder).find((file) => file.endsWith(marker.slice(1)))
      : existsSync(join(folder, marker))
        ? marker
        : undefined;
    if (name === undefined) continue;
    const text = exports === undefined ? '' : readFileSync(join(folder, name), 'utf8');
    const exported = exports?.find((name) => new RegExp(`\\b${name}\\b`).test(text)) ?? exports?.[0] ?? '';
    return handler.replace('%', basename(name, extname(name))).replace('$', exported);
  }
  return undefined;
}
