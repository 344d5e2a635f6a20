// The files of the site: uploaded by content before a change, and published once the stack has the bucket. What the template names is
// what is published, so that a rollback, which brings an earlier template back, brings its files back too, from the artifact bucket alone.
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { type BuiltSite, isHtml, manifestText, type SiteFile, type SiteManifest } from '../artifact/site.ts';
import type { StackDescription } from '../aws/aws.ts';
import { FxError } from '../base/error.ts';
import { sha256 } from '../base/hash.ts';
import { throwIfInterrupted } from '../base/interrupt.ts';
import { inPool } from '../base/pool.ts';
import { siteFilePrefix, siteManifestKey } from '../cfn/names.ts';
import type { Template } from '../cfn/resource.ts';
import { environmentPrefix, type LedgerPlace } from '../release/ledger.ts';
import { siteOutputs } from '../template/site-resources.ts';
import type { Context } from './context.ts';
import type { Live } from './state.ts';

const atOnce = 8;
// https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/Invalidation.html: the first 1,000 paths a month are free
const mostPaths = 1000;

/** What the bucket of a site has. */
interface Published {
  readonly bucket: string;
  /** The hash of the files that are live. */
  readonly hash: string;
  /** Earlier ones, whose files pages that are open in a browser may still ask for. */
  readonly earlier: readonly string[];
  /** Being published: since then, the bucket may have files of both. */
  readonly next?: string;
}

const publishedKey = (place: LedgerPlace): string => `${environmentPrefix(place)}site.json`;

/** The hash of the files that a template wants; undefined without a site. */
export function siteContent({ Outputs = {} }: Pick<Template, 'Outputs'>): string | undefined {
  const value = Outputs[siteOutputs.content]?.Value;
  return typeof value === 'string' ? value : undefined;
}

/** Uploads what the artifact bucket lacks: files by their content, then the manifest. */
export async function uploadSite(
  project: string,
  site: BuiltSite | undefined,
  { bucket, context }: { readonly bucket: string; readonly context: Context },
): Promise<void> {
  if (site === undefined) return;
  const { objects } = context.aws;
  const manifestKey = siteManifestKey(project, site.hash);
  if (await objects.has(bucket, manifestKey)) return;
  const prefix = siteFilePrefix(project);
  const stored = new Set((await objects.list(bucket, prefix)).map(({ key }) => key));
  const wanted = new Map(Object.entries(site.manifest.files).map(([path, file]) => [file.sha256, { path, file }]));
  const missing = [...wanted.values()].filter(({ file }) => !stored.has(prefix + file.sha256));
  if (missing.length > 0) context.report({ kind: 'stage', stage: 'uploading' });
  await inPool(missing, atOnce, async ({ path, file }) => {
    throwIfInterrupted(context.signal);
    const bytes = await readFile(join(site.folder, path));
    if (sha256(bytes) !== file.sha256) {
      throw new FxError('BUILD_FAILED', `${path} of the site changed during the deploy`, { hint: 'deploy again' });
    }
    await objects.put(bucket, prefix + file.sha256, bytes, file.type);
  });
  const bytes = missing.reduce((sum, { file }) => sum + file.size, 0);
  if (missing.length > 0)
    context.report({
      kind: 'uploaded',
      name: `${missing.length} ${missing.length === 1 ? 'file' : 'files'} of the site`,
      bytes,
    });
  // last: it says that all of its files are there
  await objects.put(bucket, manifestKey, Buffer.from(manifestText(site.manifest)), 'application/json');
}

/** Whether the site's bucket has what the template wants. */
export async function isSitePublished(template: Template, place: LedgerPlace, context: Context): Promise<boolean> {
  const wanted = siteContent(template);
  if (wanted === undefined) return true;
  const published = await readPublished(place, context);
  return published !== undefined && published.hash === wanted && published.next === undefined;
}

/** Makes the site's bucket have the files that the template wants; without a site, deletes the bucket that one had. Returns whether anything
 * changed. Running it again finishes what was interrupted. */
export async function publishSite(
  template: Template,
  {
    stack,
    place,
    before: live,
  }: { readonly stack: StackDescription; readonly place: LedgerPlace; readonly before: Template | undefined },
  context: Context,
): Promise<boolean> {
  const wanted = siteContent(template);
  if (wanted === undefined && siteContent(live ?? {}) !== undefined) return removeLeftBucket(place, context);
  const bucket = stack.outputs[siteOutputs.bucket];
  if (wanted === undefined || bucket === undefined) return false;
  const before = await publishedIn(bucket, place, context);
  if (before?.hash === wanted && before.next === undefined) return false;
  const manifest = await readManifest(place, wanted, context);
  const isKnown = before !== undefined && before.next === undefined;
  const last = before === undefined ? undefined : await readManifest(place, before.hash, context);
  const changed = Object.entries(manifest.files).filter(([path, file]) => !isKnown || !isSame(file, last?.files[path]));
  const write = (published: Published) =>
    context.aws.objects.put(
      place.bucket,
      publishedKey(place),
      Buffer.from(JSON.stringify(published)),
      'application/json',
    );
  // from here on, nobody may take the bucket for what it was
  await write({ bucket, hash: before?.hash ?? wanted, earlier: before?.earlier ?? [], next: wanted });
  // pages last: what they refer to is there by then
  for (const pages of [false, true]) {
    const part = changed.filter(([path]) => isHtml(path) === pages);
    await inPool(part, atOnce, ([path, file]) => {
      throwIfInterrupted(context.signal);
      const from = { bucket: place.bucket, key: siteFilePrefix(place.project) + file.sha256 };
      return context.aws.objects.copy(
        from,
        { bucket, key: path },
        { contentType: file.type, cacheControl: file.cache },
      );
    });
  }
  await removeGone(
    { bucket, place, kept: [manifest, ...(last === undefined ? [] : [last])], earlier: before?.earlier ?? [] },
    context,
  );
  const distribution = stack.outputs[siteOutputs.distribution];
  const paths = isKnown
    ? invalidated(
        changed.map(([path]) => path),
        last,
        manifest,
      )
    : ['/*'];
  if (distribution !== undefined && paths.length > 0) {
    await context.aws.distributions.invalidate(distribution, paths, `${wanted.slice(0, 16)}-${context.now()}`);
  }
  const superseded = [before?.hash, before?.next].filter((hash) => hash !== undefined && hash !== wanted) as string[];
  await write({ bucket, hash: wanted, earlier: [...new Set(superseded)] });
  return true;
}

const isSame = (file: SiteFile, other: SiteFile | undefined): boolean =>
  other !== undefined && file.sha256 === other.sha256 && file.type === other.type && file.cache === other.cache;

/** Paths as viewers ask for them, a folder for its index too. https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/invalidation-specifying-objects.html */
function invalidated(
  changed: readonly string[],
  last: SiteManifest | undefined,
  { files }: SiteManifest,
): readonly string[] {
  const gone = Object.keys(last?.files ?? {}).filter((path) => files[path] === undefined);
  const paths = [...new Set([...changed, ...gone])].map(
    (path) => `/${path.split('/').map(encodeURIComponent).join('/')}`,
  );
  return paths.length > mostPaths ? ['/*'] : paths.sort();
}

/** Deletes files that only releases before the last one had. */
async function removeGone(
  {
    bucket,
    place,
    kept,
    earlier,
  }: {
    readonly bucket: string;
    readonly place: LedgerPlace;
    readonly kept: readonly SiteManifest[];
    readonly earlier: readonly string[];
  },
  context: Context,
): Promise<void> {
  const old = await inPool(earlier, atOnce, (hash) => readManifest(place, hash, context));
  const gone = new Set(old.flatMap(({ files }) => Object.keys(files)));
  for (const { files } of kept) for (const path of Object.keys(files)) gone.delete(path);
  if (gone.size > 0) await context.aws.objects.delete(bucket, [...gone]);
}

/** The hashes of what a site's bucket may have files of. */
export async function publishedHashes(place: LedgerPlace, context: Context): Promise<readonly string[]> {
  const { hash, earlier = [], next } = (await readPublished(place, context)) ?? {};
  return [hash, next, ...earlier].filter((one) => one !== undefined);
}

/** The keys in the artifact bucket of what those sites consist of. */
export async function siteKeys(
  project: string,
  hashes: readonly string[],
  { bucket, context }: { readonly bucket: string; readonly context: Context },
): Promise<readonly string[]> {
  const perSite = await inPool(hashes, atOnce, async (hash) => {
    const key = siteManifestKey(project, hash);
    const body = await context.aws.objects.get(bucket, key);
    const { files = {} } = body === undefined ? {} : (JSON.parse(body.toString('utf8')) as SiteManifest);
    return [key, ...Object.values(files).map((file) => siteFilePrefix(project) + file.sha256)];
  });
  return perSite.flat();
}

/** After a change that took the site out of the stack: its bucket is left, because CloudFormation deletes only an empty one. */
async function removeLeftBucket(place: LedgerPlace, context: Context): Promise<boolean> {
  const published = await readPublished(place, context);
  if (published === undefined) return false;
  const { objects } = context.aws;
  const { bucket } = published;
  if (await objects.hasBucket(bucket)) {
    const keys = (await objects.list(bucket, '')).map(({ key }) => key);
    if (keys.length > 0) await objects.delete(bucket, keys);
    await objects.deleteBucket(bucket);
  }
  await objects.delete(place.bucket, [publishedKey(place)]);
  return true;
}

/** CloudFormation deletes only an empty bucket. */
export async function emptySite({ stack }: Live, context: Context): Promise<void> {
  const bucket = stack.outputs[siteOutputs.bucket];
  if (bucket === undefined || stack.outputs[siteOutputs.content] === undefined) return;
  const keys = (await context.aws.objects.list(bucket, '')).map(({ key }) => key);
  if (keys.length > 0) await context.aws.objects.delete(bucket, keys);
}

/** Copies the files of a release to the bucket of another account or region. */
export async function copySite(
  project: string,
  hash: string | undefined,
  from: { readonly context: Context; readonly bucket: string },
  to: { readonly context: Context; readonly bucket: string },
): Promise<void> {
  if (hash === undefined || (await to.context.aws.objects.has(to.bucket, siteManifestKey(project, hash)))) return;
  const place = { project, bucket: from.bucket };
  const manifest = await readManifest(place, hash, from.context);
  const files = [...new Map(Object.values(manifest.files).map((file) => [file.sha256, file])).values()];
  await inPool(files, atOnce, async ({ sha256: name, type }) => {
    const key = siteFilePrefix(project) + name;
    if (await to.context.aws.objects.has(to.bucket, key)) return;
    const bytes = await from.context.aws.objects.get(from.bucket, key);
    if (bytes === undefined) throw lost(key);
    await to.context.aws.objects.put(to.bucket, key, bytes, type);
  });
  const text = Buffer.from(manifestText(manifest));
  await to.context.aws.objects.put(to.bucket, siteManifestKey(project, hash), text, 'application/json');
}

async function readManifest(
  { bucket, project }: Pick<LedgerPlace, 'bucket' | 'project'>,
  hash: string,
  { aws }: Context,
): Promise<SiteManifest> {
  const key = siteManifestKey(project, hash);
  const body = await aws.objects.get(bucket, key);
  if (body === undefined) throw lost(key);
  return JSON.parse(body.toString('utf8')) as SiteManifest;
}

function lost(key: string): FxError {
  const hint = 'the bucket keeps earlier versions of its objects; a deploy of the source uploads it again';
  return new FxError('RELEASE_UNREADABLE', `${key}, with the files of the site, is not in the artifact bucket`, {
    hint,
  });
}

async function readPublished(place: LedgerPlace, { aws }: Context): Promise<Published | undefined> {
  const body = await aws.objects.get(place.bucket, publishedKey(place));
  return body === undefined ? undefined : (JSON.parse(body.toString('utf8')) as Published);
}

/** Undefined if this bucket is a new one. */
async function publishedIn(bucket: string, place: LedgerPlace, context: Context): Promise<Published | undefined> {
  const published = await readPublished(place, context);
  return published?.bucket === bucket ? published : undefined;
}
