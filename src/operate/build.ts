// Builds every function and compiles the template, without a call to AWS.
import type { Artifact } from '../artifact/artifact.ts';
import { buildArtifacts } from '../artifact/build.ts';
import { unlessInterrupted } from '../base/interrupt.ts';
import type { Project } from '../project/project.ts';
import { type Compiled, compile } from '../template/compile.ts';
import type { Context } from './context.ts';

export interface Built {
  readonly artifacts: readonly Artifact[];
  readonly compiled: Compiled;
}

export async function build(project: Project, context: Pick<Context, 'report' | 'schemas' | 'signal'>): Promise<Built> {
  context.report({ kind: 'stage', text: 'Building' });
  const artifacts = await unlessInterrupted(buildArtifacts(project, context), context.signal);
  const compiled = compile(project, artifacts, context.schemas);
  return { artifacts, compiled };
}
