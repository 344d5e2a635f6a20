// `include:` adds functions and resources from other files. A definition in two files is a problem, and so is a file that includes
// itself, directly or not.
import { readdir } from 'node:fs/promises';
import { basename, dirname, join, relative, resolve } from 'node:path';
import { FxError, type Problem, type Span } from '../base/error.ts';
import type { Entry, Located, LocatedMap } from '../base/located.ts';
import { nearest } from '../base/suggest.ts';
import { wildcard } from '../base/wildcard.ts';
import { isNull, without } from './overlay.ts';
import { type Reading, readProjectFile } from './read-file.ts';
import { includable } from './schema.ts';

/** A file that was read, with the positions of its sections. */
export interface Part {
  readonly label: string;
  readonly value: LocatedMap;
}

const sections: readonly string[] = includable;

/** The files that a file includes, directly or not. Collects problems. */
export async function readIncluded(
  file: string,
  from: LocatedMap,
  reading: Reading,
  problems: Problem[],
): Promise<readonly Part[]> {
  const seen = new Set([file]);
  const follow = async (path: string, value: LocatedMap, trail: readonly string[]): Promise<readonly Part[]> => {
    const include = value.entries.get('include');
    if (include === undefined || isNull(include.value)) return [];
    const parts: Part[] = [];
    for (const { path: next, at } of await includedPaths(path, include.value, reading, problems)) {
      if (trail.includes(next)) {
        const way = [...trail.slice(trail.indexOf(next)), next].map((file) => relative(reading.shownFrom, file));
        problems.push({ at, message: `files include each other in a cycle: ${way.join(' → ')}` });
      } else if (!seen.has(next)) {
        seen.add(next);
        const read = await readPart(next, at, reading, problems);
        if (read === undefined) continue;
        parts.push({ label: relative(reading.shownFrom, next), value: read });
        parts.push(...(await follow(next, read, [...trail, next])));
      }
    }
    return parts;
  };
  return follow(file, from, [file]);
}

async function readPart(
  path: string,
  at: Span,
  reading: Reading,
  problems: Problem[],
): Promise<LocatedMap | undefined> {
  const shown = relative(reading.shownFrom, path);
  try {
    const value = await readProjectFile(path, reading);
    for (const [key, { keyAt }] of value.entries) {
      if (sections.includes(key) || key === 'include') continue;
      const suggestion = nearest(key, sections);
      problems.push({
        at: keyAt,
        message: `"${key}" is not allowed in an included file`,
        hint: `${suggestion === undefined ? '' : `did you mean "${suggestion}"? `}it may have ${[...sections, 'include'].join(', ')}`,
      });
    }
    return value;
  } catch (error) {
    if (error instanceof FxError && error.code === 'PROJECT_INVALID') {
      problems.push(...error.problems);
      return undefined;
    }
    if (!['ENOENT', 'EISDIR', 'ENOTDIR'].includes((error as NodeJS.ErrnoException).code ?? '')) throw error;
    problems.push({
      at,
      message: `there is no file ${shown}`,
      hint: 'paths are relative to the file that includes them',
    });
    return undefined;
  }
}

interface IncludedPath {
  readonly path: string;
  readonly at: Span;
}

async function includedPaths(
  file: string,
  include: Located,
  { environment, shownFrom }: Reading,
  problems: Problem[],
): Promise<readonly IncludedPath[]> {
  const paths: IncludedPath[] = [];
  for (const item of include.kind === 'list' ? include.items : [include]) {
    if (item.kind !== 'scalar' || typeof item.value !== 'string') {
      problems.push({ at: item.at, message: 'expected the path of a file to include' });
      continue;
    }
    const written = item.value.replaceAll('${env}', environment);
    if (written.includes('${')) {
      problems.push({
        at: item.at,
        message: 'files are included before lookups are resolved',
        hint: 'the only lookup allowed in such a path is ${env}',
      });
      continue;
    }
    const path = resolve(dirname(file), written);
    if (!basename(path).includes('*')) {
      paths.push({ path, at: item.at });
      continue;
    }
    const matching = await matches(path);
    if (matching.length === 0) problems.push({ at: item.at, message: `no file matches ${relative(shownFrom, path)}` });
    paths.push(...matching.map((path) => ({ path, at: item.at })));
  }
  return paths;
}

/** A `*` matches any characters of a file name. Sorted by name. */
async function matches(path: string): Promise<readonly string[]> {
  const pattern = wildcard(basename(path));
  const names = await readdir(dirname(path)).catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT' || error.code === 'ENOTDIR') return [];
    throw error;
  });
  return names
    .filter((name) => pattern.test(name))
    .sort()
    .map((name) => join(dirname(path), name));
}

/** Merges all parts into one project. Reports a duplicate definition at the second. */
export function joinParts(base: LocatedMap, parts: readonly Part[], problems: Problem[]): LocatedMap {
  const entries = new Map(without(base, 'include').entries);
  for (const { value } of parts) {
    for (const section of sections) {
      const added = value.entries.get(section);
      if (added === undefined || isNull(added.value)) continue;
      const old = entries.get(section);
      if (old === undefined || isNull(old.value)) entries.set(section, added);
      else if (old.value.kind === 'map' && added.value.kind === 'map') {
        entries.set(section, {
          keyAt: old.keyAt,
          value: { ...old.value, entries: union(section, old.value, added.value, problems) },
        });
      } else problems.push({ at: added.keyAt, message: `expected a map of ${section}` });
    }
  }
  return { ...base, entries };
}

function union(
  section: string,
  first: LocatedMap,
  second: LocatedMap,
  problems: Problem[],
): ReadonlyMap<string, Entry> {
  const entries = new Map(first.entries);
  for (const [name, entry] of second.entries) {
    const other = entries.get(name);
    if (other === undefined) entries.set(name, entry);
    else {
      problems.push({
        at: entry.keyAt,
        message: `"${name}" is defined twice under ${section}; first at ${other.keyAt.file}:${other.keyAt.line}`,
        hint: 'rename one of them',
      });
    }
  }
  return entries;
}
