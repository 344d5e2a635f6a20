// Lambda's layers: immutable numbered versions, and which of them a function may use.
// https://docs.aws.amazon.com/lambda/latest/dg/chapter-layers.html
import type { FunctionCode, GetLayerVersionResponse, LayerVersionsListItem } from '@aws-sdk/client-lambda';
import { AwsError, type Cloud, type Input, type Operations } from '../cloud.ts';
import { checkConstraints, notImplemented } from '../constraint.ts';
import { timestamp } from './changes.ts';
import { archiveEntries, codeLocation, takeCode, unpackCode, unzippedBytes } from './code.ts';
import { type LambdaContext, page } from './context.ts';
import type { Code, Layer, LayerVersion, UsedLayer } from './state.ts';

// https://docs.aws.amazon.com/lambda/latest/dg/gettingstarted-limits.html
const layerLimit = 5;

export function layerOperations(context: LambdaContext): Operations<'lambda'> {
  const { cloud, layers } = context;
  return {
    PublishLayerVersion: {
      members: ['LayerName', 'Content', 'Description', 'CompatibleArchitectures', 'CompatibleRuntimes', 'LicenseInfo'],
      run: (input) => publishLayer(context, input),
    },
    GetLayerVersion: {
      members: ['LayerName', 'VersionNumber'],
      run({ LayerName, VersionNumber }) {
        const name = layerName(cloud, LayerName);
        return describe(cloud, name, existing(context, name, VersionNumber));
      },
    },
    GetLayerVersionByArn: {
      members: ['Arn'],
      run({ Arn = '' }) {
        const { name, number } = readVersionArn(cloud, Arn);
        return describe(cloud, name, existing(context, name, number));
      },
    },
    ListLayerVersions: {
      members: ['LayerName', 'CompatibleArchitecture', 'CompatibleRuntime', 'Marker', 'MaxItems'],
      run(input) {
        const name = layerName(cloud, input.LayerName);
        const { items, next } = page(matching(layers.get(name), input), ({ number }) => String(number), input);
        return { LayerVersions: items.map((version) => listed(cloud, name, version)), ...next };
      },
    },
    ListLayers: {
      members: ['CompatibleArchitecture', 'CompatibleRuntime', 'Marker', 'MaxItems'],
      run(input) {
        const all = [...layers.values()]
          .sort((left, right) => (left.name < right.name ? -1 : 1))
          .flatMap((layer) => {
            const [latest] = matching(layer, input);
            return latest === undefined ? [] : [{ name: layer.name, latest }];
          });
        const { items, next } = page(all, ({ name }) => name, input);
        return {
          Layers: items.map(({ name, latest }) => ({
            LayerName: name,
            LayerArn: layerArn(cloud, name),
            LatestMatchingVersion: listed(cloud, name, latest),
          })),
          ...next,
        };
      },
    },
    DeleteLayerVersion: {
      members: ['LayerName', 'VersionNumber'],
      run({ LayerName, VersionNumber }) {
        const layer = layers.get(layerName(cloud, LayerName));
        // Deleting a missing version succeeds.
        if (layer === undefined) return {};
        layers.set(layer.name, { ...layer, versions: layer.versions.filter(({ number }) => number !== VersionNumber) });
        return {};
      },
    },
  };
}

async function publishLayer(context: LambdaContext, input: Input<'lambda', 'PublishLayerVersion'>) {
  const { cloud, layers } = context;
  const name = layerName(cloud, input.LayerName);
  checkConstraints('ValidationException', [
    ['description', input.Description, { max: 256 }],
    ['compatibleRuntimes', input.CompatibleRuntimes, { max: 15 }],
    ['compatibleArchitectures', input.CompatibleArchitectures, { max: 2 }],
    ['licenseInfo', input.LicenseInfo, { max: 512 }],
  ]);
  const code = await takeCode(cloud, (input.Content ?? {}) as FunctionCode, 'PublishLayerVersion');
  await unpackCode(cloud, code);
  const entries = await archiveEntries(await cloud.blobs.read(code.sha256));
  if (entries.names.some((entry) => /^extensions\/[^/]+$/.test(entry))) {
    throw notImplemented('a layer with an extension (a program in extensions/)');
  }
  const layer = layers.get(name) ?? { name, versions: [], nextNumber: 1 };
  const version: LayerVersion = {
    number: layer.nextNumber,
    code,
    unzippedBytes: entries.bytes,
    created: timestamp(cloud.now()),
    description: input.Description ?? '',
    ...(input.CompatibleRuntimes === undefined ? {} : { runtimes: input.CompatibleRuntimes }),
    ...(input.CompatibleArchitectures === undefined ? {} : { architectures: input.CompatibleArchitectures }),
    license: input.LicenseInfo ?? '',
  };
  layers.set(name, { ...layer, versions: [...layer.versions, version], nextNumber: layer.nextNumber + 1 });
  return describe(cloud, name, version);
}

interface Filter {
  readonly CompatibleRuntime?: string | undefined;
  readonly CompatibleArchitecture?: string | undefined;
}

/** Newest first. A filter omits the versions that do not list its value. */
function matching(layer: Layer | undefined, { CompatibleRuntime: runtime, CompatibleArchitecture: cpu }: Filter) {
  return (layer?.versions ?? [])
    .filter(({ runtimes }) => runtime === undefined || runtimes?.includes(runtime))
    .filter(({ architectures }) => cpu === undefined || architectures?.includes(cpu))
    .toReversed();
}

function layerArn({ region, accountId }: Cloud, name: string): string {
  return `arn:aws:lambda:${region}:${accountId}:layer:${name}`;
}

export function layerVersionArn(cloud: Cloud, name: string, number: number | undefined): string {
  return `${layerArn(cloud, name)}:${number}`;
}

/** Of a name or an ARN. */
export function layerName(cloud: Cloud, text = ''): string {
  const pattern =
    '(arn:(aws[a-zA-Z-]*)?:lambda:(eusc-)?[a-z]{2}((-gov)|(-iso([a-z]?)))?-[a-z]+-\\d{1}:\\d{12}:layer:[a-zA-Z0-9-_]{1,140}|[a-zA-Z0-9-_]{1,140})';
  checkConstraints('ValidationException', [['layerName', text, { pattern, min: 1, max: 2048 }]]);
  if (!text.startsWith('arn:')) return text;
  const name = text.split(':').at(-1) ?? '';
  if (text !== layerArn(cloud, name)) throw notImplemented(`the layer ${text} of another region or account`);
  return name;
}

function readVersionArn(cloud: Cloud, arn: string): { name: string; number: number } {
  const pattern =
    '(arn:(aws[a-zA-Z-]*)?:lambda:(eusc-)?[a-z]{2}((-gov)|(-iso([a-z]?)))?-[a-z]+-\\d{1}:\\d{12}:layer:[a-zA-Z0-9-_]+:[0-9]+)|(arn:[a-zA-Z0-9-]+:lambda:::awslayer:[a-zA-Z0-9-_]+)';
  checkConstraints('ValidationException', [
    ['layers', [arn], { each: { pattern, min: 1, max: 2048, required: true } }],
  ]);
  const [, , , region, account, , name = '', number] = arn.split(':');
  if (account !== cloud.accountId) throw notImplemented(`the layer ${arn} of another account`);
  if (region !== cloud.region) {
    throw invalid(
      `Layers are not in the same region as the function. Layers are expected to be in region ${cloud.region}.`,
    );
  }
  return { name, number: Number(number) };
}

function existing({ layers }: LambdaContext, name: string, number: number | undefined): LayerVersion {
  const version = layers.get(name)?.versions.find((candidate) => candidate.number === number);
  if (version !== undefined) return version;
  throw new AwsError('ResourceNotFoundException', 'The resource you requested does not exist.', 404, { Type: 'User' });
}

function describe(cloud: Cloud, name: string, version: LayerVersion): GetLayerVersionResponse {
  return {
    Content: {
      Location: codeLocation(cloud, version.code),
      CodeSha256: Buffer.from(version.code.sha256, 'hex').toString('base64'),
      CodeSize: version.code.size,
    },
    LayerArn: layerArn(cloud, name),
    ...listed(cloud, name, version),
  };
}

function listed(cloud: Cloud, name: string, version: LayerVersion): LayerVersionsListItem {
  return {
    LayerVersionArn: layerVersionArn(cloud, name, version.number),
    Version: version.number,
    Description: version.description,
    CreatedDate: version.created,
    // The records keep the SDK's names as plain text.
    ...(version.runtimes === undefined ? {} : { CompatibleRuntimes: [...version.runtimes] as 'nodejs22.x'[] }),
    ...(version.architectures === undefined
      ? {}
      : { CompatibleArchitectures: [...version.architectures] as 'arm64'[] }),
    ...(version.license === '' ? {} : { LicenseInfo: version.license }),
  };
}

/** The layers that a request names for a function; undefined if it has no Layers. */
export function findLayers(context: LambdaContext, arns: readonly string[] | undefined): UsedLayer[] | undefined {
  if (arns === undefined) return undefined;
  if (arns.length > layerLimit) throw invalid(`Cannot reference more than ${layerLimit} layers.`);
  const seen = new Map<string, string>();
  return arns.map((arn) => {
    const { name, number } = readVersionArn(context.cloud, arn);
    const version = context.layers.get(name)?.versions.find((candidate) => candidate.number === number);
    if (version === undefined) throw invalid(`Layer version ${arn} does not exist.`);
    const other = seen.get(name);
    if (other !== undefined) {
      throw invalid(
        `Two different versions of the same layer are not allowed to be referenced in the same function. ${other} and ${arn} are versions of the same layer.`,
      );
    }
    seen.set(name, arn);
    return { arn, code: version.code };
  });
}

/** Throws if a function's code and its layers together are too large. */
export async function checkUnzippedSize(cloud: Cloud, code: Code, layers: readonly UsedLayer[] = []): Promise<void> {
  if (layers.length === 0) return;
  let inLayers = 0;
  for (const layer of layers) inLayers += (await archiveEntries(await cloud.blobs.read(layer.code.sha256))).bytes;
  if (inLayers > unzippedBytes) {
    throw invalid(`Layers consume more than the available size of ${unzippedBytes} bytes`);
  }
  const size = inLayers + (await archiveEntries(await cloud.blobs.read(code.sha256))).bytes;
  if (size > unzippedBytes) {
    throw invalid(
      `Function code combined with layers exceeds the maximum allowed size of ${unzippedBytes} bytes. The actual size is ${size} bytes.`,
    );
  }
}

function invalid(message: string): AwsError {
  return new AwsError('InvalidParameterValueException', message, 400, { Type: 'User' });
}
