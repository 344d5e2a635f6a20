// Versions that were published and never became a release. They must go: Lambda publishes nothing for code and configuration that equal the
// newest version's, so CloudFormation would fail when the same function is deployed again.
// https://docs.aws.amazon.com/lambda/latest/api/API_PublishVersion.html
import type { StackEvent } from '../aws/aws.ts';
import { eachRelease } from '../release/ledger.ts';
import { type Context, eachFunction } from './context.ts';
import { type ChangeableState, heldRelease } from './state.ts';

export interface PublishedVersion {
  /** Its name in AWS. */
  readonly functionName: string;
  readonly version: string;
}

export async function deleteVersions(versions: readonly PublishedVersion[], { aws }: Context): Promise<void> {
  await eachFunction(versions, (version) => aws.functions.deleteVersion(version));
}

/** Deletes the versions that left the stack and that no release has. Only a gradual deploy that was stopped leaves such versions: then no
 * release matches the stack as it was. `state` is from before the change. */
export async function deleteUnreleased(
  state: ChangeableState,
  left: readonly Pick<StackEvent, 'type' | 'physicalId'>[],
  context: Context,
): Promise<void> {
  const versions = left.flatMap(({ type, physicalId }) => {
    const [, functionName, version] = /:function:([^:]+):(\d+)$/.exec(physicalId ?? '') ?? [];
    const isVersion = type === 'AWS::Lambda::Version' && functionName !== undefined && version !== undefined;
    return isVersion ? [{ functionName, version }] : [];
  });
  if (versions.length === 0 || state.live === undefined || heldRelease(state) !== undefined) return;
  const released = new Set<string>();
  for await (const { status, functions } of eachRelease(context.aws, state.place, state.index)) {
    if (status !== 'succeeded') continue;
    for (const { physicalName, version } of Object.values(functions)) released.add(`${physicalName}:${version}`);
  }
  const unreleased = versions.filter(({ functionName, version }) => !released.has(`${functionName}:${version}`));
  await deleteVersions(unreleased, context);
}
