// Copies an image from one registry to another, without a container engine: its manifests and blobs, by their digests.
// https://github.com/opencontainers/distribution-spec/blob/main/spec.md
import { FxError } from '../../base/error.ts';
import { throwIfInterrupted } from '../../base/interrupt.ts';
import type { Login } from '../../runtimes/container-registry.ts';

export interface ImagePlace {
  readonly login: Login;
  readonly repository: string;
}

export interface ImageCopy {
  readonly from: ImagePlace;
  readonly to: ImagePlace;
  readonly tag: string;
  readonly signal: AbortSignal;
}

const manifestTypes = [
  'application/vnd.oci.image.manifest.v1+json',
  'application/vnd.oci.image.index.v1+json',
  'application/vnd.docker.distribution.manifest.v2+json',
  'application/vnd.docker.distribution.manifest.list.v2+json',
];

interface Descriptor {
  readonly digest: string;
}

/** A manifest of one platform has a configuration and layers, an index has manifests. */
interface Manifest {
  readonly config?: Descriptor;
  readonly layers?: readonly Descriptor[];
  readonly manifests?: readonly Descriptor[];
}

/** The bytes copied; blobs that the target has are skipped. Throws AWS_REFUSED, with the answer of the registry. */
export async function copyImage(copy: ImageCopy): Promise<number> {
  try {
    return await copyManifest(copy, copy.tag);
  } catch (error) {
    throwIfInterrupted(copy.signal);
    if (error instanceof FxError) throw error;
    const { message, cause } = error as Error;
    const reason = cause instanceof Error ? `${message}: ${cause.message}` : message;
    throw new FxError('AWS_UNREACHABLE', `the image ${copy.tag} could not be copied: ${reason}`, { cause: error });
  }
}

/** `reference` is a tag or a digest. */
async function copyManifest(copy: ImageCopy, reference: string): Promise<number> {
  const answer = await call(copy, copy.from, `manifests/${reference}`, {
    headers: { accept: manifestTypes.join(', ') },
  });
  const type = answer.headers.get('content-type') ?? manifestTypes[0] ?? '';
  const body = await answer.text();
  const { config, layers = [], manifests = [] } = JSON.parse(body) as Manifest;
  let bytes = 0;
  for (const { digest } of manifests) bytes += await copyManifest(copy, digest);
  for (const { digest } of [...(config === undefined ? [] : [config]), ...layers])
    bytes += await copyBlob(copy, digest);
  await call(copy, copy.to, `manifests/${reference}`, { method: 'PUT', body, headers: { 'content-type': type } });
  return bytes;
}

async function copyBlob(copy: ImageCopy, digest: string): Promise<number> {
  const known = await call(copy, copy.to, `blobs/${digest}`, { method: 'HEAD' }, [200, 404]);
  if (known.status === 200) return 0;
  const blob = await call(copy, copy.from, `blobs/${digest}`, {});
  const begun = await call(copy, copy.to, 'blobs/uploads/', { method: 'POST' });
  const size = Number(blob.headers.get('content-length') ?? 0);
  const length: Readonly<Record<string, string>> = size === 0 ? {} : { 'content-length': String(size) };
  const headers = { 'content-type': 'application/octet-stream', ...length };
  // a layer may have gigabytes: it goes through as it arrives
  const body = blob.body === null ? {} : ({ body: blob.body, duplex: 'half' } as const);
  const sent = await callAt(copy, copy.to, locationOf(begun, copy.to), { method: 'PATCH', headers, ...body });
  const end = locationOf(sent, copy.to);
  end.searchParams.set('digest', digest);
  await callAt(copy, copy.to, end, { method: 'PUT' });
  return size;
}

/** Absolute, or relative to the registry. */
function locationOf(answer: Response, { login }: ImagePlace): URL {
  return new URL(answer.headers.get('location') ?? '', login.registry);
}

function call(
  copy: ImageCopy,
  place: ImagePlace,
  path: string,
  request: RequestInit,
  expected?: readonly number[],
): Promise<Response> {
  const url = new URL(`/v2/${place.repository}/${path}`, place.login.registry);
  return callAt(copy, place, url, request, expected);
}

async function callAt(
  { tag, signal }: ImageCopy,
  { login }: ImagePlace,
  url: URL,
  request: RequestInit,
  expected: readonly number[] = [200, 201, 202, 204],
): Promise<Response> {
  const authorization = `Basic ${Buffer.from(`${login.username}:${login.password}`).toString('base64')}`;
  // ECR redirects to S3, where fetch does not send the login
  const answer = await fetch(url, { ...request, signal, headers: { ...request.headers, authorization } });
  if (expected.includes(answer.status)) return answer;
  const reason = (await answer.text()).slice(0, 300);
  throw new FxError(
    'AWS_REFUSED',
    `the image ${tag} could not be copied: ${url.host} answers ${answer.status} ${reason}`,
    {
      hint: 'the image must be in the repository of the source, and the credentials of both environments may read and write their repositories',
    },
  );
}
