// Project → artifacts: each runtime family builds its functions at once; each result is loaded and checked.
import { FxError, type Problem } from '../base/error.ts';
import type { Project } from '../project/project.ts';
import { runtimeOf } from '../runtimes/index.ts';
import type { BuiltFunction, FunctionSource, Runtime } from '../runtimes/runtime.ts';
import { type Artifact, keyOf, manifestOf } from './artifact.ts';
import { type Checkable, checkFunctions } from './check.ts';
import { checkUnzipped } from './limits.ts';

/** Builds every function. Throws BUILD_FAILED or HANDLER_INVALID with all problems, or ARTIFACT_TOO_LARGE. */
export async function buildArtifacts(project: Project): Promise<readonly Artifact[]> {
  const groups = new Map<Runtime, FunctionSource[]>();
  for (const settings of project.functions) {
    const { name, handler, handlerAt, runtime: identifier } = settings;
    // a container image is built by something else
    if (handler === undefined) continue;
    const runtime = await runtimeOf(identifier);
    const literal = [...settings.variables].filter((entry): entry is [string, string] => typeof entry[1] === 'string');
    const source = { name, handler, handlerAt, runtime: identifier, variables: Object.fromEntries(literal) };
    groups.set(runtime, [...(groups.get(runtime) ?? []), source]);
  }
  const artifacts: Artifact[] = [];
  const problems: Problem[] = [];
  const built: Checkable[] = [];
  for (const [runtime, sources] of groups) {
    const result = await runtime.build(sources, project.folder);
    problems.push(...result.problems);
    if (result.problems.length > 0) continue;
    artifacts.push(...result.built.map(toArtifact));
    built.push(
      ...sources.flatMap((source) =>
        result.built.filter(({ name }) => name === source.name).map((made) => ({ runtime, source, built: made })),
      ),
    );
  }
  if (problems.length > 0) throw failed('BUILD_FAILED', 'the build failed', problems);
  const unloadable = await checkFunctions(project, built);
  if (unloadable.length > 0) throw failed('HANDLER_INVALID', 'a built function cannot run', unloadable);
  for (const artifact of artifacts) checkUnzipped(artifact);
  const order = project.functions.map(({ name }) => name);
  return artifacts.sort((a, b) => order.indexOf(a.functionName) - order.indexOf(b.functionName));
}

function failed(code: 'BUILD_FAILED' | 'HANDLER_INVALID', message: string, problems: readonly Problem[]): FxError {
  return new FxError(code, message, { problems });
}

function toArtifact(built: BuiltFunction): Artifact {
  const manifest = manifestOf(built.files);
  return {
    functionName: built.name,
    key: keyOf(manifest),
    manifest,
    files: built.files,
    handler: built.handler,
    variables: built.variables,
    unzippedSize: manifest.reduce((sum, entry) => sum + entry.size, 0),
  };
}
