// Files that a module finds by a plain relative path: workers, as in `new Worker('./resize.js')`, which Node.js takes from the
// working directory and libraries such as threads from the module that calls them, and what `require.resolve` names. In a bundle
// all are elsewhere.
import { statSync } from 'node:fs';
import { dirname, join, relative, sep } from 'node:path';
import { slashed } from '../parts.ts';

interface Started {
  /** Absolute. */
  readonly file: string;
  /** The literal with its quotes, where it begins in the text. */
  readonly literal: string;
  readonly index: number;
  /** Whether a library adds the path to the folder of its caller, where an absolute one would be wrong. */
  readonly isFromCaller: boolean;
}

const starts = /\b(?:new\s+[\w$.]*Worker|fork|pool|require\.resolve)\(\s*(?=(['"`])(\.{1,2}\/[^'"`$\n]+)\1)/g;
const endings = ['', '.ts', '.mts', '.cts', '.js', '.mjs', '.cjs', '.json'];
const ofNode = /['"](?:node:)?(?:worker_threads|child_process)['"]/;

export function startedIn(file: string, text: string, projectFolder: string): readonly Started[] {
  const isOfNode = ofNode.test(text);
  return [...text.matchAll(starts)].flatMap((match): Started[] => {
    const [call, quote = '', path = ''] = match;
    const isResolved = call.startsWith('require');
    const callers = isResolved ? [dirname(file)] : [dirname(file), projectFolder];
    const folders = isOfNode ? callers.toReversed() : callers;
    const found = folders
      .flatMap((folder) => endings.map((ending) => join(folder, path + ending)))
      .find(
        (one) => (isResolved || moduleFile.test(one)) && statSync(one, { throwIfNoEntry: false })?.isFile() === true,
      );
    if (found === undefined || !found.startsWith(projectFolder + sep)) return [];
    const isFromCaller = !isOfNode && call.startsWith('new');
    return [{ file: found, literal: quote + path + quote, index: match.index + call.length, isFromCaller }];
  });
}

const moduleFile = /\.[cm]?[jt]s$/;

/** The text with the places of the built workers instead, by the functions of `placeBanner`. */
export function withStarts(text: string, file: string, { projectFolder, ending }: WorkerOptions): string {
  return startedIn(file, text, projectFolder).reduceRight((code, { file: found, literal, index, isFromCaller }) => {
    const output = JSON.stringify(slashed(relative(projectFolder, found)).replace(moduleFile, ending));
    const place = isFromCaller ? `fxBeside(${output})` : `fxAt(${output}).filename`;
    return code.slice(0, index) + place + code.slice(index + literal.length);
  }, text);
}

interface WorkerOptions {
  readonly projectFolder: string;
  /** Of built modules, such as `.mjs`. */
  readonly ending: string;
}
