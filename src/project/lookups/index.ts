// The table of lookups. One row a kind; hints, the JSON Schema and the reference follow from it. `${params.…}` is not in it: what
// a param holds may have lookups itself, so resolve.ts finds it.

import { object, parameter, stackOutput } from './of-aws.ts';
import { file } from './of-files.ts';
import { git, variable } from './of-process.ts';
import { account, env, functionName, name, region } from './of-project.ts';
import type { LookupSource } from './source.ts';

export const paramsForm = { form: 'params.<name>', about: 'A value under params, or of --param; dots lead into maps.' };

export const lookupSources: readonly LookupSource[] = [
  env,
  name,
  region,
  account,
  functionName,
  variable,
  git,
  file,
  parameter,
  stackOutput,
  object,
];

export const lookupForms: readonly { readonly form: string; readonly about: string }[] = [paramsForm, ...lookupSources];
