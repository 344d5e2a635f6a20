// The schema of fx.workspace.yml: the projects by name, each with its folder and the projects that it depends on.
import type { Span } from '../../base/error.ts';
import type { LocatedScalar } from '../../base/located.ts';
import { byKind, described, list, located, mapOf, object, type Schema, text } from '../../base/schema.ts';

interface Placed {
  readonly value: string;
  readonly at: Span;
}

/** An entry as written; without a folder, its name is the folder. */
export interface WrittenProject {
  readonly folder?: Placed | undefined;
  readonly dependsOn?: readonly Placed[] | undefined;
}

/** A name has no dot, which ends it in a lookup. */
export const workspaceProjectName = {
  pattern: /^[a-zA-Z][a-zA-Z0-9_-]{0,39}$/,
  expected: 'a name of a project (a letter, then letters, digits, - and _, at most 40)',
};

const folder = text({ pattern: /^[^\\]+$/, expected: 'a folder below this file, such as services/orders' });
const folderAbout = 'The folder of the project, relative to this file. Default: the name.';

const whole: Schema<WrittenProject> = object({
  about: 'A project of the workspace.',
  required: {},
  optional: {
    folder: described(folderAbout, located(folder), { examples: ['services/orders'] }),
    dependsOn: described(
      'The projects to deploy before this one. Their outputs are ${project:<name>.<Output>} in its project.yml.',
      list(located(text({ expected: 'names of projects' }))),
      { examples: [['network']] },
    ),
  },
  elsewhere: { path: 'folder', dir: 'folder', directory: 'folder', needs: 'dependsOn', dependencies: 'dependsOn' },
});

/** `orders: services/orders`, or `orders:` alone. */
const short: Schema<WrittenProject> = {
  expected: folder.expected,
  json: { type: ['string', 'null'], description: folderAbout },
  read(value, reading) {
    if ((value as LocatedScalar).value === null) return {};
    const read = located(folder).read(value, reading);
    return read === undefined ? undefined : { folder: read };
  },
};

export const workspaceSchema = object({
  about: 'The workspace file of fx: projects that are deployed together, in the order of their dependencies.',
  required: {
    projects: described(
      'The projects by name.',
      mapOf(
        byKind<WrittenProject>({ scalar: short, map: whole, expected: 'a folder, or a map with folder and dependsOn' }),
        workspaceProjectName,
      ),
      { examples: [{ network: 'network', orders: { folder: 'services/orders', dependsOn: ['network'] } }] },
    ),
  },
  optional: {},
  elsewhere: { services: 'projects', packages: 'projects', apps: 'projects' },
});
