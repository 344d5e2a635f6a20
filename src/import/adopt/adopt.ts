// fx import --adopt: gives an environment of the draft the ids, names and resources of a stack that the other tool made, so that the first
// deploy changes that stack in place.
import { FxError } from '../../base/error.ts';
import { functionIds } from '../../cfn/names.ts';
import type { Template } from '../../cfn/resource.ts';
import type { ResourceSchemas } from '../../cfn/resource-schema.ts';
import type { Project } from '../../project/project.ts';
import { referredTo, type TemplateData } from '../against/values.ts';
import type { Draft, Place } from '../draft.ts';
import { keepConditions } from './conditions.ts';
import { apiDefinitions, keepDefinedApis } from './defined-apis.ts';
import { fixedProperties } from './fixed.ts';
import { isOfOutsider, keepResource, keptIds } from './kept.ts';
import type { ExistingStack, Own } from './own.ts';
import { freeIds, pairs, type Stacks } from './pairs.ts';
import { type Known, parameterValues, translated } from './references.ts';
import { isRenewable, renew } from './renewed.ts';
import {
  keepConcurrency,
  keepLogs,
  keepProperty,
  keepRestStage,
  keepRetention,
  leaveDomains,
  setUp,
} from './settings.ts';
import { tell } from './tell.ts';

export interface Adopting {
  readonly draft: Draft;
  /** The environment whose stack it is. */
  readonly project: Project;
  /** What fx would deploy to it. */
  readonly template: Template;
  readonly stack: ExistingStack;
  /** The logical id of each function in the stack, by its name in project.yml. */
  readonly functions: ReadonlyMap<string, string>;
  /** Those of other resources, by the ones that fx gives. */
  readonly resources: ReadonlyMap<string, string>;
  readonly schemas: ResourceSchemas;
}

export interface Adoption {
  /** How many resources of the stack fx goes on with. */
  readonly same: number;
  /** The ids of those that are under `resources` now. */
  readonly kept: readonly string[];
  /** Those that leave the stack. */
  readonly leaving: readonly { readonly logicalId: string; readonly type: string }[];
}

/** Changes the draft. What cannot stay as it is becomes a finding. */
export function adopt({ draft, project, template, stack, functions, resources, schemas }: Adopting): Adoption {
  const environment = ['environments', project.environment.name];
  const parameters = parameterValues(stack.template.Parameters, stack.parameters);
  const resolved = translated(stack.template.Resources, { ids: new Map(), parameters });
  const theirs: TemplateData = { ...stack.template, Resources: resolved as never };
  const place = { region: project.environment.region };
  const stacks = {
    theirs,
    ours: template,
    place,
    functions: functionIdsOf(project, functions),
    resources,
    own: project.resources,
  };
  refuseNested(stacks);
  const definitions = apiDefinitions(theirs);
  const paired = pairs({ ...stacks, theirs: without(theirs, definitions) });
  // a resource of the user has the id of the stack in this environment
  const ids = new Map([...paired].map(([id, their]) => [their, project.resources.has(id) ? their : id]));
  const known: Known = { ids, parameters: {} };
  const own: Own = { draft, environment, place: draft.placeOf(['name']) ?? nowhere, project, known };

  setUp(own, stack);
  for (const [name, value] of Object.entries(parameters)) {
    const written = draft.get([...environment, 'params', name]) ?? draft.get(['params', name]);
    if (written !== undefined && written !== value) draft.set([...environment, 'params', name], value);
  }
  const free = freeIds({ ...stacks, theirs }, paired);
  const moved = new Map([...paired, ...free].filter(([id, their]) => id !== their));
  const isUsers = (id: string) => project.resources.has(id);
  const logicalIds = Object.fromEntries([...moved].filter(([id]) => !isUsers(id)));
  if (Object.keys(logicalIds).length > 0) draft.merge([...environment, 'stack', 'logicalIds'], logicalIds);
  const fixed = fixedProperties({ theirs, ours: template, place, pairs: paired, schemas });
  const renewed = new Set(fixed.filter((each) => isRenewable(each, own)).map(({ id }) => id));
  const others = [...moved].filter(([id]) => isUsers(id));
  // who calls the function itself from outside goes on to
  const staying = new Set([...renewed].filter((id) => isOfOutsider(theirs.Resources[id], theirs)));
  renew(own, new Map([...others, ...[...renewed].map((id) => [id, `${id}OfFx`] as const)]), staying);
  for (const each of fixed) if (!renewed.has(each.id) || staying.has(each.id)) keepProperty(own, each, stack);
  keepRetention(own, theirs, { paired, template });
  keepRestStage(own, theirs, paired);

  keepConcurrency(own, theirs, paired);
  keepLogs(own, stack, { theirs, paired });
  leaveDomains(own, template, paired);

  const existing = new Set(stack.physicalIds.keys());
  const calling = callingLive(theirs, { paired, project });
  const leaving = { template: calling, paired: new Set(paired.values()), existing };
  const kept = keptIds(leaving).filter((id) => draft.get(['resources', id]) === undefined);
  const stays = new Set([...kept, ...paired.values()]);
  for (const id of kept) keepResource(own, id, { theirs: calling, stays });
  keepConditions(own, calling, kept);
  if (definitions.size > 0) {
    const apis = new Map([...pairs(stacks)].filter(([, id]) => definitions.has(id)));
    keepDefinedApis(own, { theirs: calling, definitions, apis });
  }
  const last = kept.filter((id) => draft.has([...environment, 'resources', id]));
  const gone = [...existing].filter(
    (id) => !last.includes(id) && !leaving.paired.has(id) && theirs.Resources[id] !== undefined,
  );
  tell(own, stack, { theirs: calling, paired, kept: last, gone });
  return {
    same: paired.size,
    kept: last,
    leaving: gone.map((id) => ({ logicalId: id, type: theirs.Resources[id]?.Type ?? '' })),
  };
}

/** The template with what calls another alias of a function calling fx's: the other one would stay at its version for ever. */
function callingLive(
  theirs: TemplateData,
  { paired, project }: { readonly paired: ReadonlyMap<string, string>; readonly project: Project },
): TemplateData {
  const taken = new Set(paired.values());
  const aliases = new Map(
    project.functions.flatMap(({ name }) => {
      const ids = functionIds(name);
      const their = paired.get(ids.function);
      return Object.entries(theirs.Resources).flatMap(([id, { Type, Properties = {} }]) => {
        const isAlias = Type === 'AWS::Lambda::Alias' && !taken.has(id);
        const isOwn = isAlias && their !== undefined && referredTo(Properties['FunctionName']).includes(their);
        return isOwn ? [[id, ids.alias] as const] : [];
      });
    }),
  );
  const resources = Object.entries(theirs.Resources).map(([id, resource]) => [
    id,
    // the address of a URL belongs to its alias for good
    resource.Type === 'AWS::Lambda::Url' ? resource : translated(resource, { ids: aliases, parameters: {} }),
  ]);
  return { ...theirs, Resources: Object.fromEntries(resources) };
}

/** What is in a nested stack would be made again, under names that exist. */
function refuseNested({ theirs, functions }: Stacks): void {
  const nested = Object.entries(theirs.Resources).filter(([, { Type }]) => Type === 'AWS::CloudFormation::Stack');
  const missing = [...functions.values()].filter((id) => theirs.Resources[id] === undefined);
  const [first] = nested;
  if (first === undefined || missing.length === 0) return;
  throw new FxError(
    'USAGE',
    `the stack has ${missing.join(', ')} not itself, but in a nested one, such as ${first[0]}`,
    {
      hint: 'fx makes no nested stacks: import without --adopt, or bring the functions into one stack first',
    },
  );
}

const without = (template: TemplateData, ids: ReadonlyMap<string, unknown>): TemplateData => ({
  ...template,
  Resources: Object.fromEntries(Object.entries(template.Resources).filter(([id]) => !ids.has(id))),
});

const nowhere: Place = { path: 'service', at: { file: '', line: 1, column: 1, length: 1 } };

function functionIdsOf(project: Project, functions: ReadonlyMap<string, string>): ReadonlyMap<string, string> {
  return new Map(
    project.functions.flatMap(({ name }) => {
      const their = functions.get(name);
      return their === undefined ? [] : [[functionIds(name).function, their] as const];
    }),
  );
}
