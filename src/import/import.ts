// `fx import`: finds another tool's project, converts it, checks what it became, and says what is not the same.
import { existsSync, readdirSync, statSync } from 'node:fs';
import { mkdir, writeFile } from 'node:fs/promises';
import { basename, dirname, join, relative, resolve } from 'node:path';
import { FxError } from '../base/error.ts';
import type { Recipe } from '../cfn/recipe.ts';
import type { ResourceSchemas } from '../cfn/resource-schema.ts';
import type { Project } from '../project/project.ts';
import type { Compiled } from '../template/compile.ts';
import { compareTemplates, type MeaningDifference, readTemplate } from './against/compare.ts';
import { compileText, repair } from './check.ts';
import type { Draft } from './draft.ts';
import type { Finding } from './finding.ts';
import { peers } from './index.ts';
import type { PeerStack, Source } from './peer.ts';
import { writeDraft } from './write.ts';

export interface ImportOptions {
  /** A folder, or the configuration file itself; absolute. */
  readonly path: string;
  /** A key of the table of peers; default: what the folder has. */
  readonly from: string | undefined;
  readonly stage: string | undefined;
  /** Other stages to import, whether the configuration names them or not. */
  readonly further?: readonly string[];
  /** Whether fx goes on with the stack that the peer has made. */
  readonly adopting?: boolean;
  readonly shownFrom: string;
  readonly variables: Readonly<Record<string, string | undefined>>;
  readonly schemas: ResourceSchemas;
  readonly today: Date;
}

export interface Imported {
  readonly peer: string;
  readonly source: Source;
  readonly environment: string;
  /** The stack of each environment; none if the peer makes none. */
  readonly stacks: ReadonlyMap<string, PeerStack>;
  /** project.yml. */
  readonly text: string;
  readonly findings: readonly Finding[];
  readonly draft: Draft;
  /** The template of the local environment; undefined if there is nothing to deploy. */
  readonly compiled: Compiled | undefined;
  readonly project: Project | undefined;
  readonly recipe: Recipe | undefined;
}

/** Throws USAGE if there is nothing to import, and IMPORT_FAILED if it cannot be read. */
export async function importProject(options: ImportOptions): Promise<Imported> {
  const { name, source } = find(options);
  const peer = peers[name];
  if (peer === undefined) throw new FxError('USAGE', `fx imports from ${Object.keys(peers).join(', ')}`);
  const { draft, stage, stacks } = await peer.convert({
    source,
    shownFrom: options.shownFrom,
    stage: options.stage,
    further: options.further ?? [],
    adopting: options.adopting ?? false,
    variables: options.variables,
  });
  const checked = await repair(draft, { folder: source.folder, schemas: options.schemas, today: options.today });
  return { peer: name, source, environment: stage, stacks, draft, ...written(draft, source), ...checked };
}

/** project.yml and the findings of a draft. */
export function written(draft: Draft, { file }: Source): Pick<Imported, 'text' | 'findings'> {
  const text = writeDraft(draft, `Imported from ${basename(file)} by fx import.`);
  return { text, findings: sorted(draft.findings) };
}

const kinds = ['dropped', 'changed', 'carried'];

/** What needs attention first, in the order of the source. */
function sorted(findings: readonly Finding[]): readonly Finding[] {
  return [...findings].sort(
    (a, b) =>
      kinds.indexOf(a.kind) - kinds.indexOf(b.kind) || a.at.file.localeCompare(b.at.file) || a.at.line - b.at.line,
  );
}

function find({ path, from, shownFrom }: ImportOptions): { readonly name: string; readonly source: Source } {
  const shown = relative(shownFrom, path) || '.';
  if (!existsSync(path))
    throw new FxError('USAGE', `there is no ${shown}`, { hint: 'name a folder, or the configuration file' });
  const rows = Object.entries(peers).filter(([name]) => from === undefined || name === from);
  if (rows.length === 0)
    throw new FxError('USAGE', `fx does not import from "${from}"`, {
      hint: `it does from ${Object.keys(peers).join(', ')}`,
    });
  if (!statSync(path).isDirectory()) {
    const [name] = rows.find(([, peer]) => peer.files.includes(basename(path)) || peer.accepts?.(path) === true) ?? [
      from ?? 'serverless',
    ];
    return { name, source: { file: path, folder: dirname(path) } };
  }
  for (const [name, peer] of rows) {
    const file =
      peer.files.find((candidate) => existsSync(join(path, candidate))) ??
      readdirSync(path).find((candidate) => peer.accepts?.(candidate) === true);
    if (file !== undefined) return { name, source: { file: join(path, file), folder: path } };
  }
  const composed = readdirSync(path).find((name) => /^serverless-compose\.(ya?ml|json|[jt]s)$/.test(name));
  if (composed !== undefined) {
    throw new FxError('USAGE', `${composed} has no service of its own`, {
      hint: 'import each service that it names by its folder: fx import PATH',
    });
  }
  const names = rows.flatMap(([, peer]) => peer.files.slice(0, 2));
  throw new FxError('USAGE', `${shown} has nothing to import`, {
    hint: `there is no ${names.join(', ')}; name the folder or the file: fx import PATH`,
  });
}

/** How the template of the import differs from the other tool's own packaged one. Throws USAGE if the file is none, or if there is nothing to compare. */
export async function differencesFrom(
  file: string,
  imported: Imported,
  { shownFrom, schemas, today }: Pick<ImportOptions, 'shownFrom' | 'schemas' | 'today'>,
): Promise<readonly MeaningDifference[]> {
  const theirs = readTemplate(file, relative(shownFrom, file));
  const outcome = await compileText(imported.text, imported.environment, {
    folder: imported.source.folder,
    schemas,
    today,
  });
  if (!('compiled' in outcome) || outcome.compiled === undefined || outcome.project === undefined) {
    throw new FxError('USAGE', 'the import has nothing to compare: it does not compile');
  }
  const { template } = outcome.compiled.stacks.root;
  return compareTemplates(theirs, template as never, { region: outcome.project.environment.region });
}

/** Writes project.yml. Throws ALREADY_EXISTS, before it writes anything, if there is one. */
export async function writeImported(folder: string, text: string): Promise<string> {
  const file = resolve(folder, 'project.yml');
  const names = ['yml', 'yaml', 'ts', 'mts', 'js', 'mjs'].map((ending) => `project.${ending}`);
  const existing = names.find((name) => existsSync(join(folder, name)));
  if (existing !== undefined) {
    throw new FxError('ALREADY_EXISTS', `${existing} is there already, and fx overwrites nothing`, {
      hint: 'move it away, write to another folder with --out, or see the result with --dry-run',
    });
  }
  await mkdir(folder, { recursive: true });
  await writeFile(file, text, { flag: 'wx' });
  return file;
}
