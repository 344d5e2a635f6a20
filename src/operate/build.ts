// Builds every function and compiles the template, without a call to AWS.
import type { Artifact } from '../artifact/artifact.ts';
import { buildArtifacts } from '../artifact/build.ts';
import { sha256 } from '../base/hash.ts';
import { canonicalJson } from '../cfn/resource.ts';
import type { Project } from '../project/project.ts';
import { type Compiled, compile } from '../template/compile.ts';
import type { Context } from './context.ts';

export interface Built {
  readonly artifacts: readonly Artifact[];
  readonly compiled: Compiled;
  /** Equal for equal templates. */
  readonly templateHash: string;
}

export async function build(project: Project, context: Pick<Context, 'report' | 'schemas'>): Promise<Built> {
  context.report({ kind: 'stage', text: 'Building' });
  const artifacts = await buildArtifacts(project);
  for (const { functionName, unzippedSize, key } of artifacts) {
    context.report({ kind: 'built', functionName, bytes: unzippedSize, key });
  }
  const compiled = compile(project, artifacts, context.schemas);
  return { artifacts, compiled, templateHash: sha256(canonicalJson(compiled.template)) };
}
