// What is /opt on AWS: a folder for each combination of layers, with the content of all, later ones over earlier ones.
// https://docs.aws.amazon.com/lambda/latest/dg/packaging-layers.html
import { createHash, randomUUID } from 'node:crypto';
import { existsSync } from 'node:fs';
import { cp, mkdir, rename, rm } from 'node:fs/promises';
import { delimiter, join } from 'node:path';
import type { Cloud } from '../cloud.ts';
import { codeFolder } from './code.ts';
import type { Settings, UsedLayer } from './state.ts';

export function layerFolder(cloud: Cloud, layers: readonly UsedLayer[]): string {
  const contents = layers.map(({ code }) => code.sha256).join('\n');
  return join(cloud.directory, 'lambda', 'opt', createHash('sha256').update(contents).digest('hex'));
}

/** Brings the layers' unpacked content together, unless it already is; the folder appears whole or not at all. */
export async function mergeLayers(cloud: Cloud, layers: readonly UsedLayer[] = []): Promise<void> {
  const folder = layerFolder(cloud, layers);
  if (layers.length === 0 || existsSync(folder)) return;
  const temporary = `${folder}.${randomUUID()}.tmp`;
  await mkdir(temporary, { recursive: true });
  try {
    for (const { code } of layers) {
      await cp(codeFolder(cloud, code), temporary, { recursive: true, force: true, verbatimSymlinks: true });
    }
    await rename(temporary, folder);
  } catch (error) {
    await rm(temporary, { recursive: true, force: true });
    // Another call may have brought the same layers together meanwhile.
    if (!existsSync(folder)) throw error;
  }
}

/** What Java finds in layers, for its class path. */
export function layerClasses(cloud: Cloud, layers: readonly UsedLayer[] = []): readonly string[] {
  return layers.length === 0 ? [] : [join(layerFolder(cloud, layers), 'java', 'lib', '*')];
}

/**
 * The variables by which a runtime finds what is in layers; a function may set each to something else.
 * https://docs.aws.amazon.com/lambda/latest/dg/packaging-layers.html#packaging-layers-paths
 */
export function layerVariables(cloud: Cloud, { layers = [], runtime }: Settings, codeRoot: string): NodeJS.ProcessEnv {
  if (layers.length === 0) return {};
  const opt = layerFolder(cloud, layers);
  const major = /^nodejs(\d+)/.exec(runtime)?.[1];
  const paths = (...all: readonly string[]) => all.join(delimiter);
  return {
    PATH: paths(process.env['PATH'] ?? '', join(opt, 'bin')),
    LD_LIBRARY_PATH: paths(codeRoot, join(codeRoot, 'lib'), join(opt, 'lib')),
    ...(major === undefined
      ? {}
      : { NODE_PATH: paths(join(opt, `nodejs/node${major}/node_modules`), join(opt, 'nodejs/node_modules')) }),
    ...(runtime.startsWith('ruby') ? { RUBYLIB: join(opt, 'ruby/lib') } : {}),
    ...(runtime.startsWith('python')
      ? {
          PYTHONPATH: paths(join(opt, 'python'), join(opt, 'python/lib', runtime, 'site-packages')),
        }
      : {}),
  };
}
