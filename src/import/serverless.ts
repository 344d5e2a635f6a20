// The Serverless Framework, versions 1 to 4, and its open fork osls.
import type { LocatedMap } from '../base/located.ts';
import type { ConvertOptions, Peer } from './peer.ts';
import { convertService } from './serverless/convert.ts';
import { fileNames, readService } from './serverless/read.ts';
import { otherStages } from './serverless/stage-names.ts';
import { addStage, environmentNameOf } from './stages.ts';

export const serverless: Peer = {
  title: 'the Serverless Framework',
  files: fileNames,
  async convert({ source, shownFrom, stage, further, variables, adopting }: ConvertOptions) {
    const read = (name: string) => readService(source.file, { shownFrom, stage: name, variables });
    const root = (await read(stage ?? 'dev')) as LocatedMap;
    const world = { root, folder: source.folder, shownFrom, stage, options: {}, variables, adopting };
    const first = await convertService(world);
    const { draft } = first;
    const name = environmentNameOf(first.stage);
    const stacks = new Map([[name, first.stack]]);
    if (name !== 'local') draft.merge(['environments', name], {});
    const others = new Set([...otherStages(root, source.folder, first.stage), ...further]);
    others.delete(first.stage);
    for (const other of others) {
      const next = await convertService({ ...world, root: (await read(other)) as LocatedMap, stage: other });
      addStage(draft, environmentNameOf(other), next.draft);
      stacks.set(environmentNameOf(other), next.stack);
    }
    for (const each of [first.stage, ...further]) {
      const own = environmentNameOf(each);
      if (own !== each)
        draft.changed({ path: 'provider.stage', at: root.at }, `the stage "${each}" is the environment "${own}"`);
    }
    return { draft, stage: name, stacks };
  },
};
