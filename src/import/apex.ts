// Apex: project.json and functions/NAME/function.json, with a file for each environment.
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join, relative } from 'node:path';
import { FxError } from '../base/error.ts';
import { parseLocated } from '../base/yaml.ts';
import { convertFunction, functionFolders, settingsOf } from './apex/functions.ts';
import { languageOf, languages } from './apex/runtimes.ts';
import { Cursor, Reading, unreadIn } from './cursor.ts';
import { Draft, placeOf } from './draft.ts';
import type { Conversion, ConvertOptions, Peer } from './peer.ts';
import { projectNameOf } from './project-name.ts';
import { keepRole } from './roles.ts';
import { addStage } from './stages.ts';

/** Of project.json, which names no environment. */
const unnamed = 'default';

export const apex: Peer = {
  title: 'Apex',
  files: ['project.json'],
  accepts: (file) => /(^|[\\/])project(\.[\w-]+)?\.json$/.test(file),
  async convert({ source, shownFrom, stage }: ConvertOptions): Promise<Conversion> {
    const { folder } = source;
    const named = readdirSync(folder).flatMap((file) => /^project\.([\w-]+)\.json$/.exec(file)?.[1] ?? []);
    const hasMain = existsSync(join(folder, 'project.json'));
    const all = [...(hasMain ? [unnamed] : []), ...named];
    const first = stage ?? (hasMain ? unnamed : (named[0] ?? unnamed));
    if (!all.includes(first)) {
      throw new FxError('USAGE', `there is no environment "${first}"`, { hint: `there are ${all.join(', ')}` });
    }
    const draft = convertEnvironment(folder, shownFrom, first);
    draft.merge(['environments', first], {});
    for (const environment of all) {
      if (environment !== first) addStage(draft, environment, convertEnvironment(folder, shownFrom, environment));
    }
    return { draft, stage: first, stacks: new Map() };
  },
};

function convertEnvironment(folder: string, shownFrom: string, environment: string): Draft {
  const draft = new Draft();
  const reading = new Reading();
  const project = read(join(folder, fileOf('project', environment)), shownFrom, reading);
  const name = project.child('name');
  const written = name?.text() ?? 'project';
  const ours = projectNameOf(written, 'project');
  draft.set(['name'], ours, name === undefined ? undefined : placeOf(name));
  if (name !== undefined && ours !== written) {
    draft.changed(placeOf(name), `the project "${written}" is called "${ours}"`, { beside: ['name'] });
  }
  header(draft, project, folder);
  const read_ = (functionName: string) => {
    const candidates = [fileOf('function', environment), 'function.json'];
    const file = candidates
      .map((candidate) => join(folder, 'functions', functionName, candidate))
      .find((path) => existsSync(path));
    return file === undefined ? undefined : read(file, shownFrom, reading);
  };
  const functions = functionFolders(folder);
  const cursors: Cursor[] = [project];
  for (const functionName of functions) {
    const own = read_(functionName);
    if (own !== undefined) cursors.push(own);
    const source = `functions/${functionName}`;
    convertFunction(draft, { name: nameOf(functionName), source, own, project, folder, environment });
  }
  if (functions.length === 0) noFunctions(draft, project, environment);
  // defaults of functions, each of which has said what becomes of them
  for (const key of ['runtime', 'handler', 'role', 'zip']) project.child(key);
  const hooks = project.child('hooks');
  for (const kind of ['build', 'deploy', 'clean']) hooks?.child(kind);
  for (const cursor of cursors) {
    for (const { path, at } of unreadIn(cursor.value, '', reading)) {
      draft.dropped({ path, at }, `fx has nothing for "${path}"`, {
        remedy: 'if it matters, write it in project.yml by hand',
      });
    }
  }
  return draft;
}

const fileOf = (kind: 'project' | 'function', environment: string) =>
  environment === unnamed ? `${kind}.json` : `${kind}.${environment}.json`;

const nameOf = (folder: string) => folder.replace(/[^A-Za-z0-9_-]+/g, '-').replace(/^[^A-Za-z]+/, '') || 'function';

function read(file: string, shownFrom: string, reading: Reading): Cursor {
  const shown = relative(shownFrom, file);
  // JSON is YAML
  const { value, problems } = parseLocated(readFileSync(file, 'utf8').replaceAll('\t', '  '), shown, []);
  const wrong = value.kind === 'map' ? problems : [{ at: value.at, message: 'expected a map' }];
  if (wrong.length > 0) throw new FxError('IMPORT_FAILED', `${shown} cannot be read`, { problems: wrong });
  return new Cursor(value, '', reading);
}

/** What concerns the whole project, and the defaults of functions. */
function header(draft: Draft, project: Cursor, folder: string): void {
  const description = project.child('description');
  if (description !== undefined) {
    draft.comment(['name'], description.text() ?? '');
    draft.carried(placeOf(description), 'the description is a comment');
  }
  const region = project.child('region');
  if (region !== undefined) draft.set(['region'], region.plain(), placeOf(region));
  const profile = project.child('profile');
  if (profile !== undefined) draft.set(['profile'], profile.plain(), placeOf(profile));
  // https://github.com/apex/apex/blob/master/docs/projects.md: 128 MB and 3 seconds
  draft.set(['defaults', 'architecture'], 'x86_64');
  draft.set(['defaults', 'memory'], 128);
  draft.set(['defaults', 'timeout'], 3);
  draft.comment(['defaults', 'memory'], 'What Apex sets without being asked');
  settingsOf(draft, project, ['defaults']);
  const retained = project.child('retainedVersions');
  if (retained !== undefined) {
    const number = retained.number() ?? 0;
    draft.set(['keep'], Math.max(2, number), placeOf(retained));
  }
  const template = project.child('nameTemplate');
  if (template !== undefined) {
    const text = template.text() ?? '';
    draft.changed(placeOf(template), `functions are called \${name}-\${env}-\${function} in AWS, not ${text}`, {
      remedy: 'the old functions have those names; set functionName when they are gone',
      beside: ['defaults'],
    });
  }
  const chosen = project.child('defaultEnvironment');
  if (chosen !== undefined) {
    draft.changed(
      placeOf(chosen),
      `fx takes the environment from --env, FX_ENV or fx use, not "${chosen.text() ?? ''}"`,
      {
        remedy: `fx use ${chosen.text() ?? ''}`,
      },
    );
  }
  const place = { path: '.', at: { ...project.at, length: 1 } };
  if (existsSync(join(folder, 'infrastructure'))) {
    draft.dropped(place, 'infrastructure/ is not read: fx makes resources by CloudFormation', {
      remedy: 'keep Terraform for it, or write the resources under resources and events',
      beside: ['name'],
    });
  }
  if (existsSync(join(folder, '.apexignore'))) {
    draft.changed(place, 'fx reads .fxignore, not .apexignore', { remedy: 'rename it; most of it is not needed' });
  }
}

/** Without folders of functions there is nothing to deploy: one to fill in. */
function noFunctions(draft: Draft, project: Cursor, environment: string): void {
  const runtime = project.child('runtime')?.text();
  const known = runtime === undefined ? undefined : languages[languageOf(runtime) ?? ''];
  const isProgram = known?.runtime === 'provided.al2023';
  draft.set(['functions', 'unknown'], {
    ...(isProgram ? { artifact: 'functions/unknown/bootstrap.zip' } : { source: 'functions/unknown' }),
    runtime: known?.runtime ?? 'nodejs24.x',
    handler: project.child('handler')?.text() ?? known?.handler ?? 'index.handle',
  });
  const role = project.child('role');
  if (role !== undefined) keepRole(draft, { name: 'unknown', role: role.plain(), environment }, placeOf(role));
  draft.dropped({ path: 'functions', at: project.at }, 'there is no folder functions/ with the functions', {
    remedy: 'add it and import again, or name your functions in place of "unknown"',
    beside: ['functions', 'unknown'],
  });
}
