// fx import --adopt: gives an environment of the draft the ids, names and resources of a stack that the other tool made, so that the first
// deploy changes that stack in place.
import type { Plain } from '../../base/located.ts';
import { functionIds } from '../../cfn/names.ts';
import type { Template } from '../../cfn/resource.ts';
import type { ResourceSchemas } from '../../cfn/resource-schema.ts';
import type { Project } from '../../project/project.ts';
import { referredTo, type TemplateData } from '../against/values.ts';
import type { Draft, Place } from '../draft.ts';
import { apiDefinitions, keepDefinedApis } from './defined-apis.ts';
import { type FixedProperty, fixedProperties } from './fixed.ts';
import { keptIds } from './kept.ts';
import type { Own } from './own.ts';
import { freeIds, pairs } from './pairs.ts';
import { type Known, secretsIn, translated } from './references.ts';
import { isRenewable, renew } from './renewed.ts';

/** A stack as CloudFormation has it. */
export interface ExistingStack {
  readonly name: string;
  /** With what its transforms made of it. */
  readonly template: TemplateData;
  readonly parameters: Readonly<Record<string, string>>;
  readonly tags: Readonly<Record<string, string>>;
  /** The names in AWS, by logical id. */
  readonly physicalIds: ReadonlyMap<string, string>;
}

export interface Adopting {
  readonly draft: Draft;
  /** The environment whose stack it is. */
  readonly project: Project;
  /** What fx would deploy to it. */
  readonly template: Template;
  readonly stack: ExistingStack;
  /** The logical id of each function in the stack, by its name in project.yml. */
  readonly functions: ReadonlyMap<string, string>;
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
export function adopt({ draft, project, template, stack, functions, schemas }: Adopting): Adoption {
  const environment = ['environments', project.environment.name];
  const parameters = stack.parameters;
  const resolved = translated(stack.template.Resources, { ids: new Map(), parameters });
  const theirs: TemplateData = { ...stack.template, Resources: resolved as never };
  const place = { region: project.environment.region };
  const stacks = {
    theirs,
    ours: template,
    place,
    functions: functionIdsOf(project, functions),
    own: project.resources,
  };
  const definitions = apiDefinitions(theirs);
  const paired = pairs({ ...stacks, theirs: without(theirs, definitions) });
  // a resource of the user has the id of the stack in this environment
  const ids = new Map([...paired].map(([id, their]) => [their, project.resources.has(id) ? their : id]));
  const known: Known = { ids, parameters: {} };
  const own: Own = { draft, environment, place: draft.placeOf(['name']) ?? nowhere, project, known };

  setUp(own, stack);
  const free = freeIds({ ...stacks, theirs }, paired);
  const moved = new Map([...paired, ...free].filter(([id, their]) => id !== their));
  const isUsers = (id: string) => project.resources.has(id);
  const logicalIds = Object.fromEntries([...moved].filter(([id]) => !isUsers(id)));
  if (Object.keys(logicalIds).length > 0) draft.merge([...environment, 'stack', 'logicalIds'], logicalIds);
  const fixed = fixedProperties({ theirs, ours: template, place, pairs: paired, schemas });
  const renewed = new Set(fixed.filter((each) => isRenewable(each, own)).map(({ id }) => id));
  const others = [...moved].filter(([id]) => isUsers(id));
  renew(own, new Map([...others, ...[...renewed].map((id) => [id, `${id}OfFx`] as const)]));
  for (const each of fixed) if (!renewed.has(each.id)) keepProperty(own, each, stack);
  keepRetention(own, theirs, { paired, template });
  keepRestStage(own, theirs, paired);

  const existing = new Set(stack.physicalIds.keys());
  const calling = callingLive(theirs, { paired, project });
  const leaving = { template: calling, paired: new Set(paired.values()), existing };
  const kept = keptIds(leaving).filter((id) => draft.get(['resources', id]) === undefined);
  const stays = new Set([...kept, ...paired.values()]);
  for (const id of kept) keepResource(own, id, { theirs: calling, stays });
  const apis = new Map([...pairs(stacks)].filter(([, id]) => definitions.has(id)));
  keepDefinedApis(own, { theirs: calling, definitions, apis });
  tellOutputs(own, stack.template);
  const secrets = kept.flatMap((id) => secretsIn(stack.template.Resources[id]?.Properties, { ids, parameters }));
  if (secrets.length > 0) {
    draft.dropped(
      own.place,
      `the values of the parameters ${[...new Set(secrets)].join(', ')} are secret in the stack`,
      {
        remedy: `replace **** under ${environment.join('.')}.resources, such as by {{resolve:secretsmanager:NAME}}`,
      },
    );
  }
  return {
    same: paired.size,
    kept,
    leaving: [...existing]
      .filter((id) => !stays.has(id) && theirs.Resources[id] !== undefined)
      .map((id) => ({ logicalId: id, type: theirs.Resources[id]?.Type ?? '' })),
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
  return { ...theirs, Resources: translated(theirs.Resources, { ids: aliases, parameters: {} }) as never };
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

function setUp({ draft, environment, project }: Own, stack: ExistingStack): void {
  draft.set([...environment, 'stack', 'adopt'], true);
  draft.comment(
    [...environment, 'stack'],
    `The stack ${stack.name}, as the other tool made it: fx changes it in place`,
  );
  if (project.environment.stackName !== stack.name) draft.set([...environment, 'stackName'], stack.name);
  const tags = Object.entries(stack.tags).filter(([key, value]) => {
    return !key.startsWith('aws:') && !key.startsWith('fx:') && project.tags.get(key) !== value;
  });
  if (tags.length > 0) draft.merge([...environment, 'tags'], Object.fromEntries(tags));
}

/** A name has a setting of its own; anything else is an extension, or a change of the user's resource. */
function keepProperty(own: Own, fixed: FixedProperty, stack: ExistingStack): void {
  const { draft, environment, place, project, known } = own;
  const { id, theirId, type, property, theirs } = fixed;
  const value = theirs === undefined ? null : translated(theirs, known);
  const lambda = project.functions.find(({ name }) => functionIds(name).function === id);
  const isName = type === 'AWS::Lambda::Function' && property === 'FunctionName';
  if (isName && lambda !== undefined) {
    const name = typeof theirs === 'string' ? theirs : stack.physicalIds.get(theirId);
    if (name !== undefined && name !== lambda.physicalName)
      draft.set([...environment, 'functions', lambda.name, 'functionName'], name);
    if (typeof theirs === 'string') return;
  }
  const writer = project.functions.find(({ name }) => functionIds(name).logGroup === id);
  if (type === 'AWS::Logs::LogGroup' && property === 'LogGroupName' && writer !== undefined && theirs !== undefined) {
    const name = typeof theirs === 'string' ? theirs : stack.physicalIds.get(theirId);
    if (name !== undefined) draft.set([...environment, 'functions', writer.name, 'logging', 'logGroupName'], name);
    return;
  }
  const isUsers = project.resources.has(id);
  const path = isUsers ? ['resources', theirId] : ['extend', id];
  draft.set([...environment, ...path, 'Properties', property], value);
  if (!isUsers) return;
  draft.changed(place, `${id} keeps its ${property}: another one would replace it`, {
    remedy: `the stack has what is under ${environment.join('.')}, not what the configuration says`,
  });
}

/** A shorter retention would delete logs. */
function keepRetention(
  { draft, environment, project }: Own,
  theirs: TemplateData,
  { paired, template }: { readonly paired: ReadonlyMap<string, string>; readonly template: Template },
): void {
  for (const { name } of project.functions) {
    const id = functionIds(name).logGroup;
    const before = theirs.Resources[paired.get(id) ?? ''];
    const retention = before?.Properties?.['RetentionInDays'];
    if (before === undefined || retention === template.Resources[id]?.Properties?.['RetentionInDays']) continue;
    const days = Number.isInteger(Number(retention)) ? Number(retention) : 'forever';
    draft.set([...environment, 'functions', name, 'logging', 'retentionInDays'], days);
  }
}

/** A stage that the deployment makes is no resource: a stage of the same name would be refused. */
function keepRestStage(own: Own, theirs: TemplateData, paired: ReadonlyMap<string, string>): void {
  const { draft, environment, place } = own;
  const api = paired.get('RestApi');
  if (api === undefined || paired.has('RestApiStage')) return;
  const makes = Object.values(theirs.Resources).some(
    ({ Type, Properties = {} }) =>
      Type === 'AWS::ApiGateway::Deployment' &&
      Properties['StageName'] !== undefined &&
      referredTo(Properties['RestApiId']).includes(api),
  );
  if (!makes) return;
  draft.set([...environment, 'rest', 'stageFrom'], 'deployment');
  const settings = draft.get(['rest']) as Readonly<Record<string, unknown>> | undefined;
  const set = stageSettings.filter((key) => settings?.[key] !== undefined && settings[key] !== null);
  for (const key of set) draft.set([...environment, 'rest', key], null);
  if (set.length === 0) return;
  draft.changed(
    place,
    `the stage of the REST API has its ${set.join(', ')} as they are: the stack has no resource for it`,
    {
      remedy: 'change them in API Gateway itself',
      beside: [...environment, 'rest'],
    },
  );
}

/** Settings of the stage in the section `rest`. */
const stageSettings = [
  'stageVariables',
  'canary',
  'cache',
  'throttle',
  'metrics',
  'tracing',
  'accessLogs',
  'executionLogs',
  'waf',
];

interface Staying {
  readonly theirs: TemplateData;
  /** The ids that the stack has after the update, too. */
  readonly stays: ReadonlySet<string>;
}

function keepResource({ draft, environment, known }: Own, id: string, { theirs, stays }: Staying): void {
  const resource = theirs.Resources[id];
  if (resource === undefined) return;
  const { DependsOn, Condition, ...rest } = resource as unknown as Record<string, Plain>;
  void Condition;
  const waits = ([DependsOn ?? []].flat() as string[]).filter((other) => stays.has(other));
  draft.set([...environment, 'resources', id], {
    ...(translated(rest, known) as Record<string, Plain>),
    ...(waits.length === 0 ? {} : { DependsOn: waits.map((other) => known.ids.get(other) ?? other) }),
  });
  const why = reasons[resource.Type];
  if (why !== undefined) draft.comment([...environment, 'resources', id], why);
}

const reasons: Readonly<Record<string, string>> = {
  'AWS::Lambda::Url':
    'The address that callers know. It calls the newest code, whatever release is live: remove it once they use that of fx',
};

function tellOutputs({ draft, place, project: { outputs } }: Own, template: TemplateData): void {
  const gone = Object.entries(template.Outputs ?? {}).filter(
    ([id, { Export }]) => Export !== undefined || !outputs.has(id),
  );
  const exported = gone.filter(([, { Export }]) => Export !== undefined).map(([id]) => id);
  if (exported.length > 0) {
    draft.changed(place, `the stack does not export ${listed(exported)} any more`, {
      remedy: 'CloudFormation refuses the update while another stack imports one: aws cloudformation list-imports',
    });
  }
  const others = gone.filter(([, { Export }]) => Export === undefined).map(([id]) => id);
  if (others.length > 0) {
    draft.changed(place, `the stack has no outputs ${listed(others)} any more`, {
      remedy: 'add those that something reads under outputs',
    });
  }
}

const mostListed = 5;
function listed(names: readonly string[]): string {
  const more = names.length - mostListed;
  return more <= 0 ? names.join(', ') : `${names.slice(0, mostListed).join(', ')} and ${more} more`;
}
