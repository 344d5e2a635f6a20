// Which release a rollback restores: a named one, or the one before what is live.
import type { Aws } from '../aws/aws.ts';
import { FxError } from '../base/error.ts';
import { eachRelease, getRelease, type LedgerIndex, type LedgerPlace, notFound } from './ledger.ts';
import type { Change, Release } from './record.ts';

/** A release as a person names it. */
export type ReleaseName =
  | { readonly kind: 'number'; readonly number: number }
  /** The start of a commit's hash. */
  | { readonly kind: 'commit'; readonly commit: string }
  /** The release that was live then. */
  | { readonly kind: 'time'; readonly time: Date };

interface Ledger {
  readonly aws: Aws;
  readonly place: LedgerPlace;
  readonly index: LedgerIndex;
}

/** The named release, with content of its own. Throws RELEASE_NOT_FOUND, also if the release was never live. */
export async function namedRelease(ledger: Ledger, name: ReleaseName): Promise<Release> {
  return withTemplate(ledger, await findRelease(ledger, name));
}

/** The named release as it was recorded. Throws RELEASE_NOT_FOUND, also if it was never live. */
export async function findRelease({ aws, place, index }: Ledger, name: ReleaseName): Promise<Release> {
  if (name.kind === 'number') {
    const release = await getRelease(aws, place, name.number);
    if (release === undefined) throw notFound(name.number, place);
    if (release.status === 'succeeded') return release;
    throw new FxError('RELEASE_NOT_FOUND', `release ${name.number} failed, so it was never live`, {
      hint: 'fx releases shows which releases were live',
    });
  }
  for await (const release of eachRelease(aws, place, index)) {
    if (release.status === 'succeeded' && isNamed(release, name)) return release;
  }
  const what =
    name.kind === 'commit'
      ? `of "${place.environment}" was made from commit ${name.commit}`
      : `of "${place.environment}" was live at ${name.time.toISOString()}`;
  throw new FxError('RELEASE_NOT_FOUND', `no release ${what}`, { hint: 'fx releases lists them' });
}

function isNamed({ commit, time, ended }: Release, name: Exclude<ReleaseName, { kind: 'number' }>): boolean {
  if (name.kind === 'commit') return commit?.startsWith(name.commit.toLowerCase()) === true;
  return Date.parse(ended ?? time) <= name.time.getTime();
}

/** A release whose traffic alone was moved has the content of the release it restored. */
async function withTemplate(ledger: Ledger, release: Release): Promise<Release> {
  if (release.origin.kind === 'code') {
    throw new FxError(
      'RELEASE_NOT_FOUND',
      `release ${release.number} changed only code, which its stack does not have`,
      {
        hint: 'name the release before it, or deploy that source',
      },
    );
  }
  if (!isTrafficOnly(release)) return release;
  return findRelease(ledger, { kind: 'number', number: contentOf(release) });
}

/**
 * The target of a rollback without a name: the release that was live before the current content first was. Rolling back twice thus goes back
 * twice, and never forward to a bad release. After a rollback of some functions, or of traffic alone, it is the release that they
 * came from. `functions`: only releases count in which one of them had another version.
 */
export async function releaseBefore(
  ledger: Ledger,
  live: Release,
  functions?: readonly string[],
): Promise<Release | undefined> {
  const content = contentOf(live);
  if (functions === undefined && isPart(live)) return findRelease(ledger, { kind: 'number', number: content });
  for await (const release of eachRelease(ledger.aws, ledger.place, ledger.index)) {
    // its stack has other code than it had
    if (release.status !== 'succeeded' || release.origin.kind === 'code') continue;
    if (release.number >= content || contentOf(release) >= content) continue;
    if (functions === undefined || functions.some((name) => differs(release, live, name))) {
      return withTemplate(ledger, release);
    }
  }
  return undefined;
}

function differs(release: Release, live: Release, name: string): boolean {
  const [then, now] = [release.functions[name], live.functions[name]];
  return then !== undefined && then.versionId !== now?.versionId;
}

/** The number of the first release with this content; for a rollback of some functions, the release they came from. */
export function contentOf({ number, origin }: Pick<Change, 'number' | 'origin'>): number {
  return origin.kind === 'rollback' ? origin.of : number;
}

export function isTrafficOnly({ origin }: Pick<Change, 'origin'>): boolean {
  return origin.kind === 'rollback' && origin.trafficOnly === true;
}

/** Whether its functions answer with versions that its stack does not have. */
export function isOutsideStack(change: Pick<Change, 'origin'>): boolean {
  return isTrafficOnly(change) || change.origin.kind === 'code';
}

/** Whether it restored only a part of a release. */
export function isPart({ origin }: Pick<Change, 'origin'>): boolean {
  return origin.kind === 'rollback' && (origin.trafficOnly === true || origin.functions !== undefined);
}
