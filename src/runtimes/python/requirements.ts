// Reads requirements.txt with all that it includes, and rewrites what would tie the result to this machine or this folder.
import { existsSync, readFileSync } from 'node:fs';
import { dirname, isAbsolute, relative, resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import type { Problem, Span } from '../../base/error.ts';
import { slashed } from '../parts.ts';
import { localClosure, pathOfUrl, projectName } from './local.ts';
import { type Dependencies, type Entry, parseRequirement } from './requirement.ts';

/** Where the installer runs: paths in requirements are relative to it. */
interface Reading {
  readonly project: string;
  readonly folder: string;
  readonly files: string[];
  readonly entries: Entry[];
  readonly problems: Problem[];
}

export function readRequirements(file: string, project: string): Dependencies | { readonly problem: Problem } {
  const reading: Reading = { project, folder: dirname(file), files: [], entries: [], problems: [] };
  readList(file, reading);
  const [problem] = reading.problems;
  if (problem !== undefined) return { problem };
  const local = localClosure(reading.entries.flatMap((entry) => entry.local ?? []));
  // options alone install nothing
  const isEmpty = reading.entries.every((entry) => entry.text.startsWith('-'));
  return { entries: isEmpty ? [] : reading.entries, isLocked: false, from: file, files: reading.files, local };
}

function readList(file: string, reading: Reading): void {
  reading.files.push(file);
  const shown = slashed(relative(reading.project, file));
  for (const { text, line, length } of logicalLines(readFileSync(file, 'utf8'))) {
    const at: Span = { file: shown, line, column: 1, length };
    const [, short, long, value = ''] = /^(?:(-[a-zA-Z])|(--[a-z-]+))(?:[ =]+|(?<=^-[a-zA-Z]))(.*)$/.exec(text) ?? [];
    const option = long ?? (short === undefined ? undefined : longName[short]);
    if (option === '--requirement' || option === '--constraint') include(option, value, file, at, reading);
    else if (option === '--editable') addRequirement(value, at, reading);
    else if (option === '--find-links') reading.entries.push(findLinks(value, file, at, reading));
    else if (text.startsWith('-')) reading.entries.push({ text, at, name: undefined });
    else addRequirement(text, at, reading);
  }
}

const longName: Readonly<Record<string, string>> = {
  '-r': '--requirement',
  '-c': '--constraint',
  '-e': '--editable',
  '-f': '--find-links',
  '-i': '--index-url',
};

function include(option: string, value: string, file: string, at: Span, reading: Reading): void {
  const isUrl = /^[a-z]+:\/\//.test(value);
  const path = resolve(dirname(file), value);
  if (!isUrl && !existsSync(path)) {
    const hint = 'paths after -r and -c are relative to the file that names them';
    reading.problems.push({ at, message: `${at.file} includes ${JSON.stringify(value)}, which does not exist`, hint });
  } else if (option === '--constraint' || isUrl) {
    if (!isUrl) reading.files.push(path);
    // equal text for another path, so that a moved project keeps its installs
    reading.entries.push({ text: `${option} ${isUrl ? value : path}`, at, name: undefined });
  } else if (!reading.files.includes(path)) readList(path, reading);
}

function findLinks(value: string, file: string, at: Span, reading: Reading): Entry {
  if (/^[a-z]+:\/\/(?!\/)/.test(value)) return { text: `--find-links ${value}`, at, name: undefined };
  const beside = resolve(dirname(file), value.replace(/^file:\/\//, ''));
  const path = existsSync(beside) ? beside : resolve(reading.folder, value);
  return { text: `--find-links ${path}`, at, name: undefined, local: path };
}

/** Not as a link, even if it is written as one: the link would lead to this machine. */
function addRequirement(written: string, at: Span, reading: Reading): void {
  const requirement = parseRequirement(written);
  const place = requirement === undefined ? pathIn(written) : requirement.url;
  if (place === undefined || (/^[a-z+]+:/.test(place) && !/^file:/.test(place))) {
    const name = requirement?.name ?? /#(?:.*&)?egg=([\w.-]+)/.exec(written)?.[1]?.toLowerCase();
    reading.entries.push({ text: written, at, name });
    return;
  }
  const local = isAbsolute(place)
    ? place
    : /^file:/.test(place)
      ? pathOfUrl(place, reading.folder)
      : resolve(reading.folder, place);
  if (!existsSync(local)) {
    const hint = `it is relative to ${slashed(relative(reading.project, reading.folder)) || "the project's folder"}`;
    reading.problems.push({ at, message: `${at.file} names ${JSON.stringify(place)}, which does not exist`, hint });
    return;
  }
  const name = requirement?.name ?? projectName(local);
  // a relative address is none for pip
  const text =
    requirement === undefined || /^file:\/\/\//.test(place)
      ? written
      : written.replace(place, pathToFileURL(local).href);
  reading.entries.push({ text, at, name, local });
}

/** `./lib[extra] ; marker` → `./lib`; undefined for a URL or a plain name. */
function pathIn(text: string): string | undefined {
  const [place = ''] = text.split(/\s*[[;]|\s+--?[a-z]|\s+;/);
  if (/^(?!file:)[a-z+]+:\/\//.test(place)) return undefined;
  return /^file:|[\\/]|^\.+$|\.(whl|zip|tar\.gz|tar\.bz2|tgz)$/.test(place) ? place.trim() : undefined;
}

interface Line {
  readonly text: string;
  readonly line: number;
  /** Of the first physical line. */
  readonly length: number;
}

/** Without comments; a backslash continues a line. https://pip.pypa.io/en/stable/reference/requirements-file-format/ */
function logicalLines(content: string): readonly Line[] {
  const lines: Line[] = [];
  let open: Line | undefined;
  for (const [index, physical] of content
    .replace(/^\ufeff/, '')
    .split(/\r?\n/)
    .entries()) {
    const start: Line = open ?? { text: '', line: index + 1, length: physical.trimEnd().length };
    const isOpen = physical.endsWith('\\');
    const text = start.text + (isOpen ? physical.slice(0, -1) : physical);
    open = isOpen ? { ...start, text } : undefined;
    const plain = text.replace(/(^|\s)#.*$/, '').trim();
    if (!isOpen && plain !== '') lines.push({ ...start, text: plain });
  }
  return lines;
}
