// Checks the code of functions whose artifact is an S3 object, as the build checks a file. Only a deploy can read it.
import { manifestOf } from '../artifact/artifact.ts';
import { toSource } from '../artifact/build.ts';
import { inspect } from '../artifact/inspect.ts';
import { FxError, type Problem } from '../base/error.ts';
import { zipEntries } from '../base/zip-entries.ts';
import type { Code, Recipe, S3Object } from '../cfn/recipe.ts';
import type { Project } from '../project/project.ts';
import { prebuiltProblems } from '../runtimes/prebuilt-check.ts';
import type { ArtifactFile } from '../runtimes/runtime.ts';
import { type Context, eachFunction } from './context.ts';

/** Throws BUILD_FAILED with all problems. Skips what the live release already uses, and what these credentials may not read. */
export async function checkStoredArtifacts(
  project: Project,
  { wanted, live }: { readonly wanted: Recipe; readonly live: Recipe | undefined },
  context: Context,
): Promise<void> {
  const fresh = project.functions.filter(({ name }) => {
    const code = wanted.functions.get(name);
    return code?.object !== undefined && !isSame(code, live?.functions.get(name));
  });
  const problems = await eachFunction(fresh, async (settings): Promise<readonly Problem[]> => {
    const source = toSource(settings, project);
    const object = wanted.functions.get(settings.name)?.object;
    const zip = object === undefined ? 'unreadable' : await read(object, context);
    if (zip === 'unreadable') return [];
    const at = source.artifactAt ?? source.at;
    const about = `the artifact of "${source.name}"`;
    if (zip === undefined) return [{ at, message: `${about} does not exist: ${source.packaging.artifact}` }];
    const files = await filesOf(zip).catch((error: Error) => error);
    if (files instanceof Error) return [{ at, message: `${about} is not a readable zip: ${files.message}` }];
    const found = await prebuiltProblems(source, 'zip', files);
    return [
      ...found,
      ...inspect(
        source,
        {},
        manifestOf(files, () => undefined),
      ),
    ];
  });
  if (problems.flat().length > 0)
    throw new FxError('BUILD_FAILED', 'an artifact in S3 cannot run on Lambda', { problems: problems.flat() });
}

const isSame = (one: Code, other: Code | undefined) => one.key === other?.key && one.handler === other.handler;

async function read({ bucket, key, version }: S3Object, { aws }: Context): Promise<Buffer | undefined | 'unreadable'> {
  try {
    return await aws.objects.get(bucket, key, version);
  } catch (error) {
    // Lambda may read what this caller may not: a bucket of another account, or one behind a policy
    if (error instanceof FxError && error.code === 'AWS_REFUSED') return 'unreadable';
    throw error;
  }
}

/** With the content of what the checks read. */
async function filesOf(zip: Buffer): Promise<readonly ArtifactFile[]> {
  const files: ArtifactFile[] = [];
  for await (const { name, isFolder, content } of zipEntries(zip)) {
    if (isFolder) continue;
    const bytes = name === 'bootstrap' || name.endsWith('.jar') ? await bytesOf(await content()) : new Uint8Array();
    files.push({ path: name, content: { bytes }, from: [] });
  }
  return files;
}

async function bytesOf(stream: NodeJS.ReadableStream): Promise<Buffer> {
  const chunks: Buffer[] = [];
  for await (const chunk of stream) chunks.push(Buffer.from(chunk));
  return Buffer.concat(chunks);
}
