// Checks Lambda's limit on unpacked code before the upload. The limit of 50 MB for a zip covers only uploads within the API call
// (https://docs.aws.amazon.com/lambda/latest/api/API_AccountLimit.html, CodeSizeZipped); fx always uploads to S3.
// https://docs.aws.amazon.com/lambda/latest/dg/gettingstarted-limits.html
import { FxError } from '../base/error.ts';
import type { Artifact, PackedEntry } from './artifact.ts';

export const unzippedLimit = 262_144_000;
const shownOffenders = 5;

/** `layers` is the size of the project's layers: they count towards the function's limit. */
export function checkUnzipped(
  artifact: Pick<Artifact, 'name' | 'unzippedSize' | 'manifest'>,
  layers: readonly Pick<Artifact, 'name' | 'unzippedSize'>[] = [],
): void {
  const size = artifact.unzippedSize + layers.reduce((sum, layer) => sum + layer.unzippedSize, 0);
  if (size <= unzippedLimit) return;
  const shares = layers.map((layer) => `${megabytes(layer.unzippedSize)} the layer ${layer.name}`);
  const sizes = [...largestGroups(artifact.manifest).map(showGroup), ...shares];
  throw new FxError(
    'ARTIFACT_TOO_LARGE',
    `the function "${artifact.name}" is ${megabytes(size)} unzipped${layers.length > 0 ? ' with its layers' : ''}; Lambda takes at most ${megabytes(unzippedLimit)}`,
    { hint: `the largest: ${sizes.slice(0, shownOffenders).join(', ')}${wayOut(artifact.manifest)}` },
  );
}

/** Python has no bundler: what is too large must come from elsewhere. */
function wayOut(manifest: readonly PackedEntry[]): string {
  if (!manifest.some(({ path }) => pythonMetadata.test(path))) return '';
  const hasSdk = manifest.some(({ path }) => path.startsWith('botocore/'));
  return `; ${hasSdk ? 'leave boto3 to the runtime with `sdk: runtime`, ' : ''}remove what the function does not need, or deploy a container image with \`image\``;
}

const pythonMetadata = /^[^/]+\.dist-info\/METADATA$/;

export interface SizeGroup {
  readonly name: string;
  readonly files: number;
  readonly size: number;
}

/** Files grouped by installed package, or alone outside packages. The largest first. */
export function largestGroups(manifest: readonly PackedEntry[]): readonly SizeGroup[] {
  const groups = new Map<string, { files: number; size: number }>();
  const hasPython = manifest.some(({ path }) => pythonMetadata.test(path));
  for (const { path, size } of manifest) {
    const name = packageOf(path) ?? (hasPython ? topOf(path) : undefined) ?? path;
    const group = groups.get(name) ?? { files: 0, size: 0 };
    groups.set(name, { files: group.files + 1, size: group.size + size });
  }
  return [...groups]
    .map(([name, group]) => ({ name, ...group }))
    .sort((a, b) => b.size - a.size || (a.name < b.name ? -1 : 1));
}

/** A Python package and the shared libraries beside it, which wheels keep in `<name>.libs`. */
const topOf = (path: string): string | undefined => /^([^/]+?)(?:\.libs)?\//.exec(path)?.[1];

export function showGroup({ name, files, size }: SizeGroup): string {
  return `${megabytes(size)} ${name}${files > 1 ? ` (${files} files)` : ''}`;
}

/** The innermost package of a path under node_modules. */
export function packageOf(path: string): string | undefined {
  return /^(?:.*\/)?node_modules\/((?:@[^/]+\/|\.[^/]+\/)?[^/]+)\//.exec(path)?.[1];
}

export function megabytes(bytes: number): string {
  if (bytes < 1000) return `${bytes} B`;
  return bytes < 100_000 ? `${(bytes / 1024).toFixed(1)} KB` : `${(bytes / 1024 / 1024).toFixed(1)} MB`;
}
