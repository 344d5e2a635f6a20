// Templates of others: a folder, a zip, or a repository on GitHub. Everything is read into memory and checked before anything is written.
import { stat } from 'node:fs/promises';
import { homedir } from 'node:os';
import { join, resolve } from 'node:path';
import { FxError } from '../base/error.ts';
import { fetched } from './fetch.ts';
import { filesOfTar, filesOfZip, within } from './template-archive.ts';
import { filesOfFolder, type TemplateFiles } from './template-files.ts';

/** `written` is what the user typed. */
export type TemplatePlace = { readonly written: string } & (
  | { readonly kind: 'folder'; readonly path: string }
  | { readonly kind: 'zip'; readonly path: string }
  | { readonly kind: 'zip-url'; readonly url: string }
  | {
      readonly kind: 'repository';
      readonly server: string;
      readonly repository: string;
      readonly path: string;
      /** A branch, a tag or a commit. */
      readonly ref: string;
    }
);

interface PlaceOptions {
  readonly workingFolder: string;
  readonly variables: Readonly<Record<string, string | undefined>>;
}

const repositoryPattern = /^([A-Za-z0-9][A-Za-z0-9-]*\/[A-Za-z0-9._-]+?)((?:\/[^#/]+)*)\/?(?:#(.+))?$/;

/** The address of a repository in the browser, or of a folder of a branch. */
const pagePattern = /^\/([A-Za-z0-9][A-Za-z0-9-]*\/[A-Za-z0-9._-]+?)(?:\.git)?(?:\/tree\/([^/]+)(?:\/(.+?))?)?\/?$/;

/** As GitHub's own workflows name it, for GitHub Enterprise Server. */
const serverOf = (variables: PlaceOptions['variables']) => variables['GITHUB_SERVER_URL'] ?? 'https://github.com';

/** Undefined if the text is the name of a template: a folder begins with . / or ~, or exists. */
export async function placeOf(written: string, options: PlaceOptions): Promise<TemplatePlace | undefined> {
  const { workingFolder, variables } = options;
  if (/^https?:\/\//.test(written)) {
    const url = new URL(written);
    if (url.pathname.endsWith('.zip')) return { written, kind: 'zip-url', url: written };
    const [, repository, ref = 'HEAD', path = ''] = pagePattern.exec(url.pathname) ?? [];
    if (repository !== undefined && url.origin === serverOf(variables))
      return { written, kind: 'repository', server: url.origin, repository, path, ref };
    throw new FxError('USAGE', `the template "${written}" is no zip`, {
      hint: 'a repository on GitHub is owner/repo, one of its folders owner/repo/folder, a branch owner/repo#branch',
    });
  }
  const path = resolve(workingFolder, written.replace(/^~(?=\/|$)/, homedir()));
  const isPath = /^(\.{1,2}|~)?([\\/]|$)/.test(written) || /^[A-Za-z]:[\\/]/.test(written);
  const found = await stat(path).catch(() => undefined);
  if (found?.isFile() === true && written.endsWith('.zip')) return { written, kind: 'zip', path };
  // an existing folder of that name is no template of fx: its names have no slash
  if (found?.isDirectory() === true && (isPath || written.includes('/'))) return { written, kind: 'folder', path };
  if (isPath || written.endsWith('.zip')) throw new FxError('USAGE', `there is no template at ${path}`);
  const [, repository, inside = '', ref = 'HEAD'] = repositoryPattern.exec(written) ?? [];
  if (repository === undefined) return undefined;
  return { written, kind: 'repository', server: serverOf(variables), repository, path: inside.slice(1), ref };
}

/** Throws USAGE if there is nothing, or no template. */
export async function templateAt(place: TemplatePlace, signal: AbortSignal): Promise<TemplateFiles> {
  const { written } = place;
  switch (place.kind) {
    case 'folder':
      return filesOfFolder(place.path, written);
    case 'zip':
      return within(await filesOfZip(place.path, written), '');
    case 'zip-url':
      return within(await filesOfZip(await fetched(place.url, written, signal), written), '');
    case 'repository': {
      const url = `${place.server}/${place.repository}/archive/${encodeURIComponent(place.ref).replaceAll('%2F', '/')}.tar.gz`;
      const files = within(await filesOfTar(await fetched(url, written, signal), written, place.path), place.path);
      if (files.size > 0) return files;
      throw new FxError('USAGE', `${place.repository} has no folder ${join(place.path)}`, {
        hint: 'nothing was written',
      });
    }
  }
}
