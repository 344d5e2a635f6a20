// Which images a project needs, without an engine: reads the inputs and hashes them, so that plan and an unchanged deploy call none.
import { statSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { FxError, type Problem, type Span } from '../../base/error.ts';
import { sha256 } from '../../base/hash.ts';
import { imageTag } from '../../cfn/names.ts';
import type { FunctionSettings, Project } from '../../project/project.ts';
import { platformOf } from '../../runtimes/container-engine.ts';
import type { ImageBuild } from '../../settings/image-build.ts';
import type { FileMemory } from '../file-memory.ts';
import { type ContextEntry, contextOf } from './context.ts';
import type { Image } from './image.ts';

/** Changes with how fx calls the engine: then every image is another one. */
const recipe = 'fx-image-1';

/** The images, by the names of their functions. Throws BUILD_FAILED with all problems. */
export function planImages(project: Project, memory: FileMemory): ReadonlyMap<string, Image> {
  const problems: Problem[] = [];
  const byKey = new Map<string, Image>();
  const contexts = new Map<string, readonly ContextEntry[]>();
  for (const settings of project.functions) {
    const build = settings.image?.build;
    if (build === undefined) continue;
    const inputs = findInputs(project, settings, build);
    if (!('dockerfile' in inputs)) {
      problems.push(inputs);
      continue;
    }
    const { dockerfile, contextFolder } = inputs;
    const baseFolder = join(project.folder, settings.packaging.source);
    const place = { folder: contextFolder, dockerfile, projectFolder: project.folder };
    const context = contexts.get(JSON.stringify(place)) ?? contextOf(place);
    contexts.set(JSON.stringify(place), context);
    const { architecture, name } = settings;
    const key = keyOf({ project: project.name, build, architecture, dockerfile, context }, memory);
    const same = byKey.get(key);
    const image = {
      key,
      tag: imageTag(project.name, key),
      localName: `fx/images:${imageTag(project.name, key)}`,
      project: project.name,
      architecture,
      functions: [...(same?.functions ?? []), name],
      at: same?.at ?? placeOf(project, name),
      build,
      baseFolder,
      dockerfile,
      contextFolder,
      context,
    };
    byKey.set(key, image);
  }
  if (problems.length > 0) throw new FxError('BUILD_FAILED', 'an image cannot be built', { problems });
  return new Map([...byKey.values()].flatMap((image) => image.functions.map((name) => [name, image] as const)));
}

const placeOf = ({ origin }: Project, name: string): Span => origin(['functions', name, 'image', 'build']);

type Inputs = Pick<Image, 'dockerfile' | 'contextFolder'>;

function findInputs(project: Project, { name, packaging }: FunctionSettings, build: ImageBuild): Inputs | Problem {
  const base = join(project.folder, packaging.source);
  const written = build.file ?? 'Dockerfile';
  const problem = (key: 'file' | 'context', message: string, hint?: string): Problem => {
    const at = project.origin(['functions', name, 'image', 'build', key]);
    return { at, message, ...(hint === undefined ? {} : { hint }) };
  };
  const found = resolve(base, written);
  const isFolder = statSync(found, { throwIfNoEntry: false })?.isDirectory() === true;
  const dockerfile = isFolder ? join(found, 'Dockerfile') : found;
  if (statSync(dockerfile, { throwIfNoEntry: false })?.isFile() !== true) {
    const where = isFolder ? `${written.replace(/\/$/, '')}/Dockerfile` : written;
    const from = packaging.source === '' ? "the project's folder" : packaging.source;
    return problem('file', `there is no Dockerfile ${where}`, `the path is relative to ${from}`);
  }
  const contextFolder = build.context === undefined ? dirname(dockerfile) : resolve(base, build.context);
  if (statSync(contextFolder, { throwIfNoEntry: false })?.isDirectory() === true) return { dockerfile, contextFolder };
  return problem('context', `there is no folder ${build.context}`);
}

type KeyInputs = Pick<Image, 'project' | 'build' | 'architecture' | 'dockerfile' | 'context'>;

/** Secrets and caches do not count: neither changes what the Dockerfile says. */
function keyOf({ project, build, architecture, dockerfile, context }: KeyInputs, memory: FileMemory): string {
  const factsOf = (file: string) => memory.facts(file)?.sha256 ?? 'absent';
  const { target = '', args = new Map(), secrets = new Map(), options = [] } = build;
  const rows = context.map(({ path, file, kind, runs, target: to }) => {
    const content = kind === 'file' ? factsOf(file) : (to ?? '');
    return [kind, path, runs ? 'x' : '-', content];
  });
  return sha256(
    JSON.stringify([
      recipe,
      project,
      platformOf(architecture),
      factsOf(dockerfile),
      target,
      [...args].sort(([one], [other]) => (one < other ? -1 : 1)),
      [...secrets.keys()].sort(),
      options,
      rows,
    ]),
  );
}
