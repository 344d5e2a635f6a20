// Project + recipe → template. Pure: the same input gives the same bytes.
import { FxError, type Problem } from '../base/error.ts';
import { artifactBucketParameter, functionIds, imageRepositoryParameter } from '../cfn/names.ts';
import type { OwnedOutput, OwnedResource, Owner } from '../cfn/part.ts';
import type { Recipe } from '../cfn/recipe.ts';
import { type Output, type Resource, ref, type Template } from '../cfn/resource.ts';
import type { ResourceSchemas } from '../cfn/resource-schema.ts';
import type { Project } from '../project/project.ts';
import { withAdditions } from './additions.ts';
import { checkCodeDeploy, codeDeployResources, hookStatements, withUpdatePolicy } from './code-deploy.ts';
import { edgeStatements, withEdge } from './edge.ts';
import { type EventResources, eventResources } from './event-resources.ts';
import { extended, unknownExtensions } from './extensions.ts';
import {
  aliasResource,
  type Contributions,
  contributions,
  functionResources,
  versionResource,
} from './function-resources.ts';
import { withIdentities, withIds } from './identities.ts';
import { layerResource } from './layer-resources.ts';
import { metadataOf, withLogicalIds } from './logical-ids.ts';
import { sourcePlace } from './origin.ts';
import { roleStatements } from './role.ts';
import { siteParts } from './site-resources.ts';
import { type StackSet, singleStack, stackTemplate } from './stack-set.ts';
import { withStagesLast } from './stage-last.ts';
import { stateMachineParts } from './state-machine-resources.ts';
import { refuseBypasses, refuseImpure, transformed } from './transform.ts';
import { validateTemplate } from './validate.ts';
import { versionId } from './version-id.ts';

export interface CompileInput {
  readonly project: Project;
  /** The code of each function and layer of the project. */
  readonly recipe: Recipe;
  readonly schemas: ResourceSchemas;
}

export interface Compiled {
  readonly stacks: StackSet;
  /** Every resource with its owner and its entry in project.yml, by logical id. */
  readonly ownedResources: ReadonlyMap<string, OwnedResource>;
  /** The logical id of each function's version. */
  readonly versionIds: ReadonlyMap<string, string>;
}

/** Compiles and validates. Throws TEMPLATE_INVALID with every problem, each at its line in project.yml. */
export function compile(input: CompileInput): Compiled {
  const compiled = compileOnce(input);
  const { names } = input.project.plugins;
  if (names.length > 0) refuseImpure(compiled.stacks.root.text, compileOnce(input).stacks.root.text, names);
  return compiled;
}

function compileOnce({ project, recipe, schemas }: CompileInput): Compiled {
  const problems: Problem[] = [];
  const events = eventResources(project);
  const layers = project.layers.map((layer) => {
    const [id, resource] = layerResource(project, layer, codeOf(recipe.layers, layer.name));
    return { name: layer.name, id, resource };
  });
  const layerIds = new Map(layers.map(({ name, id }) => [name, id]));
  // permissions and targets may name what events make, such as a queue, and functions may start state machines
  const withEvents = knowing(project, events.ownedResources);
  const machines = stateMachineParts(withEvents, schemas, problems);
  const known = knowing(withEvents, machines.resources);
  const added = new Map<string, Contributions>();
  const generated = new Map<string, OwnedResource>();
  const add = (id: string, entry: OwnedResource) => {
    const other = generated.get(id);
    if (other === undefined) generated.set(id, entry);
    else problems.push(clash(project, id, other, entry));
  };
  for (const { name, id, resource } of layers) {
    add(id, { resource, owner: { kind: 'layer', name }, from: ['layers', name] });
  }
  for (const settings of project.functions) {
    const ofSettings = contributions(known, settings, { layerIds, problems });
    const contribution = {
      ...ofSettings,
      variables: { ...events.variables.get(settings.name), ...ofSettings.variables },
    };
    added.set(settings.name, contribution);
    const role = roleStatements(known, settings, {
      events: events.statements.get(settings.name) ?? [],
      settings: [...contribution.statements, ...hookStatements(project, settings.name), ...edgeStatements(settings)],
      schemas,
    });
    problems.push(...role.problems);
    const code = codeOf(recipe.functions, settings.name);
    const resources = functionResources({
      project,
      settings,
      code,
      added: contribution,
      statements: role.statements,
    });
    for (const [id, entry] of resources) add(id, entry);
  }
  for (const [id, resource] of project.resources) {
    add(id, { resource, owner: { kind: 'user' }, from: ['resources', id] });
  }
  for (const [id, entry] of events.ownedResources) add(id, entry);
  for (const [id, entry] of machines.resources) add(id, entry);
  const site = siteParts(project, recipe.site);
  for (const [id, entry] of site.resources) add(id, entry);
  for (const [id, entry] of codeDeployResources(project)) add(id, entry);
  problems.push(...checkCodeDeploy(project));

  const { ownedResources, outputs } = transformed(
    project,
    {
      ownedResources: withAdditions(project, generated, events.additions, problems),
      outputs: new Map([...generatedOutputs(added, events.outputs), ...machines.outputs, ...site.outputs]),
    },
    problems,
  );
  const aliasIds = new Set(project.functions.map(({ name }) => functionIds(name).alias));
  problems.push(...unknownExtensions(project, [...ownedResources.keys(), ...aliasIds]));
  const withExtensions = withIdentities(
    extended(project, ownedResources, (id) => !aliasIds.has(id), problems),
    events.identities,
  );
  const { all, versionIds } = withVersions(project, { recipe, added, schemas }, withExtensions);
  const complete = withLogicalIds(
    project,
    withStagesLast(
      conditional(
        project,
        extended(project, withEdge(project, all, versionIds), (id) => aliasIds.has(id), problems),
      ),
    ),
    problems,
  );
  const template: Template = {
    AWSTemplateFormatVersion: '2010-09-09',
    Description: `${project.name} in ${project.environment.name}, deployed by fx`,
    ...metadataOf(project),
    ...parametersFor(recipe),
    ...(project.mappings.size === 0 ? {} : { Mappings: Object.fromEntries(project.mappings) }),
    ...(project.conditions.size === 0 ? {} : { Conditions: Object.fromEntries(project.conditions) }),
    Resources: Object.fromEntries([...complete].map(([id, { resource }]) => [id, resource])),
    ...withIds(outputsOf(project, [...outputs]), project.environment.stack.logicalIds),
  };
  // a problem of a setting would appear again in its resources
  const scope = problems.length > 0 ? 'user' : 'all';
  problems.push(...refuseBypasses(project, complete, (id) => sourcePlace(project, complete, ['resources', id])));
  problems.push(...validateTemplate(project, template, { ownedResources: complete, schemas, scope }));
  if (problems.length > 0) {
    const count = problems.length === 1 ? 'a problem' : `${problems.length} problems`;
    throw new FxError('TEMPLATE_INVALID', `CloudFormation would reject this project: ${count}`, { problems });
  }
  return { stacks: singleStack(stackTemplate(template)), ownedResources: complete, versionIds };
}

/** The project with resources that fx generates. */
function knowing(project: Project, generated: readonly (readonly [id: string, entry: OwnedResource])[]): Project {
  const resources = generated.map(([id, { resource }]): [string, Resource] => [id, resource]);
  return { ...project, resources: new Map([...resources, ...project.resources]) };
}

/** A project with resources only has none. */
function parametersFor({ functions, layers }: Recipe): Pick<Template, 'Parameters'> {
  if (functions.size + layers.size === 0) return {};
  const buildsImages = [...functions.values()].some(({ imageTag }) => imageTag !== undefined);
  const Parameters = {
    [artifactBucketParameter]: { Type: 'String', Description: 'The bucket that holds the artifacts' },
    ...(buildsImages
      ? { [imageRepositoryParameter]: { Type: 'String', Description: 'The repository that holds the images' } }
      : {}),
  };
  return { Parameters };
}

function codeOf<T>(codes: ReadonlyMap<string, T>, name: string): T {
  const code = codes.get(name);
  if (code === undefined) throw new Error(`the recipe has no code of ${name}`);
  return code;
}

function generatedOutputs(
  added: ReadonlyMap<string, Contributions>,
  ofEvents: EventResources['outputs'],
): ReadonlyMap<string, OwnedOutput> {
  return new Map([
    ...[...added].flatMap(([name, { outputs }]) =>
      outputs.map(([id, output]): [string, OwnedOutput] => [id, { output, owner: { kind: 'function', name } }]),
    ),
    ...ofEvents.map(([id, output, owner]): [string, OwnedOutput] => [id, { output, owner }]),
  ]);
}

/** Two owners claim one logical id. If one is the user, the hint asks to rename theirs. */
function clash(project: Project, id: string, first: OwnedResource, second: OwnedResource): Problem {
  if (first.owner.kind === 'user' || second.owner.kind === 'user') {
    return {
      at: project.origin(['resources', id]),
      message: `"${id}" is also the logical id of a resource that fx generates`,
      hint: 'rename yours',
    };
  }
  return {
    at: project.origin(second.from),
    message: `two resources would have the logical id "${id}": one of ${ownerText(first.owner)}, one of ${ownerText(second.owner)}`,
    hint: 'rename one of the functions',
  };
}

function ownerText(owner: Owner): string {
  return owner.kind === 'function' || owner.kind === 'layer'
    ? `the ${owner.kind} "${owner.name}"`
    : `the ${owner.kind}`;
}

interface Versioned {
  readonly recipe: Recipe;
  readonly added: ReadonlyMap<string, Contributions>;
  readonly schemas: ResourceSchemas;
}

/** Versions come last: their ids include a hash of the functions after `extend`. */
function withVersions(
  project: Project,
  { recipe, added, schemas }: Versioned,
  ownedResources: ReadonlyMap<string, OwnedResource>,
): { readonly all: ReadonlyMap<string, OwnedResource>; readonly versionIds: ReadonlyMap<string, string> } {
  const all = new Map(ownedResources);
  const versionIds = new Map<string, string>();
  const resources = new Map([...ownedResources].map(([id, { resource }]) => [id, resource]));
  for (const { name } of project.functions) {
    const ids = functionIds(name);
    const lambda = all.get(ids.function);
    if (lambda === undefined) continue;
    const snapshot = {
      prefix: ids.version,
      function: lambda.resource,
      artifactKey: codeOf(recipe.functions, name).key,
    };
    const version = versionId(snapshot, resources, schemas);
    versionIds.set(name, version);
    const { owner, from } = lambda;
    const { alias = {}, propertiesFrom = {} } = added.get(name) ?? {};
    const add = (id: string, resource: Resource) => {
      all.set(id, { resource, owner, from, propertiesFrom });
      resources.set(id, resource);
    };
    add(version, versionResource(ids.function));
    add(ids.alias, withUpdatePolicy(project, name, aliasResource(ids.function, version, alias)));
  }
  return { all, versionIds };
}

/** A function's condition applies to everything that it owns. */
function conditional(
  project: Project,
  ownedResources: ReadonlyMap<string, OwnedResource>,
): ReadonlyMap<string, OwnedResource> {
  return new Map(
    [...ownedResources].map(([id, entry]) => {
      const Condition = conditionOf(project, entry.owner);
      return [id, Condition === undefined ? entry : { ...entry, resource: { ...entry.resource, Condition } }];
    }),
  );
}

function conditionOf(project: Project, owner: Owner): string | undefined {
  return owner.kind === 'function' ? project.functions.find(({ name }) => name === owner.name)?.condition : undefined;
}

function outputsOf(
  project: Project,
  generated: readonly (readonly [id: string, output: OwnedOutput])[],
): Pick<Template, 'Outputs'> {
  const aliases = project.functions.map(({ name }): [string, OwnedOutput] => {
    const ids = functionIds(name);
    const output = { Description: `The live alias of ${name}`, Value: ref(ids.alias) };
    return [`${ids.function}Arn`, { output, owner: { kind: 'function', name } }];
  });
  const outputs = [...generated, ...aliases].map(([id, { output, owner }]): [string, Output] => {
    const Condition = conditionOf(project, owner);
    return [id, Condition === undefined ? output : { ...output, Condition }];
  });
  const all = [...outputs, ...project.outputs];
  return all.length === 0 ? {} : { Outputs: Object.fromEntries(all) };
}

/** How many of the stack's resources each function has. */
export function resourceCounts(
  project: Project,
  ownedResources: ReadonlyMap<string, OwnedResource>,
): ReadonlyMap<string, number> {
  const counts = new Map(project.functions.map(({ name }) => [name, 0]));
  for (const { owner } of ownedResources.values()) {
    if (owner.kind === 'function') counts.set(owner.name, (counts.get(owner.name) ?? 0) + 1);
  }
  return counts;
}
