// `sdk: runtime` for Python: which installed packages to leave out because Lambda's runtime has them.
import { type Distribution, distributionsIn } from './installed.ts';
import { holds, type MarkerEnvironment } from './markers.ts';
import { type Entry, parseRequirement, type Requirement } from './requirement.ts';

/** https://docs.aws.amazon.com/lambda/latest/dg/lambda-python.html#python-sdk-included */
const sdk = ['boto3', 'botocore', 's3transfer'];
/** What only the SDK needs, in the runtime too. */
const ofSdk = ['jmespath', 'python-dateutil', 'urllib3', 'six'];

/** The paths to leave out, and what stays because a package limits its version: AWS changes the runtime's without a deploy. */
export function leftToRuntime(
  folder: string,
  entries: readonly Entry[],
  environment: MarkerEnvironment,
): { readonly paths: ReadonlySet<string>; readonly limitedBy: string | undefined } {
  const all = distributionsIn(folder);
  const others = all.filter(({ name }) => !sdk.includes(name));
  const limiting = others.find((one) =>
    needsOf(one, environment).some((need) => sdk.includes(need.name) && isLimited(need)),
  );
  if (limiting !== undefined) return { paths: new Set(), limitedBy: limiting.name };
  const asked = new Set(isLockedOnly(entries, all) ? [] : entries.flatMap(({ name }) => name ?? []));
  const left = new Set(sdk);
  // dateutil needs six: each round may free another
  for (let size = 0; size !== left.size; ) {
    size = left.size;
    for (const name of ofSdk) {
      const isNeeded = all.some(
        (one) => !left.has(one.name) && needsOf(one, environment).some((need) => need.name === name),
      );
      if (!isNeeded && !asked.has(name)) left.add(name);
    }
  }
  return {
    paths: new Set(
      all.filter(({ name }) => left.has(name)).flatMap(({ files, info }) => [...files, `${info}/METADATA`]),
    ),
    limitedBy: undefined,
  };
}

/** A lock file lists every package: that one is listed does not mean that the project asked for it. */
const isLockedOnly = (entries: readonly Entry[], all: readonly Distribution[]): boolean =>
  entries.every(({ at }) => at === undefined) && entries.length >= all.length;

const needsOf = (one: Distribution, environment: MarkerEnvironment): readonly Requirement[] =>
  one.requires.flatMap((text) => {
    const need = parseRequirement(text);
    return need !== undefined && holds(need.marker, environment) ? [need] : [];
  });

/** `==1.2`, `~=1.2` and `<2` exclude versions that the runtime may have; boto3 has been 1.x since 2015. */
const isLimited = ({ specifier }: Requirement): boolean =>
  specifier.split(',').some((part) => /^\s*(==|~=|<(?!\s*=?\s*[2-9]))/.test(part));
