// Container images on the way to the repository of the account: which of them it lacks, and their push.
import type { BuiltImage, Image } from '../artifact/images/image.ts';
import { pushImages } from '../artifact/images/push.ts';
import type { Project } from '../project/project.ts';
import type { Context } from './context.ts';
import { heldRelease, type State } from './state.ts';

/** Whether fx builds an image for the project. */
export function buildsImages({ functions }: Project): boolean {
  return functions.some(({ image }) => image?.build !== undefined);
}

/** Images that the live release does not have, and the repository neither. */
export async function missingImages(
  images: readonly Image[],
  state: State,
  { aws }: Context,
): Promise<readonly Image[]> {
  const { repository } = state.stores ?? {};
  const live = new Set([...(heldRelease(state)?.recipe?.functions.values() ?? [])].map(({ imageTag }) => imageTag));
  const others = images.filter(({ tag }) => !live.has(tag));
  if (repository === undefined || others.length === 0) return others;
  const tags = others.map(({ tag }) => tag);
  const present = await aws.images.present(repository, tags);
  return others.filter(({ tag }) => !present.has(tag));
}

/** Pushes what `missingImages` found and the engine built. */
export async function uploadImages(images: readonly BuiltImage[], repository: string, context: Context): Promise<void> {
  if (images.length === 0) return;
  const { aws, report, signal } = context;
  report({ kind: 'stage', stage: 'uploading' });
  await pushImages(images, {
    login: await aws.images.login(),
    repository,
    signal,
    present: async (tag) => (await aws.images.present(repository, [tag])).has(tag),
    pushed: ({ image, bytes }) =>
      report({ kind: 'uploaded', name: `the image of ${image.functions.join(', ')}`, bytes }),
  });
}
