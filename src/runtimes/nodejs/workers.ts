// Workers that a module starts by a plain relative path, as in `new Worker('./resize.js')`: Node.js takes it from the working
// directory, libraries such as threads from the module that calls them. In a bundle both are elsewhere.
import { statSync } from 'node:fs';
import { dirname, join, relative, sep } from 'node:path';
import { slashed } from '../parts.ts';

interface Started {
  /** The module, absolute. */
  readonly worker: string;
  /** The literal with its quotes, where it begins in the text. */
  readonly literal: string;
  readonly index: number;
  /** Whether a library adds the path to the folder of its caller, where an absolute one would be wrong. */
  readonly isFromCaller: boolean;
}

const starts = /\b(?:new\s+[\w$.]*Worker|fork|pool)\(\s*(?=(['"`])(\.{1,2}\/[^'"`$\n]+)\1)/g;
const endings = ['', '.ts', '.mts', '.cts', '.js', '.mjs', '.cjs'];
const ofNode = /['"](?:node:)?(?:worker_threads|child_process)['"]/;

export function startedIn(file: string, text: string, projectFolder: string): readonly Started[] {
  const isOfNode = ofNode.test(text);
  const folders = isOfNode ? [projectFolder, dirname(file)] : [dirname(file), projectFolder];
  return [...text.matchAll(starts)].flatMap((match): Started[] => {
    const [call, quote = '', path = ''] = match;
    const worker = folders.flatMap((folder) => endings.map((ending) => join(folder, path + ending))).find(isModule);
    if (worker === undefined || !worker.startsWith(projectFolder + sep)) return [];
    const isFromCaller = !isOfNode && call.startsWith('new');
    return [{ worker, literal: quote + path + quote, index: match.index + call.length, isFromCaller }];
  });
}

const isModule = (path: string) =>
  /\.[cm]?[jt]s$/.test(path) && statSync(path, { throwIfNoEntry: false })?.isFile() === true;

/** The text with the places of the built workers instead, by the functions of `placeBanner`. */
export function withStarts(text: string, file: string, { projectFolder, ending }: WorkerOptions): string {
  return startedIn(file, text, projectFolder).reduceRight((code, { worker, literal, index, isFromCaller }) => {
    const output = JSON.stringify(slashed(relative(projectFolder, worker)).replace(/\.[cm]?[jt]s$/, ending));
    const place = isFromCaller ? `fxBeside(${output})` : `fxAt(${output}).filename`;
    return code.slice(0, index) + place + code.slice(index + literal.length);
  }, text);
}

interface WorkerOptions {
  readonly projectFolder: string;
  /** Of built modules, such as `.mjs`. */
  readonly ending: string;
}
