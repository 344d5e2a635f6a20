// Options shared by commands: declared like a command's options, and collected in the invocation.
import type { EnvironmentOptions, Needs, Options, OptionValues, ProjectOptions } from './command.ts';
import type { Io } from './io.ts';

const folder = {
  directory: { kind: 'text', short: 'C', value: 'dir', about: 'the folder of the project', default: '.' },
} as const satisfies Options;

const output = {
  json: { kind: 'flag', about: 'print one JSON object per line, for programs' },
  debug: { kind: 'flag', about: 'show the stack of an error' },
  help: { kind: 'flag', short: 'h', about: 'show this help' },
} as const satisfies Options;

/** Also of commands that need the folder of a project only. */
export const configOption = {
  config: {
    kind: 'text',
    short: 'c',
    value: 'file',
    about: 'the project file if it is not project.yml, relative to the working folder',
  },
} as const satisfies Options;

const environment = {
  env: { kind: 'text', short: 'e', value: 'name', about: 'the environment', names: 'environment' },
  ...folder,
  ...configOption,
  project: {
    kind: 'repeated',
    value: 'name',
    names: 'project',
    about: 'a project of the workspace (fx.workspace.yml), from anywhere in it; repeatable, or with commas',
  },
  profile: { kind: 'text', value: 'name', about: 'the AWS profile, instead of the one in project.yml' },
  region: { kind: 'text', value: 'name', about: 'the region, instead of the one in project.yml' },
  param: { kind: 'repeated', value: 'name=value', about: 'a value for ${params.name}; repeatable' },
} as const satisfies Options;

const project = {
  ...environment,
  set: { kind: 'repeated', value: 'NAME=value', about: 'a variable of every function; repeatable' },
  // not --env-file: Node 20 takes that option wherever it is on the command line
  setFile: { kind: 'text', value: 'file', about: 'variables of every function, from a .env or JSON file' },
} as const satisfies Options;

const byNeed = { folder, environment, project } as const satisfies Record<Needs, Options>;

export type CommonValues = OptionValues<typeof folder> &
  Partial<OptionValues<typeof project>> &
  OptionValues<typeof output>;

export function commonOptions(needs: Needs, io: Io): Options {
  const options = byNeed[needs];
  if (!('env' in options)) return { ...options, ...output };
  const chosen = io.variables['FX_ENV'] || 'chosen by `fx use`, or local';
  return { ...options, env: { ...options.env, about: `${options.env.about} (default: ${chosen})` }, ...output };
}

/** The fields of an invocation; commands that need less see less. */
export function commonValues(values: CommonValues): ProjectOptions & EnvironmentOptions {
  const {
    directory,
    json,
    env,
    config,
    project: projects = [],
    param = [],
    profile,
    region,
    set = [],
    setFile,
  } = values;
  return { folder: directory, json, env, config, projects, params: param, profile, region, set, setFile };
}
