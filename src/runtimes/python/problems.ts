// What went wrong in an install, from the words of pip and uv: the package, the line that asks for it, and what to do.
import { relative } from 'node:path';
import type { Problem, Span } from '../../base/error.ts';
import { slashed } from '../parts.ts';
import type { FunctionSource, Tools } from '../runtime.ts';
import { plain, type ToolResult, toolProblem } from '../tool.ts';
import { glibcOf, type Installer } from './installers.ts';
import { normalized } from './markers.ts';
import type { Dependencies } from './requirement.ts';

export interface FailedInstall {
  readonly source: FunctionSource;
  readonly dependencies: Dependencies;
  readonly installer: Installer;
  /** Without secrets. */
  readonly result: ToolResult;
  readonly tools: Pick<Tools, 'folder'>;
  /** A package with wheels only for another Python, or for a newer system if the Python is the same. */
  readonly compiled?: { readonly name: string; readonly elsewhere: string };
}

/** The package that was not found because only wheels were to be taken. */
export function needsBuild(output: string): string | undefined {
  const said = oneLine(output);
  const name =
    /Wheels are required for `([^`]+)`/.exec(said)?.[1] ??
    /Building source distributions is disabled, but attempted to build `([^`=]+)/.exec(said)?.[1] ??
    /Building source distributions for `?([A-Za-z0-9._-]+)`? is disabled/.exec(said)?.[1] ??
    /No matching distribution found for ([A-Za-z0-9._-]+)/.exec(said)?.[1];
  return name === undefined ? undefined : normalized(name);
}

const oneLine = (output: string): string => plain(output).replaceAll(/\s+/g, ' ');

/** Without the credentials in URLs, and without the values of variables that requirements can name. */
export function withoutSecrets(text: string): string {
  const masked = text.replaceAll(/([a-z][a-z0-9+.-]*:\/\/)(?!git@)[^\s/@'"]+@/gi, '$1****@');
  const secrets = Object.entries(process.env).filter(
    ([name, value = '']) => /TOKEN|PASSWORD|SECRET|_PASS$|_KEY$/.test(name) && value.length >= 6,
  );
  return secrets.reduce((result, [, value]) => result.replaceAll(value ?? '', '****'), masked);
}

export function installProblem(failed: FailedInstall): Problem {
  const { source, dependencies, installer, result, tools } = failed;
  const said = oneLine(result.output);
  const platform = `Linux ${source.architecture} and ${source.runtime}`;
  const at = (name: string | undefined) => placeOf(name, dependencies) ?? source.at;
  if (failed.compiled !== undefined) {
    const { name, elsewhere } = failed.compiled;
    if (elsewhere !== source.runtime) return foreignCode(name, failed);
    const message = `${name} has wheels only for a newer Linux than that of ${source.runtime} (glibc 2.${glibcOf(source.runtime)})`;
    return {
      at: at(name),
      message,
      hint: 'set `runtime` to python3.12 or newer, or use an earlier version of the package',
    };
  }
  if (/No module named pip\b/.test(said)) {
    const message = `the function "${source.name}" has dependencies, but neither uv nor Python with pip is installed`;
    return { at: source.at, message, hint: 'install one of them; no Docker is needed' };
  }
  const host = refusingIndex(said);
  if (host !== undefined) {
    const message = `the package index ${host} refused the credentials, or there are none`;
    const hint = `write them into ~/.netrc, or name variables in its URL: --index-url https://\${INDEX_USER}:\${INDEX_PASSWORD}@${host}/…`;
    return { at: at(undefined), message, hint };
  }
  const mismatch = first(said, [
    /Hash mismatch for `([A-Za-z0-9._-]+)/,
    /DO NOT MATCH THE HASHES.*?\. ([A-Za-z0-9._-]+)(?:[=<>!~ ]\S*)? from/,
    /HASHES ARE REQUIRED.*?: (?:.*?\. )?([A-Za-z0-9._-]+)==\S+ --hash/,
    /In `--require-hashes` mode, all requirements must have a hash, but none were provided for: ([A-Za-z0-9._-]+)/,
  ]);
  if (mismatch !== undefined) {
    const message = `${mismatch} does not have a hash that is listed for it`;
    return {
      at: at(mismatch),
      message,
      hint: 'if its file changed on purpose, write the hashes again with the tool that wrote them',
    };
  }
  const foreign = /built wheel `([^`]+?)-[^-`]+-(?:[^-`]+-)?[^-`]+-[^-`]+-[^-`]+\.whl` is not compatible/.exec(
    said,
  )?.[1];
  if (foreign !== undefined) return foreignCode(foreign, failed);
  const missing = first(said, [
    /No matching distribution found for ([A-Za-z0-9._-]+)/,
    /Because (?:all versions of )?([A-Za-z0-9._-]+?)(?:[=<>!~]\S+)? was not found/,
    /Because there (?:is no version|are no versions) of ([A-Za-z0-9._-]+?)(?:[=<>!~]\S+)? and/,
  ]);
  if (missing !== undefined) {
    const message = `${missing} has no version for ${platform} that fits`;
    return { at: at(missing), message, hint: 'check its name and version, or change `runtime`' };
  }
  const unbuilt = first(said, [
    /Failed to (?:download and )?build `([A-Za-z0-9._-]+)/,
    /Failed to build '?([A-Za-z0-9._-]+)/,
    /Failed building wheel for ([A-Za-z0-9._-]+)/,
    /Could not build wheels for ([A-Za-z0-9._-]+)/,
    /.*(?:Collecting|Processing \S*\/)\s?([A-Za-z0-9._-]+?)(?:-\d\S*)?(?:[=<>!~@ (]).*?(?:error: subprocess-exited-with-error|metadata-generation-failed)/,
  ]);
  if (unbuilt !== undefined) {
    const message = `${unbuilt} has no wheel for ${platform}, and its source cannot be built here`;
    const hint = `use a version that has one, or build the wheel on such a machine and name its file; ${installer.name} said:\n${tail(result.output)}`;
    return { at: at(unbuilt), message, hint };
  }
  const shown = slashed(relative(tools.folder, dependencies.from ?? ''));
  const { message } = toolProblem(`${installer.name} install of ${shown}`, result, source.at);
  return { at: source.at, message, hint: tail(result.output) };
}

/** For a package that was built here, and is for this machine only. */
export function foreignCode(
  name: string,
  { source, dependencies }: Pick<FailedInstall, 'source' | 'dependencies'>,
): Problem {
  const platform = `Linux ${source.architecture} and ${source.runtime}`;
  return {
    at: placeOf(name, dependencies) ?? source.at,
    message: `${name} has no wheel for ${platform}, and contains compiled code, which is built here for this machine only`,
    hint: 'use a version that has a wheel, change `runtime` or `architecture`, or build the wheel on such a machine and name its file',
  };
}

function first(text: string, patterns: readonly RegExp[]): string | undefined {
  for (const pattern of patterns) {
    const name = pattern.exec(text)?.[1];
    if (name !== undefined) return name;
  }
  return undefined;
}

function refusingIndex(said: string): string | undefined {
  const isRefused =
    /\b40[13] (?:Client Error|Error|Unauthorized|Forbidden)|\(40[13]\)|status code: 40[13]|HTTP status client error \(40[13]/i;
  if (!isRefused.test(said)) return undefined;
  return (
    /40[13].*?https?:\/\/(?:\*+@)?([^\s/'"`)]+)/i.exec(said)?.[1] ?? /https?:\/\/(?:\*+@)?([^\s/'"`)]+)/.exec(said)?.[1]
  );
}

function placeOf(name: string | undefined, { entries }: Dependencies): Span | undefined {
  const wanted = name === undefined ? undefined : normalized(name);
  return entries.find((entry) =>
    wanted === undefined ? /^--(extra-)?index-url/.test(entry.text) : entry.name === wanted,
  )?.at;
}

/** The lines that say what failed, without the code that a trace shows. */
function tail(output: string): string {
  const lines = plain(output)
    .split('\n')
    .map((line) => line.trim())
    .filter(
      (line) =>
        line !== '' && !/subprocess-exited-with-error|generation-failed|^hint:|^note:|raise |import |exec\(/.test(line),
    );
  const errors = lines.filter((line) => /(Error|Exception)\b|\berror\b|\bfatal\b|not found|^Specify/i.test(line));
  return (errors.length > 0 ? errors : lines).slice(-3).join('\n');
}
