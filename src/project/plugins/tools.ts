// What a plugin receives, so that it works with a global fx too and needs no import: schemas, CloudFormation's functions, and
// what event sources share.
import {
  byKind,
  converted,
  described,
  flag,
  integer,
  list,
  mapOf,
  object,
  oneOf,
  text,
  verbatim,
} from '../../base/schema.ts';
import { arnOf } from '../../cfn/arn.ts';
import { allow } from '../../cfn/part.ts';
import { attribute, ref, sub } from '../../cfn/resource.ts';
import { allowInvoke } from '../../events/_invoke.ts';
import { eventSourceMapping, mappingDefaults, mappingFields } from '../../events/_mapping.ts';
import type { Setting } from '../../settings/setting.ts';
import type { PluginEventSource } from './plugin.ts';

export const pluginTools = {
  /** Schemas of what a user may write in project.yml. */
  schema: { byKind, converted, described, flag, integer, list, mapOf, object, oneOf, text, verbatim },
  /** `Ref`, `Fn::GetAtt`, `Fn::Sub`, the ARN of a resource by its type, and a statement of a role. */
  cfn: { ref, attribute, sub, arnOf, allow },
  /** The permission to call a function, and mappings for what Lambda polls. */
  events: { allowInvoke, eventSourceMapping, mappingFields, mappingDefaults },
  /** The row itself: types its functions by its schema. */
  eventSource: <C>(row: PluginEventSource<C>): PluginEventSource<C> => row,
  /** The row itself: types its functions by its schema. */
  setting: <T>(row: Setting<T>): Setting<T> => row,
} as const;

export type PluginTools = typeof pluginTools;
