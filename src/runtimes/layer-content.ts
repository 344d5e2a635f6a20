// What the layers of a function have already: a Python package need not be packed again, and a loaded function finds it there.
import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import { sha256 } from '../base/hash.ts';
import { findFiles } from './files.ts';
import { treeInput } from './parts.ts';
import { layerRules } from './prebuilt-check.ts';
import type { ArtifactFile, BuiltFunction, FunctionSource } from './runtime.ts';

/** Where Python finds modules in a layer: https://docs.aws.amazon.com/lambda/latest/dg/packaging-layers.html */
const pythonPlaces = ({ layerFolders, runtime }: Pick<FunctionSource, 'layerFolders' | 'runtime'>): readonly string[] =>
  layerFolders
    .flatMap((folder) => [join(folder, 'python'), join(folder, 'python/lib', runtime, 'site-packages')])
    .filter((folder) => existsSync(folder));

/** Leaves out each top-level package, module and .dist-info folder of Python all of whose files are in a layer, the same. */
export function withoutLayers(source: FunctionSource, built: BuiltFunction): BuiltFunction {
  const places = source.packaging.family === 'python' ? pythonPlaces(source) : [];
  if (places.length === 0) return built;
  const groups = new Map<string, ArtifactFile[]>();
  for (const file of built.files) {
    const name = file.path.split('/')[0] ?? '';
    groups.set(name, [...(groups.get(name) ?? []), file]);
  }
  const left = [...groups.values()].filter(
    (files) => !places.some((place) => files.every((file) => isSame(file, place))),
  );
  return {
    ...built,
    files: left.flat(),
    inputs: [...built.inputs, ...places.map((place) => treeInput(place, layerRules(place)))],
  };
}

function isSame({ path, content }: ArtifactFile, place: string): boolean {
  const other = join(place, path);
  if (!existsSync(other)) return false;
  const bytes = 'bytes' in content ? Buffer.from(content.bytes) : readFileSync(content.file);
  return bytes.equals(readFileSync(other));
}

/** Where Node.js finds packages in layers, of which a later one hides an earlier one: same page. */
const nodejsPlaces = ({
  layerFolders,
  runtime,
}: Pick<FunctionSource, 'layerFolders' | 'runtime'>): readonly string[] => {
  const major = /^nodejs(\d+)/.exec(runtime)?.[1];
  const places = [`nodejs/node${major}/node_modules`, 'nodejs/node_modules'];
  return places
    .flatMap((place) => layerFolders.toReversed().map((folder) => join(folder, place)))
    .filter((folder) => existsSync(folder));
};

/** By family, the variable that leads to layers and the places that it names. */
const layerPaths = {
  python: { variable: 'PYTHONPATH', places: pythonPlaces },
  nodejs: { variable: 'NODE_PATH', places: nodejsPlaces },
} as const;

/** The function as a load of it needs it: with the variables by which Lambda's runtime finds what is in layers. Native code for
 * another processor cannot be loaded here, so that its layer stays unknown. */
export function withLayerPaths(source: FunctionSource): FunctionSource {
  const { family } = source.packaging;
  if (family !== 'python' && family !== 'nodejs') return source;
  const { variable, places: placesOf } = layerPaths[family];
  if (source.variables[variable] !== undefined) return source;
  const isHere =
    process.platform === 'linux' && source.architecture === (process.arch === 'arm64' ? 'arm64' : 'x86_64');
  const places = placesOf(source).filter((place) => isHere || !hasNative(place));
  return places.length === 0
    ? source
    : { ...source, variables: { ...source.variables, [variable]: places.join(delimiter) } };
}

const hasNative = (folder: string): boolean =>
  readdirSync(folder).length > 0 &&
  findFiles(folder, layerRules(folder)).files.some(({ path }) => /\.(?:so(\.\d+)*|node)$/.test(path));

/** What a load depends on in layers, whose folders may keep their names when their content changes. */
export function layerState({ packaging: { family }, ...source }: FunctionSource): string {
  if (family !== 'python' && family !== 'nodejs') return '';
  const files = layerPaths[family].places(source).flatMap((place) => findFiles(place, layerRules(place)).files);
  const states = files.map(({ file }) => [file, statSync(file).size, statSync(file).mtimeMs]);
  return files.length === 0 ? '' : sha256(JSON.stringify(states));
}
