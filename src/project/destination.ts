// The destination of a deploy. Region, account, profile and role may contain lookups, except those that call AWS: the calls need
// the destination first.
import type { Lookups } from '../aws/aws.ts';
import { FxError, type Problem } from '../base/error.ts';
import { type LocatedMap, placeOf, type Scalar, valueAt } from '../base/located.ts';
import { readAll, type Schema } from '../base/schema.ts';
import { checkRegion } from './check-destination.ts';
import { localAccount, localEnvironment } from './environment.ts';
import { resolveLookups } from './lookups/resolve.ts';
import type { LookupWorld, Sibling } from './lookups/source.ts';
import { isNull } from './overlay.ts';
import { invalid } from './read-file.ts';
import { region as regionSchema } from './region-name.ts';
import { account as accountSchema } from './schema.ts';

/** The destination of a deploy: known before the rest of the project. */
export interface Destination {
  readonly folder: string;
  readonly environment: string;
  readonly region: string;
  readonly account: string | undefined;
  readonly profile: string | undefined;
  readonly assumeRole: string | undefined;
}

export interface DestinationInput {
  readonly folder: string;
  /** As messages show it. */
  readonly file: string;
  readonly environment: string;
  readonly variables: LookupWorld['variables'];
  readonly shownFrom: string;
  /** Known problems of the file. If there are any, fx does not call AWS. */
  readonly wrong: readonly Problem[];
  readonly pluginLookups: LookupWorld['pluginLookups'];
  /** Called only if a lookup needs AWS. */
  readonly connect?: (destination: Destination) => Promise<Lookups>;
  /** The same, if a lookup needs another project of the workspace. */
  readonly sibling?: (name: string, region: string, from: { readonly region: string }) => Promise<Sibling>;
}

const defaultRegion = 'us-east-1';

/** What lookups can read of a project, with the problems of region, account, profile and role. */
export async function lookupWorld(
  root: LocatedMap,
  input: DestinationInput,
): Promise<{ readonly world: LookupWorld; readonly problems: readonly Problem[] }> {
  const { folder, environment, variables } = input;
  const isLocal = environment === localEnvironment;
  const refuse = () =>
    Promise.reject(
      new FxError('PROJECT_INVALID', 'region, account, profile and assumeRole cannot be looked up in AWS'),
    );
  const base: LookupWorld = {
    environment,
    root,
    folder,
    variables,
    region: defaultRegion,
    account: undefined,
    pluginLookups: input.pluginLookups,
    aws: refuse,
    sibling: refuse,
  };
  const problems: Problem[] = [];
  // the schema reports these again with the rest; until then they prevent calls to AWS
  const wrong: Problem[] = [];
  const value = async (key: string, world: LookupWorld, schema?: Schema<string>): Promise<Scalar | undefined> => {
    const entry = root.entries.get(key);
    if (entry === undefined) return undefined;
    const only: LocatedMap = { ...root, entries: new Map([[key, entry]]) };
    const resolved = await resolveLookups(only, { ...world, root }, input.shownFrom);
    problems.push(...resolved.problems);
    const read = valueAt(resolved.value, [key]);
    if (schema !== undefined && read !== undefined && !isNull(read)) wrong.push(...readAll(schema, read).problems);
    return read?.kind === 'scalar' ? read.value : undefined;
  };
  const text = async (key: string, world: LookupWorld): Promise<string | undefined> => {
    const read = await value(key, world);
    return read === undefined ? undefined : String(read);
  };
  const region = String((await value('region', base, regionSchema)) ?? defaultRegion);
  const noRegion = wrong.length > 0 ? undefined : checkRegion(region, placeOf(root, ['region']))?.problem;
  if (noRegion !== undefined) wrong.push(noRegion);
  const pinned = isLocal ? localAccount : await value('account', { ...base, region }, accountSchema);
  const account = typeof pinned === 'string' ? pinned : undefined;
  const here = { ...base, region, account };
  const profile = await text('profile', here);
  const assumeRole = isLocal ? undefined : await text('assumeRole', here);
  const destination = { folder, environment, region, account, profile, assumeRole };
  let connected: Promise<Lookups> | undefined;
  const unlessWrong = <T>(call: () => Promise<T>): Promise<T> => {
    const known = [...input.wrong, ...wrong];
    return known.length > 0 ? Promise.reject(invalid(known, input.file)) : call();
  };
  const aws = () =>
    unlessWrong(() => {
      connected ??= input.connect?.(destination) ?? refuse();
      return connected;
    });
  const found = new Map<string, Promise<Sibling>>();
  const sibling = (name: string, of: string) =>
    unlessWrong(() => {
      const key = `${name} ${of}`;
      const known = found.get(key) ?? input.sibling?.(name, of, { region }) ?? refuse();
      found.set(key, known);
      return known;
    });
  return { world: { ...here, aws, sibling }, problems };
}
