// fx build
import { copyFile, mkdir, rm, writeFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import type { Artifact, PackedEntry } from '../../artifact/artifact.ts';
import type { BuiltImage } from '../../artifact/images/image.ts';
import { largestGroups, megabytes, showGroup } from '../../artifact/limits.ts';
import { FxError } from '../../base/error.ts';
import { shortList } from '../../base/short-list.ts';
import { nearest } from '../../base/suggest.ts';
import type { DecidedPackage } from '../../runtimes/runtime.ts';
import { loadSchemas } from '../../session/schemas.ts';
import { command, type Invocation, type NoArguments, type NoOptions } from '../command.ts';
import type { Outputs, PackageUse } from '../outputs.ts';
import { openProject } from '../session.ts';
import { workspaceOption } from '../workspace/options.ts';

const shownGroups = 10;
const shownPaths = 20;

export const build = command({
  output: 'build',
  needs: 'project',
  inEachProject: { order: 'any', ofOne: ['output', 'why'], notDeployed: () => 0 },
  options: {
    output: {
      kind: 'text',
      short: 'o',
      value: 'folder',
      about: 'write the zips and template.json there; layers go to layers/',
    },
    why: {
      kind: 'text',
      value: 'path|package',
      about: 'show the sources of a file, or whether and why a package was packed as installed',
    },
    size: { kind: 'flag', about: 'list the largest parts of each artifact' },
    ...workspaceOption,
  },
  examples: [
    ['fx build', 'Build, and list the artifacts'],
    ['fx build --output dist', 'Keep the zips and the template'],
    ['fx build --why src/orders.mjs', 'The source files of one built file'],
    ['fx build --why pino', 'Whether a package is bundled or packed as installed, and why'],
    ['fx build --size', 'What takes up space in each artifact'],
  ],
  async run(invocation) {
    const { report, signal } = invocation;
    const project = await openProject(invocation);
    const operate = await import('../../operate/build.ts');
    const { output, why, size } = invocation.options;
    const decided = new Map<string, readonly DecidedPackage[]>();
    const context = { report, signal, schemas: loadSchemas() };
    const asked =
      why === undefined
        ? {}
        : { decided: (name: string, all: readonly DecidedPackage[]) => void decided.set(name, all) };
    const { artifacts, layers, images, compiled } = await operate
      .build(project, { ...context, ...asked })
      .catch((error) => {
        if (why !== undefined) explainDecided(invocation, decided, why);
        throw error;
      });
    if (why !== undefined) return explain(invocation, artifacts, why);
    if (size) return showSizes(invocation, artifacts, images);
    if (output !== undefined) {
      const folder = resolve(invocation.io.workingFolder, output);
      await writeZips(folder, artifacts);
      if (layers.length > 0) await writeZips(join(folder, 'layers'), layers);
      await writeFile(join(folder, 'template.json'), `${JSON.stringify(compiled.stacks.root.template, null, 2)}\n`);
      const zips = [...artifacts, ...layers].filter(({ zip }) => zip !== undefined).length;
      invocation.print(`Wrote ${zips} ${zips === 1 ? 'zip' : 'zips'} and template.json to ${output}.`);
    } else {
      const rows = artifacts.map(
        (artifact) =>
          `${artifact.name}  ${artifact.image?.localName ?? artifact.code.handler}  ${megabytes(bytesOf(artifact, images))}  ${artifact.code.key.slice(0, 12)}`,
      );
      invocation.print(rows.join('\n'));
    }
    invocation.result(
      artifacts.map((artifact) => ({
        functionName: artifact.name,
        handler: artifact.code.handler,
        key: artifact.code.key,
        unzippedSize: bytesOf(artifact, images),
        ...(artifact.image === undefined ? {} : { image: artifact.image.localName }),
        files: artifact.manifest.map(({ path, mode, sha256, size: bytes }) => ({ path, mode, sha256, size: bytes })),
      })),
    );
    return 0;
  },
});

type Built = Pick<Invocation<'project', NoArguments, NoOptions, Outputs['build']>, 'print' | 'result'>;

/** An image has its size in the engine. */
function bytesOf({ unzippedSize, image }: Artifact, images: readonly BuiltImage[]): number {
  return images.find((built) => built.image === image)?.bytes ?? unzippedSize;
}

/** One zip per function, by its name. Deletes the earlier zip of a function without one, such as an image. */
async function writeZips(folder: string, artifacts: readonly Artifact[]): Promise<void> {
  await mkdir(folder, { recursive: true });
  for (const { name, zip } of artifacts) {
    const target = join(folder, `${name}.zip`);
    if (zip !== undefined) await copyFile(zip.file, target);
    else await rm(target, { force: true });
  }
}

function explain(invocation: Built, artifacts: readonly Artifact[], path: string): 0 {
  const matches = artifacts.flatMap(({ name, manifest }) =>
    manifest.filter((entry) => entry.path === path).map((entry) => ({ name, entry })),
  );
  if (matches.length === 0) return explainPackage(invocation, artifacts, path);
  const unique = new Map(matches.map(({ entry }) => [entry.sha256, entry]));
  for (const entry of unique.values()) {
    const users = matches.filter((match) => match.entry.sha256 === entry.sha256).map(({ name }) => name);
    invocation.print(`${path}, ${megabytes(entry.size)}, in ${users.join(', ')}, was built from\n${listed(entry)}`);
  }
  invocation.result({ path, from: matches[0]?.entry.from ?? [] });
  return 0;
}

/** A package is bundled, packed as installed, or both, if another package needs it as installed. */
function explainPackage(invocation: Built, artifacts: readonly Artifact[], name: string): 0 {
  const found = artifacts.flatMap((artifact) => packageUses(artifact, name));
  if (found.length === 0) throw unknownPath(artifacts, name);
  const lines = found.map(({ functionName, how, size, why }) => {
    const head = `${name} is ${how} in ${functionName}${size === undefined ? '' : `, ${megabytes(size)}`}`;
    return [head, ...why.map((reason) => `  ${reason}`)].join('\n');
  });
  invocation.print(lines.join('\n'));
  invocation.result({ package: name, uses: found });
  return 0;
}

/** What is known of a package although the build failed. */
function explainDecided(
  invocation: Invocation,
  decided: ReadonlyMap<string, readonly DecidedPackage[]>,
  name: string,
): void {
  for (const [functionName, packages] of decided) {
    const found = packages.find((one) => one.name === name);
    if (found === undefined) continue;
    const how = found.reason === undefined ? 'bundled' : 'packed as installed';
    invocation.print(
      [`${name} is ${how} in ${functionName}`, ...(found.reason === undefined ? [] : [`  ${found.reason}`])].join('\n'),
    );
  }
}

function packageUses({ name: functionName, manifest }: Artifact, name: string): readonly PackageUse[] {
  const inside = `node_modules/${name}/`;
  const packed = manifest.filter(({ path }) => path.startsWith(inside) || path.includes(`/${inside}`));
  const bundled = manifest.filter((entry) => !packed.includes(entry) && entry.from.some((one) => one.includes(inside)));
  const uses: PackageUse[] = [];
  if (packed.length > 0) {
    const notes = packed.flatMap(({ path, from }) => (path.endsWith(`${inside}package.json`) ? from.slice(1) : []));
    const size = packed.reduce((sum, entry) => sum + entry.size, 0);
    uses.push({ functionName, how: 'packed as installed', size, why: [...new Set(notes)] });
  }
  if (bundled.length > 0) {
    const modules = new Set(bundled.flatMap(({ from }) => from.filter((one) => one.includes(inside))));
    const files = `${modules.size} ${modules.size === 1 ? 'module' : 'modules'}`;
    uses.push({ functionName, how: 'bundled', size: undefined, why: [`${files} in ${bundled[0]?.path}`] });
  }
  return uses;
}

const listed = ({ from }: PackedEntry) => from.map((source) => `  ${source}`).join('\n');

function unknownPath(artifacts: readonly Artifact[], path: string): FxError {
  const paths = [...new Set(artifacts.flatMap(({ manifest }) => manifest.map((entry) => entry.path)))];
  const suggestion = nearest(path, paths.slice(0, 5_000));
  const list = `the files are ${shortList(paths, shownPaths)}`;
  return new FxError('USAGE', `no artifact contains the file or package "${path}"`, {
    hint: suggestion === undefined ? list : `did you mean "${suggestion}"?`,
  });
}

function showSizes(invocation: Built, artifacts: readonly Artifact[], images: readonly BuiltImage[]): 0 {
  const result = artifacts.map((artifact) => {
    const { name, zip, manifest, image } = artifact;
    const unzippedSize = bytesOf(artifact, images);
    const groups = largestGroups(manifest);
    invocation.print(
      [
        `${name}  ${megabytes(unzippedSize)} in ${image === undefined ? `${manifest.length} files` : image.localName}${zip === undefined ? '' : `, ${megabytes(zip.size)} zipped`}`,
        ...groups.slice(0, shownGroups).map((group) => `  ${showGroup(group)}`),
        ...(groups.length > shownGroups ? [`  and ${groups.length - shownGroups} more`] : []),
      ].join('\n'),
    );
    return { functionName: name, unzippedSize, zippedSize: zip?.size, largest: groups.slice(0, shownGroups) };
  });
  invocation.result(result);
  return 0;
}
