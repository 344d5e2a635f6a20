// What a module of the user's refers to by its own place: data files and workers, which go into the artifact, and its folder,
// which a bundle in another folder must still know.
import { dirname, relative } from 'node:path';
import { slashed } from '../parts.ts';
import { evidenceIn } from './evidence.ts';
import { openedFromTop, siblingsOf } from './opened.ts';
import { startedIn, withStarts } from './workers.ts';

export interface Place {
  /** Files and folders, absolute. */
  readonly assets: readonly string[];
  /** Modules that it starts, such as workers: each is bundled by itself. Absolute. */
  readonly workers: readonly string[];
}

const moduleFile = /\.[cm]?[jt]sx?$/;
const place = /\b__dirname\b|\b__filename\b|\bimport\.meta\.(?:url|dirname|filename)\b/;

/** Undefined if the module does not refer to its place. */
export function placeOf(file: string, text: string, projectFolder: string): Place | undefined {
  const started = [
    ...startedIn(file, text, projectFolder).map((one) => one.file),
    ...openedFromTop(text, projectFolder),
    ...siblingsOf(file, text),
  ];
  if (!place.test(text) && started.length === 0) return undefined;
  const { files } = evidenceIn({ file, text, packageFolder: projectFolder });
  const all = [...new Set([...files, ...started])];
  return {
    assets: all.filter((path) => !moduleFile.test(path)),
    workers: all.filter((path) => moduleFile.test(path) && !/\.d\.[cm]?ts$/.test(path)),
  };
}

/** Defines what the changed modules call: `fxBeside`, a path from the bundle, and `fxAt`. `collect` fills in where the bundle is. */
const besideBanner = 'const fxBeside = (path) => "@fx-up@" + path.slice(+"@fx-cut@");';
export const placeBanner = {
  esm: `${besideBanner} const fxAt = (path) => { const url = new URL(fxBeside(path), import.meta.url); const filename = fxFileURLToPath(url); return { url: url.href, filename, dirname: fxDirname(filename) }; };`,
  cjs: `${besideBanner} const fxAt = (path) => { const filename = require("node:path").join(__dirname, fxBeside(path)); return { url: require("node:url").pathToFileURL(filename).href, filename, dirname: require("node:path").dirname(filename) }; };`,
} as const;

/** The module with its own place in the artifact instead of the bundle's. Adds no line. */
export function withPlace(text: string, file: string, { projectFolder, ending }: PlaceOptions): string {
  const path = JSON.stringify(slashed(relative(projectFolder, file)));
  const started = withStarts(text, file, { projectFolder, ending });
  const urls = started.replace(/\bimport\.meta\.(url|dirname|filename)\b/g, `fxAt(${path}).$1`);
  const workers = (placeOf(file, text, projectFolder)?.workers ?? []).map((worker) => ({
    worker,
    built: built(worker, ending),
  }));
  const renamed = workers.reduce(
    (code, { worker, built: output }) =>
      code.replace(
        new RegExp(String.raw`(['"\x60/])${nameOf(worker).replace(/[.$]/g, String.raw`\$&`)}(?=['"\x60])`, 'g'),
        (_, start: string) => start + nameOf(output),
      ),
    urls,
  );
  const isFree = (name: string) =>
    new RegExp(String.raw`\b${name}\b`).test(text) &&
    !new RegExp(String.raw`\b(?:const|let|var)\s+${name}\b`).test(text);
  const names = [['__filename', 'filename'] as const, ['__dirname', 'dirname'] as const].filter(([name]) =>
    isFree(name),
  );
  const declared = names.map(([name, key]) => `${name} = fxAt(${path}).${key}`).join(', ');
  return declared === '' ? renamed : `var ${declared}; ${renamed}`;
}

interface PlaceOptions {
  readonly projectFolder: string;
  /** Of built modules, such as `.mjs`. */
  readonly ending: string;
}

export const built = (worker: string, ending: string): string => worker.replace(moduleFile, ending);

const nameOf = (path: string) => slashed(relative(dirname(path), path));
