// The table of lookups, one row per kind; hints, the JSON Schema and the reference follow from it. `${params.…}` and `${name}` are
// not in it: their values may contain lookups, so resolve.ts handles them.

import { hostedZone, object, parameter, stackOutput } from './of-aws.ts';
import { file } from './of-files.ts';
import { git, variable } from './of-process.ts';
import { account, env, functionName, region } from './of-project.ts';
import { projectOutput } from './of-workspace.ts';
import type { LookupSource } from './source.ts';

const paramsForm = { form: 'params.<name>', about: 'A value under params, or of --param; dots lead into maps.' };

const nameForm = { form: 'name', about: 'The name of the project.' };

export const lookupSources: readonly LookupSource[] = [
  env,
  region,
  account,
  functionName,
  variable,
  git,
  file,
  parameter,
  stackOutput,
  projectOutput,
  object,
  hostedZone,
];

const [first, ...others] = lookupSources;
export const lookupForms: readonly { readonly form: string; readonly about: string }[] = [
  paramsForm,
  ...(first === undefined ? [] : [first]),
  nameForm,
  ...others,
];
