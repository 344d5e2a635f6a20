// The ledger of an environment: append-only objects in the bucket. Before anything moves, fx writes the change under the next free
// number; when it ends, the release under the same number. Templates are objects named by hash.
import type { Aws } from '../aws/aws.ts';
import { FxError } from '../base/error.ts';
import { parseStackTemplate, type StackTemplate } from '../template/stack-set.ts';
import { type Change, type Release, readChange, readRelease, recordText, type TemplateReference } from './record.ts';

export interface LedgerPlace {
  readonly bucket: string;
  readonly project: string;
  readonly environment: string;
}

export const environmentPrefix = (place: LedgerPlace): string => `${place.project}/environments/${place.environment}/`;
const numbered = (place: LedgerPlace, folder: string, number: number): string =>
  `${environmentPrefix(place)}${folder}/${String(number).padStart(8, '0')}.json`;
const releaseKey = (place: LedgerPlace, number: number): string => numbered(place, 'releases', number);
const changeKey = (place: LedgerPlace, number: number): string => numbered(place, 'changes', number);
export const templateKey = (project: string, hash: string): string => `${project}/templates/${hash}.json`;

/** The numbers in the ledger, oldest first. */
export interface LedgerIndex {
  readonly releases: readonly number[];
  /** Changes without a release: in progress, or interrupted. */
  readonly unfinished: readonly number[];
}

/** One call for up to a thousand releases. */
export async function readIndex(aws: Aws, place: LedgerPlace): Promise<LedgerIndex> {
  const objects = await aws.objects.list(place.bucket, environmentPrefix(place));
  const numbersIn = (folder: string) =>
    objects
      .flatMap(({ key }) => {
        const [, parent, number] = /\/([a-z]+)\/(\d+)\.json$/.exec(key) ?? [];
        return parent === folder ? [Number(number)] : [];
      })
      .sort((a, b) => a - b);
  const releases = numbersIn('releases');
  const ended = new Set(releases);
  return { releases, unfinished: numbersIn('changes').filter((number) => !ended.has(number)) };
}

export async function getRelease(aws: Aws, place: LedgerPlace, number: number): Promise<Release | undefined> {
  const key = releaseKey(place, number);
  const body = await aws.objects.get(place.bucket, key);
  return body === undefined ? undefined : readRelease(body, key);
}

export async function getChange(aws: Aws, place: LedgerPlace, number: number): Promise<Change | undefined> {
  const key = changeKey(place, number);
  const body = await aws.objects.get(place.bucket, key);
  return body === undefined ? undefined : readChange(body, key);
}

const batch = 8;

/** All releases, newest first, read a few at a time. */
export async function* eachRelease(aws: Aws, place: LedgerPlace, index: LedgerIndex): AsyncGenerator<Release> {
  for (let end = index.releases.length; end > 0; end -= batch) {
    const numbers = index.releases.slice(Math.max(0, end - batch), end).reverse();
    for (const release of await Promise.all(numbers.map((number) => getRelease(aws, place, number)))) {
      if (release !== undefined) yield release;
    }
  }
}

/** The newest releases, newest first. Does not read their templates. */
export async function getReleases(
  aws: Aws,
  place: LedgerPlace,
  index: LedgerIndex,
  most: number,
): Promise<readonly Release[]> {
  const numbers = index.releases.slice(-most).reverse();
  const releases = await Promise.all(numbers.map((number) => getRelease(aws, place, number)));
  return releases.filter((release) => release !== undefined);
}

/** The newest release that succeeded. */
export async function getNewestSucceeded(
  aws: Aws,
  place: LedgerPlace,
  index: LedgerIndex,
): Promise<Release | undefined> {
  for (const number of [...index.releases].reverse()) {
    const release = await getRelease(aws, place, number);
    if (release?.status === 'succeeded') return release;
  }
  return undefined;
}

/** Writes an intended change under the next number. Throws BUSY if another change has that number: the object must be new. */
export async function writeChange(
  aws: Aws,
  place: LedgerPlace,
  { releases, unfinished }: LedgerIndex,
  change: Omit<Change, 'number'>,
): Promise<Change> {
  const number = Math.max(releases.at(-1) ?? 0, unfinished.at(-1) ?? 0) + 1;
  const written: Change = { number, ...change };
  if (await putNew(aws, place, changeKey(place, number), recordText(written))) return written;
  throw new FxError('BUSY', `another change of "${place.environment}" has begun since this one compared with it`, {
    hint: 'run the same command again: it waits for the change in progress, and compares again',
  });
}

/** Writes the outcome of a change. The command that made the change has the last word: another may have recorded it as interrupted. */
export async function writeRelease(aws: Aws, place: LedgerPlace, release: Release): Promise<Release> {
  const key = releaseKey(place, release.number);
  const text = recordText(release);
  if (await putNew(aws, place, key, text)) return release;
  const other = await getRelease(aws, place, release.number);
  if (release.interrupted && other !== undefined) return other;
  await aws.objects.put(place.bucket, key, Buffer.from(text), 'application/json');
  return release;
}

function putNew(aws: Aws, place: LedgerPlace, key: string, text: string): Promise<boolean> {
  return aws.objects.putNew(place.bucket, key, Buffer.from(text), 'application/json');
}

/** Makes sure that the bucket contains the template. */
export async function storeTemplate(aws: Aws, place: LedgerPlace, { hash, text }: StackTemplate): Promise<void> {
  const key = templateKey(place.project, hash);
  if (await aws.objects.has(place.bucket, key)) return;
  await aws.objects.put(place.bucket, key, Buffer.from(text), 'application/json');
}

export function referenceTo({ hash, text }: StackTemplate): TemplateReference {
  return { hash, size: Buffer.byteLength(text) };
}

export async function readTemplate(
  aws: Aws,
  place: LedgerPlace,
  { number, template }: Pick<Change, 'number' | 'template'>,
): Promise<StackTemplate> {
  if (template.inline !== undefined) return parseStackTemplate(template.inline);
  const body = await aws.objects.get(place.bucket, templateKey(place.project, template.hash));
  if (body !== undefined) return parseStackTemplate(body.toString('utf8'));
  throw new FxError('RELEASE_UNREADABLE', `the template of release ${number} is not in the bucket`, {
    hint: 'fx keeps what the last good releases need (`keep` in project.yml); the bucket still has earlier versions of its objects',
  });
}

export function notFound(number: number, place: LedgerPlace): FxError {
  return new FxError('RELEASE_NOT_FOUND', `there is no release ${number} of "${place.environment}"`, {
    hint: 'fx releases lists them',
  });
}
