// The names in project.yml and fx.workspace.yml that a shell completes.
import { resolve } from 'node:path';
import { FxError } from '../base/error.ts';
import type { Named } from './command.ts';
import type { Candidate, CompletedOptions } from './complete.ts';
import type { Io } from './io.ts';

/** Reads the file only: a Tab key must start nothing, and call nothing. */
export async function namesIn(
  named: Named,
  { folder, config }: CompletedOptions,
  { io, version }: { readonly io: Io; readonly version: string },
): Promise<readonly Candidate[]> {
  const [{ findProject }, { loadEnvironment }, { listEnvironments }, { localEnvironment }, workspaces] =
    await Promise.all([
      import('../project/find.ts'),
      import('../project/load.ts'),
      import('../project/sources.ts'),
      import('../project/environment.ts'),
      import('../project/workspace/workspace.ts'),
    ]);
  const start = resolve(io.workingFolder, folder);
  const projectFile = config === undefined ? undefined : resolve(io.workingFolder, config);
  const reading = { shownFrom: io.workingFolder, environment: localEnvironment, variables: io.variables };
  try {
    if (named === 'project') {
      const place = await workspaces.findWorkspace(start);
      if (place === undefined) return [];
      const { projects } = await workspaces.readWorkspace(place, io.workingFolder);
      return projects.map(({ name }) => ({ word: name, about: '' }));
    }
    const file = await findProject(start, projectFile);
    if (named === 'environment') {
      return (await listEnvironments(file, reading)).map((word) => ({ word, about: '' }));
    }
    const { environment } = await loadEnvironment({
      folder: start,
      ...(projectFile === undefined ? {} : { file: projectFile }),
      ...reading,
      version,
      connect: async () => {
        throw new FxError('USAGE', 'names are completed without AWS');
      },
    });
    return environment.functions.map(({ name }) => ({ word: name, about: '' }));
  } catch (error) {
    // without a project, or with a broken one, there is nothing to offer
    if (error instanceof FxError) return [];
    throw error;
  }
}
