// The functions of an Apex project: functions/NAME, with function.json and function.ENV.json.
import { existsSync, readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import type { Plain } from '../../base/located.ts';
import { runtimeIdentifiers } from '../../runtimes/index.ts';
import type { Cursor } from '../cursor.ts';
import { type Draft, type Path, placeOf } from '../draft.ts';
import { keepRole } from '../roles.ts';
import { isCurrent, languageOf, languages } from './runtimes.ts';

/** The names of the folders in functions/. */
export function functionFolders(folder: string): readonly string[] {
  const functions = join(folder, 'functions');
  if (!existsSync(functions)) return [];
  return readdirSync(functions)
    .filter((name) => statSync(join(functions, name)).isDirectory())
    .sort();
}

export interface ApexFunction {
  readonly name: string;
  /** Relative to the project. */
  readonly source: string;
  /** function.json or function.ENV.json, if there is one. */
  readonly own: Cursor | undefined;
  readonly project: Cursor;
  readonly folder: string;
  readonly environment: string;
}

/** Settings that mean the same in project.json and function.json. */
export function settingsOf(draft: Draft, from: Cursor, to: Path): void {
  const copied = (theirs: string, ours: string) => {
    const value = from.child(theirs);
    if (value !== undefined) draft.set([...to, ours], value.plain(), placeOf(value));
  };
  copied('memory', 'memory');
  copied('timeout', 'timeout');
  copied('kms_arn', 'kmsKeyArn');
  copied('deadletter_arn', 'deadLetterQueue');
  for (const [key, value] of from.child('environment')?.entries() ?? []) {
    draft.set([...to, 'variables', key], String(value.scalar() ?? ''), placeOf(value));
  }
  const vpc = from.child('vpc');
  const subnets = vpc?.child('subnets');
  const groups = vpc?.child('securityGroups');
  if (vpc !== undefined && (hasItems(subnets) || hasItems(groups))) {
    draft.set(
      [...to, 'vpc'],
      { subnetIds: subnets?.plain() ?? [], securityGroupIds: groups?.plain() ?? [] },
      placeOf(vpc),
    );
  }
}

const hasItems = (cursor: Cursor | undefined) => cursor?.isList === true && cursor.items().length > 0;

export function convertFunction(draft: Draft, { name, source, own, project, folder, environment }: ApexFunction): void {
  const path: Path = ['functions', name];
  const at = own ?? project;
  const place = own === undefined ? { path: source, at: project.at } : placeOf(own);
  draft.set(path, {}, place);
  const description = own?.child('description');
  if (description !== undefined) draft.set([...path, 'description'], description.plain(), placeOf(description));
  if (own !== undefined) settingsOf(draft, own, path);
  code(draft, { name, source, own, project, folder, environment }, path);
  hooks(draft, { own, project }, path);
  const role = own?.child('role') ?? project.child('role');
  if (role !== undefined) keepRole(draft, { name, role: role.plain(), environment }, placeOf(role));
  const written = own?.child('name');
  if (written !== undefined && written.text() !== name) {
    draft.set([...path, 'functionName'], written.plain(), placeOf(written));
  }
  const retained = own?.child('retainedVersions');
  if (retained !== undefined) {
    retained.plain();
    draft.changed(placeOf(retained), 'fx keeps as many releases of all functions', { remedy: 'set keep at the top' });
  }
  for (const [key, message, remedy] of [
    ['shim', 'Lambda runs the program itself, without a shim', 'nothing'],
    [
      'edge',
      'an event of CloudFront needs its distribution',
      'add the distribution under resources, and an event edge',
    ],
    ['region', 'all functions of a project are in its region', 'make a project of its own for it'],
  ] as const) {
    const value = own?.child(key);
    if (value === undefined) continue;
    const isOff = value.flag() === false;
    value.plain();
    if (!isOff) draft.dropped(placeOf(value), message, { remedy, beside: path });
  }
  draft.carried({ path: source, at: at.at }, `the function "${name}"`);
}

/** Runtime, handler and folder. What the files in the folder tell is left to fx. */
function code(draft: Draft, { name, source, own, project, folder }: ApexFunction, path: Path): void {
  const zip = own?.child('zip') ?? project.child('zip');
  const runtime = own?.child('runtime') ?? project.child('runtime');
  const handler = own?.child('handler') ?? project.child('handler');
  const written = runtime?.text();
  const language =
    written === undefined ? guessed({ own, project, folder: join(folder, source), name }) : languageOf(written);
  const place = runtime === undefined ? { path: source, at: (own ?? project).at } : placeOf(runtime);
  const known = language === undefined ? undefined : languages[language];
  const hasSources = known?.files.some((file) => existsSync(join(folder, source, file))) === true;
  if (zip !== undefined) {
    draft.set([...path, 'artifact'], `${source}/${zip.text() ?? ''}`, placeOf(zip));
  } else draft.set([...path, 'source'], source, place);
  if (known === undefined) {
    const shown = written ?? 'no runtime';
    draft.dropped(place, `${shown}: fx knows no such runtime`, { remedy: 'set runtime and handler', beside: path });
    draft.set([...path, 'runtime'], 'nodejs24.x', place);
    draft.set([...path, 'handler'], handler?.text() ?? 'index.handle', place);
    return;
  }
  const isProgram = known.runtime === 'provided.al2023';
  const isKept = written !== undefined && isCurrent(written, runtimeIdentifiers);
  const today = isKept ? written : known.runtime;
  if (written !== undefined && !isKept) {
    draft.changed(place, `${written} is no runtime of Lambda any more; it is ${today} now`, {
      remedy: 'test the function on it',
      beside: path,
    });
  }
  if (hasSources && zip === undefined && handler === undefined && (written === undefined || !isKept)) return;
  if (isProgram && !hasSources && zip === undefined) {
    draft.remove([...path, 'source']);
    draft.set([...path, 'artifact'], `${source}/bootstrap.zip`, place);
    draft.set([...path, 'runtime'], today, place);
    draft.set([...path, 'handler'], 'bootstrap', place);
    draft.changed(place, 'the sources of the program are not here', {
      remedy: `replace artifact, handler and runtime by source: ${source}, and fx builds it`,
      beside: [...path, 'artifact'],
    });
    return;
  }
  draft.set([...path, 'runtime'], today, place);
  if (isProgram) return;
  draft.set([...path, 'handler'], handler?.text() ?? known.handler, handler === undefined ? place : placeOf(handler));
  if (hasSources || zip !== undefined) return;
  draft.changed(
    place,
    written === undefined ? 'no file tells the runtime; it is guessed' : 'the source of the function is not here',
    {
      remedy: 'add it, and check runtime and handler',
      ...(written === undefined ? { beside: path } : {}),
    },
  );
}

/** Apex tells the language by files; without them, hooks and descriptions may. */
function guessed({
  own,
  project,
  folder,
  name,
}: {
  own: Cursor | undefined;
  project: Cursor;
  folder: string;
  name: string;
}): string | undefined {
  const byFile = Object.entries(languages).find(([, { files }]) =>
    files.some((file) => existsSync(join(folder, file))),
  );
  if (byFile !== undefined) return byFile[0];
  const texts = [
    own?.child('hooks'),
    own?.child('description'),
    project.child('hooks'),
    project.child('description'),
    project.child('name'),
  ];
  for (const text of [...texts.map((cursor) => JSON.stringify(cursor?.plain() ?? '')), name]) {
    const found = Object.entries(languages).find(([, { words }]) => words.test(text));
    if (found !== undefined) return found[0];
  }
  return undefined;
}

/** What fx does itself when it builds. */
const ownWork =
  /^(go (get|build)|pip install|npm (install|i|ci)|yarn install|bundle install|mvn (clean )?package|gradle build|lein uberjar|cargo build|GOOS=)/;

/** Apex runs the hooks of a project in the folder of each function. */
function hooks(draft: Draft, { own, project }: { own: Cursor | undefined; project: Cursor }, path: Path): void {
  for (const kind of ['build', 'deploy', 'clean'] as const) {
    const hook = own?.child('hooks')?.child(kind) ?? project.child('hooks')?.child(kind);
    const command = hook?.text();
    if (hook === undefined || command === undefined) continue;
    if (kind === 'build' && ownWork.test(command.trim())) {
      draft.changed(placeOf(hook), `fx does "${command}" itself when it builds`);
      continue;
    }
    draft.set([...path, 'hooks', kind], command as Plain, placeOf(hook));
  }
}
