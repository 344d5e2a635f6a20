// ECR's registry, to which Docker and Podman push and from which they pull: the OCI distribution protocol.
// https://github.com/opencontainers/distribution-spec/blob/main/spec.md
import { createHash, randomUUID } from 'node:crypto';
import { createReadStream, createWriteStream, existsSync, mkdirSync, statSync } from 'node:fs';
import { rename, rm, writeFile } from 'node:fs/promises';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { join } from 'node:path';
import { buffer } from 'node:stream/consumers';
import { pipeline } from 'node:stream/promises';
import { AwsError, type Cloud } from '../cloud.ts';
import { type EcrContext, ecrContext, findImage, findRepository, putImage, type Repository } from './state.ts';

export const registryPath = '/v2/';

class RegistryError extends Error {
  readonly status: number;
  readonly code: string;
  constructor(status: number, code: string, message: string) {
    super(message);
    this.status = status;
    this.code = code;
  }
}

/** `cloud` is the region that the login names; undefined without a login. */
export async function answerRegistry(
  cloud: Cloud | undefined,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  response.setHeader('docker-distribution-api-version', 'registry/2.0');
  try {
    if (cloud === undefined) {
      response.setHeader('www-authenticate', 'Basic realm="fx local AWS",service="ecr.amazonaws.com"');
      throw new RegistryError(401, 'UNAUTHORIZED', 'authentication required: log in with ecr:GetAuthorizationToken');
    }
    await new Exchange(ecrContext(cloud), request, response).answer();
  } catch (error) {
    // an engine hangs up on a blob that it finds it has
    if (response.headersSent) {
      response.destroy();
      return;
    }
    const { status, code, message } = toRegistryError(error);
    response.writeHead(status, { 'content-type': 'application/json' });
    response.end(JSON.stringify({ errors: [{ code, message }] }));
  }
}

function toRegistryError(error: unknown): RegistryError {
  if (error instanceof RegistryError) return error;
  if (!(error instanceof AwsError)) return new RegistryError(500, 'UNKNOWN', (error as Error).message);
  if (error.code === 'ImageTagAlreadyExistsException') return new RegistryError(400, 'TAG_INVALID', error.message);
  return new RegistryError(404, 'NAME_UNKNOWN', error.message);
}

const digestPattern = /^sha256:[0-9a-f]{64}$/;

/** One request. */
class Exchange {
  readonly #context: EcrContext;
  readonly #request: IncomingMessage;
  readonly #response: ServerResponse;
  readonly #url: URL;
  readonly #folder: string;

  constructor(context: EcrContext, request: IncomingMessage, response: ServerResponse) {
    this.#context = context;
    this.#request = request;
    this.#response = response;
    this.#url = new URL(request.url ?? '/', 'http://localhost');
    this.#folder = join(context.cloud.directory, 'ecr');
  }

  async answer(): Promise<void> {
    const path = this.#url.pathname.slice(registryPath.length - 1);
    const method = this.#request.method ?? 'GET';
    if (path === '/') return this.#send(200, {}, '{}');
    const [, name = '', kind = '', rest = ''] = /^\/(.+?)\/(blobs|manifests|tags)\/(.*)$/.exec(path) ?? [];
    const repository = findRepository(this.#context, name);
    const isRead = method === 'GET' || method === 'HEAD';
    if (kind === 'manifests' && isRead) return this.#getManifest(repository, rest);
    if (kind === 'manifests' && method === 'PUT') return this.#putManifest(repository, rest);
    if (kind === 'tags' && method === 'GET') {
      const tags = Object.values(repository.images).flatMap((image) => image.tags);
      return this.#send(200, { 'content-type': 'application/json' }, JSON.stringify({ name, tags: tags.sort() }));
    }
    if (kind === 'blobs' && rest.startsWith('uploads/')) {
      return this.#upload(repository, method, rest.slice('uploads/'.length));
    }
    if (kind === 'blobs' && isRead) return this.#getBlob(rest);
    throw new RegistryError(405, 'UNSUPPORTED', `${method} ${this.#url.pathname} is not supported`);
  }

  #send(status: number, headers: Readonly<Record<string, string | number>>, body: string | Buffer = ''): void {
    this.#response.writeHead(status, { 'content-length': Buffer.byteLength(body), ...headers });
    this.#response.end(this.#request.method === 'HEAD' ? undefined : body);
  }

  #getManifest(repository: Repository, reference: string): void {
    const image = findImage(repository, reference);
    if (image === undefined) throw new RegistryError(404, 'MANIFEST_UNKNOWN', 'Requested image not found');
    const headers = { 'content-type': image.mediaType, 'docker-content-digest': image.digest };
    this.#send(200, headers, image.manifest);
  }

  async #putManifest(repository: Repository, reference: string): Promise<void> {
    const body = await buffer(this.#request);
    const digest = `sha256:${createHash('sha256').update(body).digest('hex')}`;
    const isDigest = digestPattern.test(reference);
    if (isDigest && reference !== digest) throw new RegistryError(400, 'DIGEST_INVALID', 'the digest differs');
    const manifest = JSON.parse(body.toString()) as Manifest;
    const parts = [...(manifest.config === undefined ? [] : [manifest.config]), ...(manifest.layers ?? [])];
    const missing = parts.find((part) => !existsSync(this.#blob(part.digest)));
    if (missing !== undefined) throw new RegistryError(400, 'MANIFEST_BLOB_UNKNOWN', `no blob ${missing.digest}`);
    putImage(this.#context, repository, {
      digest,
      mediaType: String(this.#request.headers['content-type'] ?? manifest.mediaType),
      manifest: body.toString(),
      bytes: parts.reduce((sum, { size }) => sum + size, 0),
      pushed: this.#context.cloud.now(),
      tag: isDigest ? undefined : reference,
    });
    this.#send(201, { location: this.#url.pathname, 'docker-content-digest': digest });
  }

  /** Layers of all repositories of a region are in one folder. */
  #blob(digest: string): string {
    if (!digestPattern.test(digest)) throw new RegistryError(400, 'DIGEST_INVALID', `not a digest: ${digest}`);
    return join(this.#folder, 'blobs', digest.slice('sha256:'.length));
  }

  async #getBlob(digest: string): Promise<void> {
    const file = this.#blob(digest);
    const stat = statSync(file, { throwIfNoEntry: false });
    if (stat === undefined) throw new RegistryError(404, 'BLOB_UNKNOWN', `no blob ${digest}`);
    this.#response.writeHead(200, {
      'content-type': 'application/octet-stream',
      'content-length': stat.size,
      'docker-content-digest': digest,
    });
    if (this.#request.method === 'HEAD') this.#response.end();
    else await pipeline(createReadStream(file), this.#response);
  }

  async #upload({ name }: Repository, method: string, id: string): Promise<void> {
    const uploads = join(this.#folder, 'uploads');
    mkdirSync(uploads, { recursive: true });
    const digest = this.#url.searchParams.get('digest');
    if (method === 'POST') {
      const mounted = this.#url.searchParams.get('mount');
      if (mounted !== null && existsSync(this.#blob(mounted))) return this.#created(name, mounted);
      const fresh = randomUUID();
      await writeFile(join(uploads, fresh), '');
      return digest === null ? this.#accepted(name, fresh) : this.#finish(name, join(uploads, fresh), digest);
    }
    const file = join(uploads, id);
    if (!/^[0-9a-f-]{36}$/.test(id) || !existsSync(file)) {
      throw new RegistryError(404, 'BLOB_UPLOAD_UNKNOWN', `no upload ${id}`);
    }
    if (method === 'PATCH') {
      await this.#append(file);
      return this.#accepted(name, id);
    }
    if (method === 'GET') return this.#accepted(name, id, 204);
    if (method === 'PUT' && digest !== null) return this.#finish(name, file, digest);
    throw new RegistryError(405, 'UNSUPPORTED', `${method} of an upload is not supported`);
  }

  #append(file: string): Promise<void> {
    return pipeline(this.#request, createWriteStream(file, { flags: 'a' }));
  }

  #accepted(name: string, id: string, status = 202): void {
    const { size } = statSync(join(this.#folder, 'uploads', id));
    const location = `${registryPath}${name}/blobs/uploads/${id}`;
    this.#send(status, { location, range: `0-${Math.max(0, size - 1)}`, 'docker-upload-uuid': id });
  }

  async #finish(name: string, file: string, digest: string): Promise<void> {
    await this.#append(file);
    const hash = createHash('sha256');
    await pipeline(createReadStream(file), hash);
    if (`sha256:${hash.digest('hex')}` !== digest) {
      await rm(file, { force: true });
      throw new RegistryError(400, 'DIGEST_INVALID', `the content is not that of ${digest}`);
    }
    mkdirSync(join(this.#folder, 'blobs'), { recursive: true });
    await rename(file, this.#blob(digest));
    this.#created(name, digest);
  }

  #created(name: string, digest: string): void {
    this.#send(201, { location: `${registryPath}${name}/blobs/${digest}`, 'docker-content-digest': digest });
  }
}

interface Manifest {
  readonly mediaType?: string;
  readonly config?: Part;
  readonly layers?: readonly Part[];
}

interface Part {
  readonly digest: string;
  readonly size: number;
}
