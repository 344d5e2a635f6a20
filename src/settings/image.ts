// A function that is a container image: one that fx builds, or one that another tool has pushed.
import type { Plain } from '../base/located.ts';
import { byKind, converted, described, list, object, type Schema, text } from '../base/schema.ts';
import type { Value } from '../cfn/resource.ts';
import { textOrIntrinsic } from '../cfn/value-schema.ts';
import { type ImageBuild, imageBuild } from './image-build.ts';
import type { Setting } from './setting.ts';

export interface Image {
  /** Of an image that is already in ECR. Either this or `build`. */
  readonly uri?: Plain;
  readonly build?: ImageBuild;
  readonly command?: readonly string[];
  readonly entryPoint?: readonly string[];
  readonly workingDirectory?: string;
}

// A tag or a digest of a private ECR repository
const uri = textOrIntrinsic(
  /^\d{12}\.dkr\.ecr(-fips)?\.[a-z0-9-]+\.amazonaws\.com(\.cn)?\/[a-z0-9._/-]+([:@]\S+)$/,
  'the URI of an image in ECR with a tag or a digest, or an intrinsic',
);
const example = '111122223333.dkr.ecr.eu-west-1.amazonaws.com/orders:3.1';
const words = list(text(), { most: 1500 });
const map: Schema<Image> = object({
  required: {},
  optional: {
    uri: described('The URI of an image in ECR, with a digest or a tag.', uri, { examples: [example] }),
    build: imageBuild,
    command: described("Overrides the image's CMD.", words, { examples: [['orders.handler']] }),
    entryPoint: described("Overrides the image's ENTRYPOINT.", words, { examples: [['/lambda-entrypoint.sh']] }),
    workingDirectory: described("Overrides the image's WORKDIR.", text({ longest: 1000 }), {
      examples: ['/var/task'],
    }),
  },
  elsewhere: {
    imageUri: 'uri',
    cmd: 'command',
    name: 'uri',
    ...Object.fromEntries(
      ['file', 'dockerfile', 'context', 'target', 'args', 'path'].map((key) => [
        key,
        `write \`${key}\` under \`build\``,
      ]),
    ),
  },
});
/** Exactly one of `uri` and `build`. */
const long: Schema<Image> = {
  ...map,
  read(value, reading) {
    const read = map.read(value, reading);
    if (read === undefined || (read.uri === undefined) !== (read.build === undefined)) return read;
    if (read.uri === undefined) reading.problem(value.at, 'an image needs `uri` or `build`');
    else reading.problem(value.at, 'an image has `uri` or `build`, not both', 'remove one of the two');
    return undefined;
  },
};
export const image: Setting<Image> = {
  schema: described(
    'A container image instead of a handler.',
    byKind<Image>({
      scalar: converted(uri, (value) => ({ value: { uri: value } })),
      map: long,
      expected: 'the URI of an image, or a map with build or uri',
    }),
    {
      examples: [{ build: './Dockerfile' }, example],
      aws: 'https://docs.aws.amazon.com/lambda/latest/dg/images-create.html',
    },
  ),
  functionOnly: true,
  elsewhere: ['imageUri', 'imageConfig'],
  check: (_, { layers }) =>
    layers === undefined
      ? undefined
      : { message: 'container images do not support layers', hint: 'copy the files of the layers into the image' },
  // the code of an image that fx builds comes from the recipe
  compile({ uri: ImageUri, command, entryPoint, workingDirectory }) {
    const config: Record<string, Value> = {
      ...(command === undefined ? {} : { Command: command }),
      ...(entryPoint === undefined ? {} : { EntryPoint: entryPoint }),
      ...(workingDirectory === undefined ? {} : { WorkingDirectory: workingDirectory }),
    };
    return {
      properties: {
        PackageType: 'Image',
        ...(ImageUri === undefined ? {} : { Code: { ImageUri } }),
        ...(Object.keys(config).length === 0 ? {} : { ImageConfig: config }),
      },
    };
  },
};
