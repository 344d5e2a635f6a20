// fx releases: the ledger of an environment, newest first.
import type { Project } from '../project/project.ts';
import { liveRelease, type Release, readReleases } from '../release/ledger.ts';
import { findBucket } from '../stack/bootstrap.ts';
import { type Context, identify, ledgerPlace } from './context.ts';

export interface ListedRelease extends Release {
  readonly live: boolean;
}

export async function releases(project: Project, most: number, context: Context): Promise<readonly ListedRelease[]> {
  await identify(project, context);
  const bucket = await findBucket(context.aws);
  if (bucket === undefined) return [];
  const found = await readReleases(context.aws, ledgerPlace(project, bucket), most);
  const stack = await context.aws.stacks.describe(project.stackName);
  const live = stack === undefined ? undefined : liveRelease(found);
  return found.map((release) => ({ ...release, live: release.number === live?.number }));
}
