// The ledger of releases: append-only objects in the bucket, one a release, numbered, each with all that rollback needs.
import type { Aws } from '../aws/aws.ts';
import { FxError } from '../base/error.ts';

export interface Release {
  readonly number: number;
  readonly status: 'succeeded' | 'failed';
  /** ISO 8601. */
  readonly time: string;
  readonly who: string;
  /** The git commit, with `+` where the checkout had changes; undefined outside git. */
  readonly commit: string | undefined;
  /** The release whose content this one brought back. */
  readonly rollbackOf: number | undefined;
  /** Why it failed. */
  readonly cause: string | undefined;
  /** The template's text as it was sent. */
  readonly template: string;
  readonly tags: Readonly<Record<string, string>>;
  /** By function: its physical name, its artifact's key, and the version that the live alias pointed to. */
  readonly functions: Readonly<Record<string, ReleasedFunction>>;
}

export interface ReleasedFunction {
  readonly physicalName: string;
  readonly artifact: string;
  readonly version: string;
}

export interface LedgerPlace {
  readonly bucket: string;
  readonly project: string;
  readonly environment: string;
}

export const environmentPrefix = (place: LedgerPlace): string => `${place.project}/environments/${place.environment}/`;
const releaseKey = (place: LedgerPlace, number: number): string =>
  `${environmentPrefix(place)}releases/${String(number).padStart(8, '0')}.json`;

/** Oldest first. */
export async function releaseNumbers(aws: Aws, place: LedgerPlace): Promise<readonly number[]> {
  const objects = await aws.objects.list(place.bucket, `${environmentPrefix(place)}releases/`);
  return objects.map(({ key }) => Number(/(\d+)\.json$/.exec(key)?.[1])).sort((a, b) => a - b);
}

export async function readRelease(aws: Aws, place: LedgerPlace, number: number): Promise<Release | undefined> {
  const body = await aws.objects.get(place.bucket, releaseKey(place, number));
  return body === undefined ? undefined : (JSON.parse(body.toString('utf8')) as Release);
}

/** The newest releases, newest first. */
export async function readReleases(aws: Aws, place: LedgerPlace, most: number): Promise<readonly Release[]> {
  const numbers = (await releaseNumbers(aws, place)).slice(-most).reverse();
  const releases = await Promise.all(numbers.map((number) => readRelease(aws, place, number)));
  return releases.filter((release) => release !== undefined);
}

/** The release that is live: the newest that succeeded. */
export async function readLiveRelease(aws: Aws, place: LedgerPlace): Promise<Release | undefined> {
  for (const number of [...(await releaseNumbers(aws, place))].reverse()) {
    const release = await readRelease(aws, place, number);
    if (release?.status === 'succeeded') return release;
  }
  return undefined;
}

/** Adds a release under the next free number. Two writers never get the same: the object must be new. */
export async function writeRelease(aws: Aws, place: LedgerPlace, release: Omit<Release, 'number'>): Promise<Release> {
  const numbers = await releaseNumbers(aws, place);
  for (let number = (numbers.at(-1) ?? 0) + 1; ; number++) {
    const numbered: Release = { number, ...release };
    const body = Buffer.from(JSON.stringify(numbered));
    if (await aws.objects.putNew(place.bucket, releaseKey(place, number), body, 'application/json')) return numbered;
  }
}

/** The live one of releases, newest first. */
export function liveRelease(releases: readonly Release[]): Release | undefined {
  return releases.find(({ status }) => status === 'succeeded');
}

/** What a rollback without a number goes to: the release that was live before the one whose content is live now.
 * Rolling back twice thus goes back twice, and never forward to what was bad. */
export function previousRelease(releases: readonly Release[]): Release | undefined {
  const live = liveRelease(releases);
  if (live === undefined) return undefined;
  const origin = live.rollbackOf ?? live.number;
  return releases.find(
    ({ status, number, rollbackOf }) => status === 'succeeded' && number < origin && (rollbackOf ?? number) < origin,
  );
}

export function notFound(wanted: number | string, place: LedgerPlace): FxError {
  return new FxError('RELEASE_NOT_FOUND', `there is no release ${wanted} of "${place.environment}"`, {
    hint: 'fx releases lists them',
  });
}
