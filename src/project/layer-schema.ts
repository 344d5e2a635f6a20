// The layers that a project publishes: their schema, and checks of their use by functions.
import type { Problem, Span } from '../base/error.ts';
import { described, list, mapOf, object, oneOf, type Read, text } from '../base/schema.ts';
import { nearest } from '../base/suggest.ts';
import { runtimeIdentifiers } from '../runtimes/index.ts';
import type { Architecture } from '../runtimes/settings.ts';
import { insidePath } from '../settings/packaging.ts';
import type { Project } from './project.ts';

// https://docs.aws.amazon.com/lambda/latest/api/API_PublishLayerVersion.html
const layerSchema = object({
  about: 'A layer: a folder that Lambda unpacks to /opt.',
  required: {
    path: described('The folder with the files of the layer.', text(insidePath), { examples: ['layers/fonts'] }),
  },
  optional: {
    dependencies: oneOf(
      ['python', 'nodejs'],
      'Install what requirements.txt or package.json in the folder names, for the functions that use the layer.',
      { examples: ['python'] },
    ),
    description: described('A description, shown next to the name in AWS.', text({ longest: 256 }), {
      examples: ['Fonts for bills'],
    }),
    compatibleRuntimes: described('The runtimes that it supports.', list(oneOf(runtimeIdentifiers), { most: 15 }), {
      examples: [['nodejs24.x']],
    }),
    compatibleArchitectures: described('The architectures that it supports.', list(oneOf(['arm64', 'x86_64'])), {
      examples: [['arm64']],
    }),
    license: described('An SPDX identifier, a URL, or the text.', text({ longest: 512 }), { examples: ['OFL-1.1'] }),
  },
  elsewhere: { licenseInfo: 'license', contentUri: 'path', source: 'path' },
});

export const layersSchema = described(
  'Layers that this project publishes, by name. Each content becomes a version, which is retained.',
  mapOf(layerSchema, { pattern: /^[A-Za-z][A-Za-z0-9]{0,63}$/, expected: 'a layer name (letters and digits)' }),
  {
    examples: [{ Fonts: { path: 'layers/fonts' } }],
    aws: 'https://docs.aws.amazon.com/lambda/latest/dg/chapter-layers.html',
  },
);

export interface LayerSettings {
  readonly name: string;
  readonly path: string;
  /** Whose dependencies its folder lists; undefined for a folder that is the layer. */
  readonly dependencies: 'python' | 'nodejs' | undefined;
  readonly description: string | undefined;
  readonly compatibleRuntimes: readonly string[] | undefined;
  readonly compatibleArchitectures: readonly Architecture[] | undefined;
  readonly license: string | undefined;
  readonly at: Span;
}

export function toLayer(name: string, { path, ...layer }: Read<typeof layerSchema>, at: Span): LayerSettings {
  return {
    name,
    path: path.replace(/\/+$/, ''),
    dependencies: layer.dependencies,
    description: layer.description,
    compatibleRuntimes: layer.compatibleRuntimes,
    compatibleArchitectures: layer.compatibleArchitectures,
    license: layer.license,
    at,
  };
}

/** Names that are neither a layer nor a resource of the project, and layers for another processor. */
export function checkLayers({ functions, layers, resources, origin }: Project): Problem[] {
  return functions.flatMap(({ name, layers: used = [], architecture }) =>
    used.flatMap((layerName, index): Problem[] => {
      if (typeof layerName !== 'string' || layerName.startsWith('arn:') || resources.has(layerName)) return [];
      const at = origin(['functions', name, 'layers', index]);
      const layer = layers.find((candidate) => candidate.name === layerName);
      if (layer === undefined) return [unknownLayer(layerName, layers, at)];
      const fits = layer.compatibleArchitectures?.includes(architecture) ?? true;
      return fits
        ? []
        : [{ at, message: `the layer "${layerName}" does not support ${architecture}, the architecture of "${name}"` }];
    }),
  );
}

function unknownLayer(name: string, layers: readonly LayerSettings[], at: Span): Problem {
  const names = layers.map((layer) => layer.name);
  const suggestion = nearest(name, names);
  const list = names.length === 0 ? 'this project has none under `layers`' : `layers are ${names.join(', ')}`;
  return {
    at,
    message: `there is no layer "${name}"`,
    hint: suggestion === undefined ? list : `did you mean "${suggestion}"? ${list}`,
  };
}
