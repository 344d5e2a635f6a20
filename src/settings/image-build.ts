// How fx builds a container image: the options of Docker's and Podman's `build`, under the names that Compose and SAM gave them.
import { byKind, converted, described, list, mapOf, object, type Schema, text } from '../base/schema.ts';

/** Paths are relative to the folder of the function's code, as the handler's is. */
export interface ImageBuild {
  /** The Dockerfile, or a folder with a file of that name. */
  readonly file?: string;
  /** The folder that COPY reads; by default, the Dockerfile's. */
  readonly context?: string;
  readonly target?: string;
  readonly args?: ReadonlyMap<string, string>;
  /** By id: a file, or a variable of the shell. */
  readonly secrets?: ReadonlyMap<string, string>;
  readonly cacheFrom?: readonly string[];
  readonly cacheTo?: readonly string[];
  /** Further options of the engine's `build`. */
  readonly options?: readonly string[];
}

const path = text({ pattern: /^[^\s].*$/, expected: 'a path such as reports/Dockerfile' });
const long: Schema<ImageBuild> = object({
  required: {},
  optional: {
    file: described('The Dockerfile, or its folder.', path, {
      default: 'Dockerfile',
      examples: ['reports/Dockerfile'],
    }),
    context: described("The folder that COPY reads. If absent, the Dockerfile's.", path, { examples: ['.'] }),
    target: described('The stage to build.', text(), { examples: ['prod'] }),
    args: described(
      'Values of ARG. They are visible in the image: use secrets for what must not be.',
      mapOf(text(), { pattern: /^[A-Za-z_]\w*$/, expected: 'the name of an ARG' }),
      { examples: [{ VERSION: '3' }] },
    ),
    secrets: described(
      'Files or variables of the shell that `RUN --mount=type=secret` reads, by id. They do not enter the image, and a new value builds nothing.',
      mapOf(text({ pattern: /^(env:[A-Za-z_]\w*|(?!env:)[^\s,].*)$/, expected: 'a path, or env:NAME' }), {
        pattern: /^[\w.-]+$/,
        expected: 'the id of a secret',
      }),
      { examples: [{ npmrc: '.npmrc', token: 'env:NPM_TOKEN' }] },
    ),
    cacheFrom: described(
      "Images or caches whose layers to reuse, as the engine's --cache-from takes them.",
      list(text()),
      {
        examples: [['type=gha']],
      },
    ),
    cacheTo: described("Where to keep layers, as the engine's --cache-to takes it.", list(text()), {
      examples: [['type=gha,mode=max']],
    }),
    options: described("Further options of the engine's build command. They count as inputs.", list(text()), {
      examples: [['--ssh=default']],
    }),
  },
  elsewhere: {
    dockerfile: 'file',
    path: 'context',
    dockerContext: 'context',
    buildArgs: 'args',
    dockerBuildArgs: 'args',
    dockerBuildTarget: 'target',
    buildOptions: 'options',
    dockerBuildExtraParams: 'options',
    buildSecrets: 'secrets',
    platform: 'write `architecture` beside `image`',
    provenance: 'Lambda takes no image with a provenance attestation, so fx never adds one',
  },
});

export const imageBuild: Schema<ImageBuild> = described(
  'Builds the image with Docker or Podman, and pushes it to the repository of the account and region.',
  byKind<ImageBuild>({
    scalar: converted(path, (file) => ({ value: { file } })),
    map: long,
    expected: 'the path of a Dockerfile, or a map with file, context, target, args, …',
  }),
  { examples: ['./Dockerfile', { file: 'reports/Dockerfile', context: '.' }] },
);
