// The table of commands, in the order of the help. One row a command.
import type { Command } from '../command.ts';
import { build } from './build.ts';
import { config } from './config.ts';
import { deploy } from './deploy.ts';
import { envs } from './envs.ts';
import { info } from './info.ts';
import { init } from './init.ts';
import { invoke } from './invoke.ts';
import { localServe, localStart, localStatus, localStop } from './local.ts';
import { logs } from './logs.ts';
import { plan } from './plan.ts';
import { releases } from './releases.ts';
import { remove } from './remove.ts';
import { rollback } from './rollback.ts';
import { schema } from './schema.ts';
import { use } from './use.ts';
import { validate } from './validate.ts';

export const commands: readonly Command[] = [
  init,
  validate,
  config,
  schema,
  envs,
  use,
  build,
  plan,
  deploy,
  releases,
  rollback,
  invoke,
  logs,
  info,
  remove,
  localStart,
  localStop,
  localStatus,
  localServe,
];
