// Projects with one function, and small packages that are installed in them.
import { answerOf, artifactIn } from './artifacts.ts';
import type { Files } from './project.ts';

/** A project.yml with a function `a` with these settings. */
export const one = (settings: string): string =>
  `name: s\ndefaults: {architecture: x86_64, runtime: nodejs20.x}\nfunctions:\n  a: {handler: a.handler, ${settings}}\n`;
export const plain: string = one('memory: 128');

/** A package under node_modules. */
export const installed = (name: string, files: Files, manifest: object = {}): Files => ({
  [`node_modules/${name}/package.json`]: JSON.stringify({ name, version: '1.0.0', ...manifest }),
  ...Object.fromEntries(Object.entries(files).map(([path, text]) => [`node_modules/${name}/${path}`, text])),
});

export const uses = (name: string): string =>
  `import * as all from '${name}'; export const handler = async () => (all.default ?? all)();`;

/** Whether the only function packs the package, and why. */
export const reasonIn = async (
  folder: string,
  name: string,
): Promise<{ readonly answer: unknown; readonly reason: string | undefined }> => {
  const artifact = await artifactIn(folder);
  const entry = artifact.manifest.find(({ path }) => path === `node_modules/${name}/package.json`);
  return { answer: answerOf(artifact), reason: entry?.from.at(-1) };
};
