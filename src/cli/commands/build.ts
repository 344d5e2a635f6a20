// fx build
import { mkdir, writeFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { megabytes } from '../../artifact/limits.ts';
import { FxError } from '../../base/error.ts';
import type { Command } from '../command.ts';
import { loadSchemas, openProject } from '../session.ts';

export const build: Command = {
  name: 'build',
  summary: 'Build every function and the template, and show or keep what was made',
  project: 'whole',
  options: [
    { flags: '-o, --output <folder>', about: 'write the zips and template.json there' },
    { flags: '--why <path>', about: 'say why a file of an artifact is in it' },
  ],
  examples: [
    ['fx build', 'Build, and list the artifacts'],
    ['fx build --output dist', 'Keep the zips and the template'],
    ['fx build --why src/orders.mjs', 'The source files that one built file was made of'],
  ],
  async run(invocation) {
    const { report, signal } = invocation;
    const project = await openProject(invocation);
    const operate = await import('../../operate/build.ts');
    const { artifacts, compiled } = await operate.build(project, { report, signal, schemas: loadSchemas() });
    const { output, why } = invocation.own;
    if (typeof why === 'string') {
      const found = artifacts.flatMap(({ files }) => files).find(({ path }) => path === why);
      if (found === undefined) {
        const paths = artifacts.flatMap(({ files }) => files.map(({ path }) => path));
        throw new FxError('USAGE', `no artifact has a file ${why}`, {
          hint: `the files are ${[...new Set(paths)].join(', ')}`,
        });
      }
      invocation.print(`${found.path} was made of\n${found.from.map((path) => `  ${path}`).join('\n')}`);
      invocation.result({ path: found.path, from: found.from });
      return 0;
    }
    if (typeof output === 'string') {
      const { zip } = await import('../../artifact/zip.ts');
      const folder = resolve(invocation.io.workingFolder, output);
      await mkdir(folder, { recursive: true });
      for (const artifact of artifacts)
        await writeFile(join(folder, `${artifact.functionName}.zip`), await zip(artifact));
      await writeFile(join(folder, 'template.json'), `${JSON.stringify(compiled.template, null, 2)}\n`);
      invocation.print(`${artifacts.length} zips and template.json are in ${output}`);
    } else {
      const rows = artifacts.map(
        (artifact) =>
          `${artifact.functionName}  ${artifact.handler}  ${megabytes(artifact.unzippedSize)}  ${artifact.key.slice(0, 12)}`,
      );
      invocation.print(rows.join('\n'));
    }
    invocation.result(
      artifacts.map(({ functionName, handler, key, unzippedSize, manifest }) => ({
        functionName,
        handler,
        key,
        unzippedSize,
        files: manifest,
      })),
    );
    return 0;
  },
};
