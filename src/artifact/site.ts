// The files of the site: read, hashed, and described in a manifest, whose hash names the content of a site.
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { lookup } from 'mrmime';
import { FxError } from '../base/error.ts';
import { sha256 } from '../base/hash.ts';
import { wildcard } from '../base/wildcard.ts';
import { canonicalJson } from '../cfn/resource.ts';
import type { Project } from '../project/project.ts';

export interface SiteFile {
  readonly sha256: string;
  readonly size: number;
  readonly type: string;
  /** Its Cache-Control. */
  readonly cache: string;
}

export interface SiteManifest {
  /** By path, with slashes. */
  readonly files: Readonly<Record<string, SiteFile>>;
}

export interface BuiltSite {
  readonly hash: string;
  readonly manifest: SiteManifest;
  /** The absolute path of the folder. */
  readonly folder: string;
}

export const manifestText = ({ files }: SiteManifest): string => canonicalJson({ format: 1, files });

/** Undefined if the project has no site. */
export async function buildSite(project: Project): Promise<BuiltSite | undefined> {
  const { site } = project;
  if (site === undefined) return undefined;
  const folder = join(project.folder, site.folder);
  const at = project.origin(['site', 'folder']);
  const paths = await filesIn(folder).catch((cause: NodeJS.ErrnoException) => {
    if (cause.code !== 'ENOENT' && cause.code !== 'ENOTDIR') throw cause;
    const problems = [{ at, message: `there is no folder "${site.folder}"`, hint: 'hooks.build can make it' }];
    throw new FxError('BUILD_FAILED', 'the files of the site are missing', { problems });
  });
  const wanted = [site.index ?? 'index.html', ...(site.notFound === undefined ? [] : [site.notFound.value])];
  const missing = wanted.find((path) => !paths.includes(path));
  if (missing !== undefined) {
    const problems = [{ at, message: `"${site.folder}" has no ${missing}` }];
    throw new FxError('BUILD_FAILED', 'a file of the site is missing', { problems });
  }
  const files: Record<string, SiteFile> = {};
  for (const path of paths) {
    const bytes = await readFile(join(folder, path));
    files[path] = {
      sha256: sha256(bytes),
      size: bytes.length,
      type: typeOf(path),
      cache: cacheOf(path, site.cache ?? new Map()),
    };
  }
  const manifest = { files };
  return { hash: sha256(manifestText(manifest)), manifest, folder };
}

/** Sorted, so that every machine has the same. Hidden files stay here, but for .well-known: https://www.rfc-editor.org/rfc/rfc8615 */
async function filesIn(folder: string, below = ''): Promise<string[]> {
  const entries = await readdir(join(folder, below), { withFileTypes: true });
  const found: string[] = [];
  for (const entry of entries) {
    if (entry.name.startsWith('.') && entry.name !== '.well-known') continue;
    const path = below === '' ? entry.name : `${below}/${entry.name}`;
    if (entry.isDirectory()) found.push(...(await filesIn(folder, path)));
    else if (entry.isFile()) found.push(path);
  }
  return found.sort();
}

export const isHtml = (path: string): boolean => /\.html?$/i.test(path);

function typeOf(path: string): string {
  const type = lookup(path) ?? 'application/octet-stream';
  return /^text\/|^application\/(json|xml|manifest\+json)$/.test(type) ? `${type}; charset=utf-8` : type;
}

/** A name with a hash, as bundlers write them: index-BxZ81kQa.js, main.3f2a91bc.css. */
const fingerprinted = /[.-](?=[A-Za-z_-]*\d)[A-Za-z0-9_-]{8,}\.[A-Za-z0-9]+$/;

function cacheOf(path: string, rules: ReadonlyMap<string, string>): string {
  for (const [pattern, cache] of rules) if (wildcard(pattern.replace(/^\//, '')).test(path)) return cache;
  if (isHtml(path)) return 'no-cache';
  return fingerprinted.test(path) ? 'public, max-age=31536000, immutable' : 'public, max-age=0, must-revalidate';
}
