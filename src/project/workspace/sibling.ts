// The outputs of another project of the workspace, for the lookups of a project that depends on it.
import type { Environment } from '../environment.ts';
import type { Sibling } from '../lookups/source.ts';
import { findWorkspace, readWholeWorkspace } from './workspace.ts';

export interface SiblingOptions {
  /** The folder of the project with the lookup. */
  readonly folder: string;
  /** The region of its environment. */
  readonly region: string;
  readonly shownFrom: string;
  /** The region that overrides that of every project, if one does. */
  readonly override: string | undefined;
  /** The environment of a project's folder, as its own files define it, with the names under `outputs`. */
  load(folder: string): Promise<{ readonly environment: Environment; readonly outputs: readonly string[] }>;
  /** The outputs of its stack in a region; undefined if it is not deployed there. */
  outputs(environment: Environment, region: string): Promise<Readonly<Record<string, string>> | undefined>;
}

/** `region` names one of several regions. Throws PROJECT_INVALID if the workspace file has problems. */
export async function findSibling(name: string, region: string, options: SiblingOptions): Promise<Sibling> {
  const { shownFrom, override } = options;
  const root = await findWorkspace(options.folder);
  if (root === undefined) return { kind: 'no-workspace' };
  const { file, projects } = await readWholeWorkspace(root, shownFrom);
  const own = projects.find(({ folder }) => folder === options.folder);
  if (own === undefined) return { kind: 'unlisted', file };
  const sibling = projects.find((project) => project.name === name);
  const names = projects.flatMap((project) => (project === own ? [] : [project.name]));
  if (sibling === undefined) return { kind: 'unknown', file, names };
  if (!own.dependsOn.some((dependency) => dependency.name === name)) {
    return { kind: 'undeclared', file, own: own.name };
  }
  const { environment, outputs: declared } = await options.load(sibling.folder);
  const several = override === undefined ? (environment.regions?.names ?? []) : [];
  const here = region || (several.length > 1 ? several.find((one) => one === options.region) : environment.region);
  if (here === undefined) return { kind: 'elsewhere', regions: several };
  const outputs = await options.outputs(environment, here);
  return { kind: 'found', stack: environment.stackName, region: here, outputs, declared };
}
