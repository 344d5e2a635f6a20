// Reads poetry.lock, of every version of the format, with what pyproject.toml asks for.
import { resolve } from 'node:path';
import type { TomlTable, TomlValue } from 'smol-toml';
import { listOf, tableOf, textOf } from './local.ts';
import type { Lock, LockedPackage, Need } from './locks.ts';
import { holds, type MarkerEnvironment, normalized, satisfies } from './markers.ts';
import { parseRequirement } from './requirement.ts';

/** https://python-poetry.org/docs/pyproject/ */
export function readPoetryLock(
  lock: TomlTable,
  project: TomlTable,
  folder: string,
  environment: MarkerEnvironment,
): Lock {
  const tables = listOf(lock['package']).map(tableOf);
  const oldHashes = tableOf(tableOf(lock['metadata'])['files']);
  const fits = (one: TomlTable) => satisfies(environment['python_version'] ?? '', textOf(one['python-versions']) ?? '');
  return {
    packages: tables.filter(fits).map((one) => lockedOf(one, oldHashes, folder, environment)),
    roots: rootsOf(project, environment),
    indexes: tables.flatMap((one) => indexOf(tableOf(one['source']), project)),
  };
}

function lockedOf(one: TomlTable, oldHashes: TomlTable, folder: string, environment: MarkerEnvironment): LockedPackage {
  const name = textOf(one['name']) ?? '';
  const version = textOf(one['version']) ?? '';
  const source = tableOf(one['source']);
  const [type, url] = [textOf(source['type']), textOf(source['url'])];
  const files = [...listOf(one['files']), ...listOf(oldHashes[name])].map(tableOf);
  // since format 2.1 there is a map from groups to markers if they differ
  const marker = textOf(one['markers']) ?? textOf(tableOf(one['markers'])['main']);
  const needs = Object.entries(tableOf(one['dependencies'])).flatMap(([need, value]) =>
    needsOf(need, value, environment),
  );
  const extras = Object.entries(tableOf(one['extras'])).map(([extra, list]): [string, readonly Need[]] => [
    normalized(extra),
    // `name (>=1) ; marker`: the brackets are of the package's metadata
    listOf(list).flatMap((value) => {
      const requirement = parseRequirement(textOf(value) ?? '');
      return requirement === undefined
        ? []
        : [{ name: requirement.name, extras: requirement.extras, marker: requirement.marker }];
    }),
  ]);
  const isLocal = type === 'directory' || type === 'file';
  const address = type === 'git' ? gitUrl(source) : type === 'url' ? url : undefined;
  return {
    name: normalized(name),
    version,
    marker,
    needs,
    extras: Object.fromEntries(extras),
    local: isLocal && url !== undefined ? resolve(folder, url) : undefined,
    url: address,
    hashes:
      address?.startsWith('git+') || type === 'directory' ? [] : files.flatMap((file) => textOf(file['hash']) ?? []),
  };
}

function gitUrl(source: TomlTable): string {
  const folder = textOf(source['subdirectory']);
  const url = textOf(source['url']) ?? '';
  // git's short form, git@host:path, is no URL
  const full = /^[a-z+]+:\/\//.test(url) ? url : url.replace(/^([^/:]+):/, 'ssh://$1/');
  const prefix = /^[a-z+]+:\/\//.test(full) ? '' : 'file://';
  const commit = textOf(source['resolved_reference']) ?? textOf(source['reference']) ?? 'HEAD';
  return `git+${prefix}${full}@${commit}${folder === undefined ? '' : `#subdirectory=${folder}`}`;
}

function rootsOf(project: TomlTable, environment: MarkerEnvironment): readonly Need[] {
  const standard = listOf(tableOf(project['project'])['dependencies']).flatMap((value) => {
    const requirement = parseRequirement(textOf(value) ?? '');
    return requirement === undefined
      ? []
      : [{ name: requirement.name, extras: requirement.extras, marker: requirement.marker }];
  });
  const named = Object.entries(tableOf(tableOf(tableOf(project['tool'])['poetry'])['dependencies']));
  const known = new Set(standard.map(({ name }) => name));
  // beside [project] the table of Poetry only adds sources to the same names
  const own = named.filter(
    ([name]) =>
      !known.has(normalized(name)) && (standard.length === 0 || project['project'] === undefined || isDynamic(project)),
  );
  return [...standard, ...own.flatMap(([name, value]) => (name === 'python' ? [] : needsOf(name, value, environment)))];
}

const isDynamic = (project: TomlTable) => listOf(tableOf(project['project'])['dynamic']).includes('dependencies');

/** `name = "^1"`, `{version, python, markers, extras, optional}`, or a list of them, of which the first that fits counts. */
function needsOf(name: string, value: TomlValue, environment: MarkerEnvironment): readonly Need[] {
  return (Array.isArray(value) ? value : [value]).flatMap((one) => {
    const table = tableOf(one);
    const marker = textOf(table['markers']);
    const python = textOf(table['python']);
    const isForLambda =
      (python === undefined || satisfies(environment['python_version'] ?? '', python)) && table['optional'] !== true;
    if (!isForLambda || (marker !== undefined && !holds(marker, environment))) return [];
    const extras = listOf(table['extras']).flatMap((extra) => normalized(textOf(extra) ?? ''));
    const version = textOf(table['version']) ?? textOf(one);
    const exact = version === undefined ? undefined : /^(?:==)?(\d[\w.!+-]*)$/.exec(version)?.[1];
    return [{ name: normalized(name), extras, marker, version: exact }];
  });
}

/** Poetry keeps credentials in variables; the installers expand their names, so that fx never reads them. */
function indexOf(source: TomlTable, project: TomlTable): readonly string[] {
  const url = textOf(source['url']);
  if (source['type'] !== 'legacy' || url === undefined) return [];
  const name = textOf(source['reference']) ?? '';
  const declared = listOf(tableOf(tableOf(project['tool'])['poetry'])['source']).map(tableOf);
  const known = declared.find((one) => textOf(one['name']) === name);
  const prefix = `POETRY_HTTP_BASIC_${name.toUpperCase().replace(/[^A-Z0-9]/g, '_')}`;
  const hasCredentials = known !== undefined && process.env[`${prefix}_USERNAME`] !== undefined;
  return [hasCredentials ? url.replace('://', `://\${${prefix}_USERNAME}:\${${prefix}_PASSWORD}@`) : url];
}
