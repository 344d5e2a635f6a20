// cgo: fx builds static programs without a C compiler. A package that needs one fails in words that do not say so, or only when
// it is called.

import { type GoCall, parseMany } from './go-inputs.ts';
import { runTool } from './tool.ts';

interface CgoPackage {
  readonly ImportPath: string;
  readonly Dir: string;
  readonly Standard?: boolean;
  readonly CgoFiles?: readonly string[];
}

/** Packages that compile without cgo but do nothing then, and what does their work in Go.
 * https://github.com/mattn/go-sqlite3/blob/master/static_mock.go */
const hollow: Readonly<Record<string, string>> = { 'github.com/mattn/go-sqlite3': 'modernc.org/sqlite' };

export interface NeedsCgo {
  readonly package: string;
  /** A package in pure Go that replaces it. */
  readonly instead: string | undefined;
}

export function hollowPackage(packages: readonly string[]): NeedsCgo | undefined {
  const found = packages.find((path) => Object.hasOwn(hollow, path));
  return found === undefined ? undefined : { package: found, instead: hollow[found] };
}

/** The package that needs cgo, by the output of a failed build. */
export async function needsCgo(call: GoCall, tags: string, failure: string): Promise<NeedsCgo | undefined> {
  const args = ['list', '-e', '-deps', '-tags', tags, '-json=ImportPath,Dir,Standard,CgoFiles', '.'];
  const listed = await runTool({ ...call, args, variables: { ...call.variables, CGO_ENABLED: '1' } });
  if (listed.exitCode !== 0) return undefined;
  const packages = parseMany<CgoPackage>(listed.stdout).filter(
    ({ Standard, CgoFiles = [] }) => Standard !== true && CgoFiles.length > 0,
  );
  const found = packages.find((one) => isBlamed(failure, one));
  return found === undefined ? undefined : { package: found.ImportPath, instead: hollow[found.ImportPath] };
}

/** `build constraints exclude all Go files in DIR`; or names that only its cgo files declare, in it or by its last name. */
function isBlamed(failure: string, { ImportPath, Dir }: Pick<CgoPackage, 'ImportPath' | 'Dir'>): boolean {
  const lines = failure.split(/\r?\n/);
  if (lines.some((line) => line.endsWith(`exclude all Go files in ${Dir}`))) return true;
  if (!failure.includes('undefined: ')) return false;
  const name = ImportPath.slice(ImportPath.lastIndexOf('/') + 1);
  return lines.includes(`# ${ImportPath}`) || lines.some((line) => line.includes(`undefined: ${name}.`));
}
