// Lambda's layers: versions that never change, and what a function finds of them. There is no /opt here: each layer is unpacked to a
// folder of its own, and the variables by which the runtimes look into /opt name that.
// https://docs.aws.amazon.com/lambda/latest/dg/packaging-layers.html
import { delimiter, join } from 'node:path';
import type { GetLayerVersionResponse } from '@aws-sdk/client-lambda';
import { AwsError, type Cloud, type Operations } from '../cloud.ts';
import { checkConstraints } from '../constraint.ts';
import { timestamp } from './changes.ts';
import { codeFolder, takeCode, unpackCode } from './code.ts';
import type { Code, UsedLayer } from './state.ts';

interface LayerVersion {
  readonly version: number;
  readonly description: string;
  readonly runtimes: readonly string[];
  readonly architectures: readonly string[];
  readonly license: string;
  readonly code: Code;
  readonly created: string;
}

interface Layer {
  readonly name: string;
  /** Numbers are never used twice. */
  readonly next: number;
  readonly versions: Readonly<Record<string, LayerVersion>>;
}

// https://docs.aws.amazon.com/lambda/latest/dg/chapter-layers.html
const mostLayers = 5;

const layersOf = (cloud: Cloud) => cloud.collection<Layer>('lambda.layers');
const layerArn = (cloud: Cloud, name: string) => `arn:aws:lambda:${cloud.region}:${cloud.accountId}:layer:${name}`;
const nameOf = (given: string | undefined) => (given ?? '').split(':layer:').at(-1) ?? '';

export function layerOperations(cloud: Cloud): Operations<'lambda'> {
  const layers = layersOf(cloud);
  return {
    async PublishLayerVersion(input) {
      const name = nameOf(input.LayerName);
      checkConstraints('ValidationException', [
        ['layerName', name, { pattern: '[a-zA-Z0-9-_]+', min: 1, max: 140 }],
        ['description', input.Description, { max: 256 }],
        ['licenseInfo', input.LicenseInfo, { max: 512 }],
      ]);
      const code = await takeCode(cloud, { ...input.Content });
      const layer = layers.get(name) ?? { name, next: 1, versions: {} };
      const version: LayerVersion = {
        version: layer.next,
        description: input.Description ?? '',
        runtimes: input.CompatibleRuntimes ?? [],
        architectures: input.CompatibleArchitectures ?? [],
        license: input.LicenseInfo ?? '',
        code,
        created: timestamp(cloud.now()),
      };
      layers.set(name, { name, next: layer.next + 1, versions: { ...layer.versions, [version.version]: version } });
      return describe(cloud, name, version);
    },

    GetLayerVersion(input) {
      const name = nameOf(input.LayerName);
      const version = layers.get(name)?.versions[String(input.VersionNumber)];
      if (version === undefined)
        throw new AwsError('ResourceNotFoundException', 'The resource you requested does not exist.', 404);
      return describe(cloud, name, version);
    },

    ListLayerVersions(input) {
      const name = nameOf(input.LayerName);
      const versions = Object.values(layers.get(name)?.versions ?? {});
      return { LayerVersions: versions.map((version) => describe(cloud, name, version)).reverse() };
    },

    /** Functions that use it go on: they have it. Deleting what is not there is no error. */
    DeleteLayerVersion(input) {
      const layer = layers.get(nameOf(input.LayerName));
      if (layer === undefined) return {};
      const { [String(input.VersionNumber)]: _, ...versions } = layer.versions;
      layers.set(layer.name, { ...layer, versions });
      return {};
    },
  };
}

function describe(cloud: Cloud, name: string, version: LayerVersion): GetLayerVersionResponse {
  const LayerArn = layerArn(cloud, name);
  return {
    Content: { CodeSha256: Buffer.from(version.code.sha256, 'hex').toString('base64'), CodeSize: version.code.size },
    LayerArn,
    LayerVersionArn: `${LayerArn}:${version.version}`,
    Description: version.description,
    CreatedDate: version.created,
    Version: version.version,
    CompatibleRuntimes: [...version.runtimes] as NonNullable<GetLayerVersionResponse['CompatibleRuntimes']>,
    CompatibleArchitectures: [...version.architectures] as NonNullable<
      GetLayerVersionResponse['CompatibleArchitectures']
    >,
    ...(version.license === '' ? {} : { LicenseInfo: version.license }),
  };
}

/** The layers that a function's settings name. Throws where one is not here: those of other accounts cannot be had. */
export function usedLayers(cloud: Cloud, arns: readonly string[]): readonly UsedLayer[] {
  if (arns.length > mostLayers) {
    throw new AwsError('InvalidParameterValueException', `Cannot reference more than ${mostLayers} layers.`);
  }
  return arns.map((arn) => {
    const [, name = '', version = ''] = /:layer:([^:]+):(\d+)$/.exec(arn) ?? [];
    const found =
      arn === `${layerArn(cloud, name)}:${version}` ? layersOf(cloud).get(name)?.versions[version] : undefined;
    if (found === undefined) {
      throw new AwsError('InvalidParameterValueException', `Layer version ${arn} does not exist.`, 400, {
        Type: 'User',
      });
    }
    return { arn, code: found.code };
  });
}

export async function unpackLayers(cloud: Cloud, layers: readonly UsedLayer[] = []): Promise<void> {
  for (const { code } of layers) await unpackCode(cloud, code);
}

/** Of two layers the later counts: on AWS it is unpacked over the earlier. */
export function layerVariables(
  cloud: Cloud,
  {
    runtime,
    layers = [],
    variables,
  }: { runtime: string; layers?: readonly UsedLayer[]; variables: Readonly<Record<string, string>> },
): Readonly<Record<string, string>> {
  if (layers.length === 0) return {};
  const folders = layers.map(({ code }) => codeFolder(cloud, code)).reverse();
  const paths = (name: string, places: readonly string[], after?: string) => {
    const all = [
      ...folders.flatMap((folder) => places.map((place) => join(folder, place))),
      variables[name] ?? after ?? '',
    ];
    return all.filter((one) => one !== '').join(delimiter);
  };
  const python = /^python3\.\d+$/.test(runtime) ? [`python/lib/${runtime}/site-packages`, 'python'] : ['python'];
  return {
    PATH: paths('PATH', ['bin'], process.env['PATH']),
    LD_LIBRARY_PATH: paths('LD_LIBRARY_PATH', ['lib']),
    NODE_PATH: paths('NODE_PATH', [
      `nodejs/node${/^nodejs(\d+)/.exec(runtime)?.[1] ?? ''}/node_modules`,
      'nodejs/node_modules',
    ]),
    PYTHONPATH: paths('PYTHONPATH', python),
    RUBYLIB: paths('RUBYLIB', ['ruby/lib']),
  };
}

/** Jars of layers. */
export function layerClasses(cloud: Cloud, layers: readonly UsedLayer[] = []): readonly string[] {
  return layers.map(({ code }) => join(codeFolder(cloud, code), 'java', 'lib', '*'));
}
