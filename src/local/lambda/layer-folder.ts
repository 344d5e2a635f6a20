// The counterpart of /opt on AWS: a folder per combination of layers, with the content of all; later layers override earlier ones.
// https://docs.aws.amazon.com/lambda/latest/dg/packaging-layers.html
import { createHash } from 'node:crypto';
import { cp } from 'node:fs/promises';
import { delimiter, join } from 'node:path';
import type { Cloud } from '../cloud.ts';
import { codeFolder, unpackCode } from './code.ts';
import type { FunctionVersion, Settings, UsedLayer } from './state.ts';
import { createWhole } from './whole-folder.ts';

export function layerFolder(cloud: Cloud, layers: readonly UsedLayer[]): string {
  const contents = layers.map(({ code }) => code.sha256).join('\n');
  return join(cloud.codeDirectory, 'lambda', 'opt', createHash('sha256').update(contents).digest('hex'));
}

/** Merges the unpacked content of the layers, unless the folder exists. */
export async function mergeLayers(cloud: Cloud, layers: readonly UsedLayer[] = []): Promise<void> {
  if (layers.length === 0) return;
  await createWhole(layerFolder(cloud, layers), async (temporary) => {
    for (const { code } of layers) {
      await unpackCode(cloud, code);
      await cp(codeFolder(cloud, code), temporary, { recursive: true, force: true, verbatimSymlinks: true });
    }
  });
}

/** Unpacks the code and layers of a version, unless that was done before. Images are left to the container engine. */
export async function placeCode(cloud: Cloud, { code, settings }: FunctionVersion): Promise<void> {
  if (code.image !== undefined) return;
  await unpackCode(cloud, code);
  await mergeLayers(cloud, settings.layers);
}

/** What Java finds in layers, for its class path. */
export function layerClasses(cloud: Cloud, layers: readonly UsedLayer[] = []): readonly string[] {
  return layers.length === 0 ? [] : [join(layerFolder(cloud, layers), 'java', 'lib', '*')];
}

/**
 * The variables through which a runtime finds layers; a function may override each.
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
