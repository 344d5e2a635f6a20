// Reads uv.lock without uv. https://docs.astral.sh/uv/concepts/projects/layout/#the-lockfile
import { resolve } from 'node:path';
import type { TomlTable, TomlValue } from 'smol-toml';
import { listOf, tableOf, textOf } from './local.ts';
import type { Lock, LockedPackage, Need } from './locks.ts';
import { normalized } from './markers.ts';

/** `project` is the folder of the project to install for: the lock file's, or a member of its workspace. */
export function readUvLock(lock: TomlTable, folder: string, project: string): Lock {
  const tables = listOf(lock['package']).map(tableOf);
  const packages = tables.map((one) => lockedOf(one, folder));
  const own = packages.find(({ local }) => local === project);
  const indexes = tables.flatMap((one) => textOf(tableOf(one['source'])['registry']) ?? []);
  return { packages, roots: own?.needs ?? [], indexes: indexes.filter((url) => /^https?:/.test(url)) };
}

function lockedOf(one: TomlTable, folder: string): LockedPackage {
  const source = tableOf(one['source']);
  const place = ['editable', 'directory', 'virtual', 'path'].flatMap((kind) => textOf(source[kind]) ?? [])[0];
  const git = textOf(source['git']);
  const files = [one['sdist'], ...listOf(one['wheels'])].map((file) => tableOf(file ?? {}));
  const markers = listOf(one['resolution-markers']).flatMap((marker) => textOf(marker) ?? []);
  const url = git === undefined ? textOf(source['url']) : gitUrl(git);
  return {
    name: normalized(textOf(one['name']) ?? ''),
    version: textOf(one['version']) ?? '',
    marker: markers.length === 0 ? undefined : markers.map((marker) => `(${marker})`).join(' or '),
    needs: needsOf(one['dependencies']),
    extras: Object.fromEntries(
      Object.entries(tableOf(one['optional-dependencies'])).map(([extra, list]) => [normalized(extra), needsOf(list)]),
    ),
    local: place === undefined ? undefined : resolve(folder, place),
    url,
    hashes: git === undefined ? files.flatMap((file) => textOf(file['hash']) ?? []) : [],
  };
}

function needsOf(list: TomlValue | undefined): readonly Need[] {
  return listOf(list).map((value) => {
    const need = tableOf(value);
    return {
      name: normalized(textOf(need['name']) ?? ''),
      extras: listOf(need['extra']).map((extra) => normalized(textOf(extra) ?? '')),
      marker: textOf(need['marker']),
      version: textOf(need['version']),
    };
  });
}

/** `https://host/x?subdirectory=a&rev=main#commit` */
function gitUrl(written: string): string {
  const [address = '', commit = 'HEAD'] = written.split('#');
  const [url = '', query = ''] = address.split('?');
  const inner = new URLSearchParams(query).get('subdirectory');
  return `git+${url}@${commit}${inner === null ? '' : `#subdirectory=${inner}`}`;
}
