// One process of bench/load.mjs, bundled as fx is: loads the project in the current folder with fx, or only parses its
// file with the yaml package. With a number of rounds, it alternates both and prints the median milliseconds of each.
import { readFile } from 'node:fs/promises';

const [, , subject, rounds = '1'] = process.argv;

async function byFx() {
  const { loadProject } = await import('../src/project/load.ts');
  const folder = process.cwd();
  return loadProject({ folder, environment: 'prod', variables: {}, shownFrom: folder, today: new Date() });
}

async function byYaml() {
  // a bundled CommonJS package, loaded lazily, has only a default export
  const { parseDocument } = (await import('yaml')).default;
  const { intrinsicTags } = await import('../src/cfn/intrinsic-tags.ts');
  return parseDocument(await readFile('project.yml', 'utf8'), { customTags: [...intrinsicTags] }).toJS();
}

if (subject === 'fx') await byFx();
else if (subject === 'yaml') await byYaml();
else {
  const { inTurn } = await import('./measure.mjs');
  const timed = (load) => async () => {
    const began = performance.now();
    await load();
    return performance.now() - began;
  };
  console.log(JSON.stringify(await inTurn(Number(rounds), { fx: timed(byFx), yaml: timed(byYaml) })));
}
