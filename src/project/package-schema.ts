// The keys of project.yml that say how a function is packaged, and what they come to for one function.
import { existsSync } from 'node:fs';
import { join, relative } from 'node:path';
import type { Problem, Span } from '../base/error.ts';
import { byKind, converted, described, flag, list, mapOf, object, oneOf, type Read, text } from '../base/schema.ts';
import { nearest } from '../base/suggest.ts';
import { runtimeIdentifiers } from '../runtimes/index.ts';
import { infer } from '../runtimes/infer.ts';
import { type Architecture, type Hooks, type Image, noHooks, type PackageSettings } from '../runtimes/settings.ts';
import type { Project } from './project.ts';

const insidePath = {
  pattern: /^(?![/~])(?!(.*\/)?\.\.(\/|$)).+$/,
  expected: 'a path inside the project, such as services/orders',
};
const commands = byKind<readonly string[]>({
  scalar: converted(text(), (one) => ({ value: [one] })),
  list: list(text()),
  expected: 'a shell command, or a list of them',
});
const hooks = object({
  about: "Shell commands at three moments, run in the function's folder (the project's: in the project's).",
  required: {},
  optional: {
    build: described('Before it is built.', commands),
    deploy: described('Before anything is uploaded.', commands),
    clean: described('After it was built.', commands),
  },
});
const patterns = (about: string) => described(about, list(text({ expected: 'a pattern such as templates/**' })));

/** What `defaults` and a function may say. */
export const packageKeys = {
  bundle: described(
    'Node.js: bundle what the handler imports. With false files are packed as they stand. Default: true.',
    flag,
  ),
  external: described('Node.js: packages that are not bundled but packed as they are installed.', list(text())),
  minify: described('Node.js: shorten the bundled code. Default: false.', flag),
  sourceMap: described('Node.js: a source map beside the code, so that stacks name the source. Default: true.', flag),
  sdk: oneOf(
    ['bundled', 'runtime'],
    "Node.js: the AWS SDK from the project's lock file, or whatever the runtime has that day. Default: bundled.",
  ),
  include: patterns('Further files, by patterns as in .gitignore; what is named without a wildcard gets in always.'),
  exclude: patterns('Files that stay out, by patterns as in .gitignore.'),
  outsideLinks: described('Follow symbolic links that lead out of the project. Default: false.', flag),
  layers: described(
    'Layers by their name under `layers`, or by ARN. At most five.',
    list(
      text({
        pattern: /^(arn:[a-zA-Z0-9-]+:lambda:.+:layer:.+:\d+|[A-Za-z][A-Za-z0-9]*)$/,
        expected: 'a layer of this project, or the ARN of a layer version',
      }),
    ),
  ),
} as const;

const imageSchema = byKind<Image>({
  scalar: converted(text({ expected: 'the URI of an image in ECR' }), (uri) => ({
    value: { uri, command: undefined, entryPoint: undefined, workingDirectory: undefined },
  })),
  map: converted(
    object({
      required: { uri: text({ about: 'The URI of an image in ECR, best with its digest.' }) },
      optional: {
        command: described("Replaces the image's CMD.", list(text())),
        entryPoint: described("Replaces the image's ENTRYPOINT.", list(text())),
        workingDirectory: text({ about: "Replaces the image's WORKDIR." }),
      },
    }),
    (image) => ({
      value: {
        uri: image.uri,
        command: image.command,
        entryPoint: image.entryPoint,
        workingDirectory: image.workingDirectory,
      },
    }),
  ),
  expected: 'the URI of an image in ECR, or a map with uri, command, entryPoint, workingDirectory',
});

/** What only a function may say. */
export const functionPackageKeys = {
  // https://docs.aws.amazon.com/lambda/latest/api/API_CreateFunction.html#lambda-CreateFunction-request-Handler
  handler: text({
    pattern: /^[^\s.][^\s]*$/,
    longest: 128,
    expected: 'a handler such as src/orders.handler',
    about:
      'file.export without the ending of the file, such as src/orders.handler; in Java package.Class::method. Default: by the marker file.',
  }),
  source: text({
    ...insidePath,
    about: "The folder of its code. Default: the project's where `handler` is written, else functions/<name>.",
  }),
  artifact: text({
    pattern: /^(s3:\/\/[a-z0-9][a-z0-9.-]+\/\S+|(?!s3:).+)$/,
    expected: 'a zip, a folder, or s3://bucket/key',
    about:
      'What was built elsewhere: a zip, a folder, or s3://bucket/key (with ?versionId=…); needs `runtime` and `handler`.',
  }),
  image: described('A container image instead of code.', imageSchema),
  hooks,
} as const;

// https://docs.aws.amazon.com/lambda/latest/api/API_PublishLayerVersion.html
const layerSchema = object({
  about: 'A layer: a folder that is unpacked to /opt.',
  required: { path: text({ ...insidePath, about: 'The folder whose files are the layer.' }) },
  optional: {
    description: text({ longest: 256, about: 'Shown beside its name in AWS.' }),
    compatibleRuntimes: described('The runtimes that it is for.', list(oneOf(runtimeIdentifiers))),
    compatibleArchitectures: described('The processors that it is for.', list(oneOf(['arm64', 'x86_64']))),
    license: text({ longest: 512, about: 'An SPDX identifier, a URL, or the text.' }),
  },
});

/** What stands at the top. */
export const projectPackageKeys = {
  layers: described(
    'Layers that this project makes, by name; each content is a version that is kept.',
    mapOf(layerSchema, { pattern: /^[A-Za-z][A-Za-z0-9]{0,63}$/, expected: 'a layer name (letters and digits)' }),
  ),
  hooks,
} as const;

export type LayerFile = Read<typeof layerSchema>;
export interface LayerSettings {
  readonly name: string;
  readonly path: string;
  readonly description: string | undefined;
  readonly compatibleRuntimes: readonly string[] | undefined;
  readonly compatibleArchitectures: readonly Architecture[] | undefined;
  readonly license: string | undefined;
  readonly at: Span;
}

type Written<K> = { readonly [N in keyof K]?: Read<K[N]> };
export type PackageFile = Written<typeof packageKeys> &
  Written<typeof functionPackageKeys> & { readonly runtime?: string };
export type PackageDefaults = Written<typeof packageKeys> & { readonly runtime?: string };

export interface Packaged {
  readonly handler: string;
  readonly runtime: string;
  readonly packaging: PackageSettings;
  /** Names or ARNs. */
  readonly layers: readonly string[];
}

interface Place {
  readonly name: string;
  /** The project's folder, absolute. */
  readonly folder: string;
  readonly at: Span;
}

/** One function's packaging. It looks at marker files only where project.yml leaves something open. */
export function toPackaged(place: Place, own: PackageFile, defaults: PackageDefaults): Packaged {
  const source = sourceOf(place, own);
  const written = own.runtime ?? defaults.runtime;
  const inferred = chooseFamily(place, own, written, source);
  return {
    handler: inferred.handler,
    runtime: inferred.runtime,
    layers: own.layers ?? defaults.layers ?? [],
    packaging: {
      family: inferred.family,
      source,
      bundle: own.bundle ?? defaults.bundle ?? true,
      external: own.external ?? defaults.external ?? [],
      minify: own.minify ?? defaults.minify ?? false,
      sourceMap: own.sourceMap ?? defaults.sourceMap ?? true,
      sdk: own.sdk ?? defaults.sdk ?? 'bundled',
      include: own.include ?? defaults.include ?? [],
      exclude: own.exclude ?? defaults.exclude ?? [],
      outsideLinks: own.outsideLinks ?? defaults.outsideLinks ?? false,
      artifact: own.artifact,
      image: own.image,
      hooks: toHooks(own.hooks),
      problems: inferred.problems,
    },
  };
}

export function toLayer(name: string, { path, ...layer }: LayerFile, at: Span): LayerSettings {
  return {
    name,
    path: path.replace(/\/+$/, ''),
    description: layer.description,
    compatibleRuntimes: layer.compatibleRuntimes,
    compatibleArchitectures: layer.compatibleArchitectures,
    license: layer.license,
    at,
  };
}

export function toHooks(written: Read<typeof hooks> | undefined): Hooks {
  return { ...noHooks, ...written };
}

function sourceOf({ name, folder }: Place, own: PackageFile): string {
  if (own.source !== undefined) return relative(folder, join(folder, own.source)).replaceAll('\\', '/');
  if (own.handler !== undefined || own.artifact !== undefined || own.image !== undefined) return '';
  return existsSync(join(folder, 'functions', name)) ? `functions/${name}` : '';
}

function chooseFamily(place: Place, own: PackageFile, runtime: string | undefined, source: string) {
  const { name, at } = place;
  if (own.image !== undefined) return { family: 'image', runtime: 'image', handler: '', problems: [] };
  if (own.artifact !== undefined) {
    const missing = runtime === undefined ? 'runtime' : own.handler === undefined ? 'handler' : undefined;
    const message = `the function "${name}" is built elsewhere: what it is has to be said by \`${missing}\``;
    return {
      family: 'artifact',
      runtime: runtime ?? runtimeIdentifiers[0] ?? '',
      handler: own.handler ?? '',
      problems: missing === undefined ? [] : [{ at, message }],
    };
  }
  return infer({ name, at, handler: own.handler, runtime, folder: join(place.folder, source), shown: source });
}

// https://docs.aws.amazon.com/lambda/latest/dg/chapter-layers.html
const mostLayers = 5;

export function checkLayers({
  functions,
  layers,
  origin,
}: Pick<Project, 'functions' | 'layers' | 'origin'>): Problem[] {
  return functions.flatMap(({ name, layers: used, architecture }) => {
    const at = (index: number) => origin(['functions', name, 'layers', index]);
    const problems = used.flatMap((one, index): Problem[] => {
      const layer = layers.find((candidate) => candidate.name === one);
      if (one.startsWith('arn:')) return [];
      if (layer === undefined) return [unknownLayer(one, layers, at(index))];
      const fits = layer.compatibleArchitectures?.includes(architecture) ?? true;
      return fits
        ? []
        : [{ at: at(index), message: `the layer ${one} is not for ${architecture}, on which "${name}" runs` }];
    });
    const tooMany = {
      at: at(mostLayers),
      message: `a function takes ${mostLayers} layers at most, not ${used.length}`,
    };
    return used.length > mostLayers ? [...problems, tooMany] : problems;
  });
}

function unknownLayer(name: string, layers: readonly LayerSettings[], at: Span): Problem {
  const names = layers.map((layer) => layer.name);
  const meant = nearest(name, names);
  const list = names.length === 0 ? 'this project has none under `layers`' : `layers are ${names.join(', ')}`;
  return {
    at,
    message: `there is no layer "${name}"`,
    hint: meant === undefined ? list : `did you mean ${meant}? ${list}`,
  };
}
