// Project + artifacts → template. Pure: the same input gives the same bytes.
import type { Artifact } from '../artifact/artifact.ts';
import { FxError, type Problem } from '../base/error.ts';
import type { Plain } from '../base/located.ts';
import { nearest } from '../base/suggest.ts';
import { artifactBucketParameter, functionIds } from '../cfn/names.ts';
import type { Fragment, Output, Resource, Template } from '../cfn/resource.ts';
import { ref } from '../cfn/resource.ts';
import type { ResourceSchemas } from '../cfn/resource-schema.ts';
import { type EventKind, eventSources } from '../events/index.ts';
import type { Use } from '../events/source.ts';
import type { FunctionSettings, Project } from '../project/project.ts';
import {
  aliasResource,
  type Contributions,
  contributions,
  functionResources,
  versionResource,
} from './function-resources.ts';
import { layerResource } from './layer-resources.ts';
import { functionOwning } from './origin.ts';
import { roleStatements } from './role.ts';
import { validateTemplate } from './validate.ts';
import { versionId } from './version-id.ts';

export interface Compiled {
  readonly template: Template;
  /** What is sent and kept: JSON without white space, keys in the order of the template's making. */
  readonly text: string;
  /** Resources a function, for `fx plan`. */
  readonly resourcesOf: ReadonlyMap<string, number>;
}

/** Compiles and validates. Throws TEMPLATE_INVALID with every problem, each at its line in project.yml. */
export function compile(
  project: Project,
  artifacts: readonly Artifact[],
  schemas: ResourceSchemas,
  layers: readonly Artifact[] = [],
): Compiled {
  const problems: Problem[] = [];
  const resources = new Map<string, Resource>();
  const outputs = new Map<string, Output>();
  const owners = new Map<string, string>();
  const add = (id: string, resource: Resource, owner: string) => {
    if (resources.has(id)) {
      problems.push({
        at: project.origin(['resources', id]),
        message: `"${id}" is a resource that fx makes itself`,
        hint: 'rename yours',
      });
    }
    resources.set(id, resource);
    owners.set(id, owner);
  };

  const fragments = compileEvents(project, problems);
  const grants = fragments.flatMap(({ grants: own }) => own);
  const layerIds = new Map<string, string>();
  for (const layer of layers) {
    const [id, resource] = layerResource(project, layer);
    layerIds.set(layer.functionName, id);
    add(id, resource, '');
  }
  const byName = new Map(artifacts.map((artifact) => [artifact.functionName, artifact]));
  const added = new Map<string, Contributions>();
  for (const settings of project.functions) {
    const artifact = byName.get(settings.name);
    if (artifact === undefined) throw new Error(`no artifact of ${settings.name}`);
    const own = contributions(project, settings, { layerIds, problems });
    added.set(settings.name, own);
    const role = roleStatements(project, settings, { grants, statements: own.statements, schemas });
    problems.push(...role.problems);
    const made = functionResources({ project, settings, artifact, added: own, statements: role.statements });
    for (const [id, resource] of made) add(id, resource, settings.name);
    for (const [id, output] of own.outputs) outputs.set(id, output);
  }
  for (const [id, resource] of project.resources) add(id, resource, '');
  for (const fragment of fragments) {
    for (const [id, resource] of fragment.resources) add(id, resource, '');
    for (const [id, output] of fragment.outputs) outputs.set(id, output);
  }
  const extended = applyExtensions(project, resources, problems);
  addVersions(project, { byName, added }, extended, schemas);
  extendAliases(project, extended, problems);
  const finished = conditional(project, extended);
  for (const { name } of project.functions) {
    outputs.set(`${functionIds(name).function}Arn`, {
      Description: `The live alias of ${name}`,
      Value: ref(functionIds(name).alias),
    });
  }
  for (const [id, output] of outputs) {
    const condition = conditionOf(project, id);
    if (condition !== undefined) outputs.set(id, { ...output, Condition: condition });
  }
  for (const [id, output] of project.outputs) outputs.set(id, output);

  const template: Template = {
    AWSTemplateFormatVersion: '2010-09-09',
    Description: `${project.name} in ${project.environment}, deployed by fx`,
    Parameters: { [artifactBucketParameter]: { Type: 'String', Description: 'The bucket that holds the artifacts' } },
    ...(project.mappings.size === 0 ? {} : { Mappings: Object.fromEntries(project.mappings) }),
    ...(project.conditions.size === 0 ? {} : { Conditions: Object.fromEntries(project.conditions) }),
    Resources: Object.fromEntries(finished),
    ...(outputs.size === 0 ? {} : { Outputs: Object.fromEntries(outputs) }),
  };
  // what events got wrong would show again in the resources made of them
  problems.push(...validateTemplate(project, template, schemas, problems.length > 0 ? 'own' : 'all'));
  if (problems.length > 0) {
    const count = problems.length === 1 ? 'a problem' : `${problems.length} problems`;
    throw new FxError('TEMPLATE_INVALID', `CloudFormation would refuse this project: ${count}`, { problems });
  }
  return { template, text: JSON.stringify(template), resourcesOf: countByFunction(project, extended) };
}

function compileEvents(project: Project, problems: Problem[]): readonly Fragment[] {
  const surroundings = { names: project.names, resources: project.resources };
  return (Object.keys(eventSources) as EventKind[]).map((kind) => {
    const uses = project.functions.flatMap((settings) =>
      settings.events.filter((event) => event.kind === kind).map((event) => useOf(settings, event)),
    );
    const source = eventSources[kind];
    problems.push(...source.check(uses, surroundings));
    return source.compile(uses, surroundings);
  });
}

// biome-ignore lint/suspicious/noExplicitAny: the table of event sources ties a kind to the type of its configuration
function useOf(settings: FunctionSettings, event: FunctionSettings['events'][number]): Use<any> {
  const { name, timeout } = settings;
  return { function: { name, ids: functionIds(name), timeout }, config: event.config, at: event.at };
}

/** `extend` is merged over what fx makes, by the rule of the environments: maps merge, else replace, null removes. */
function applyExtensions(
  project: Project,
  resources: ReadonlyMap<string, Resource>,
  problems: Problem[],
): Map<string, Resource> {
  const extended = new Map(resources);
  const aliases = aliasIds(project);
  for (const [id, patch] of project.extend) {
    if (aliases.has(id)) continue;
    const resource = extended.get(id);
    if (resource === undefined) {
      const at = project.origin(['extend', id]);
      const known = [...resources.keys(), ...aliases];
      const meant = nearest(id, known);
      const hint = `${meant === undefined ? '' : `did you mean ${meant}? `}resources are ${known.join(', ')}`;
      problems.push({ at, message: `there is no resource "${id}" to extend`, hint });
    } else extend(id, resource, patch, { project, extended, problems });
  }
  return extended;
}

/** The aliases hang on the versions, and those on what the functions have become: they are there last. */
function extendAliases(project: Project, extended: Map<string, Resource>, problems: Problem[]): void {
  const aliases = aliasIds(project);
  for (const [id, patch] of project.extend) {
    const alias = aliases.has(id) ? extended.get(id) : undefined;
    if (alias !== undefined) extend(id, alias, patch, { project, extended, problems });
  }
}

function aliasIds(project: Project): ReadonlySet<string> {
  return new Set(project.functions.map(({ name }) => functionIds(name).alias));
}

interface Extending {
  readonly project: Project;
  readonly extended: Map<string, Resource>;
  readonly problems: Problem[];
}

function extend(id: string, resource: Resource, patch: Plain, { project, extended, problems }: Extending): void {
  if (isMap(patch)) extended.set(id, patched(resource as never, patch) as unknown as Resource);
  else {
    problems.push({
      at: project.origin(['extend', id]),
      message: `expected a map of what changes in "${id}"`,
      hint: 'such as {Properties: {…}}; a resource cannot be taken out',
    });
  }
}

function patched(base: Plain | undefined, patch: Plain): Plain {
  if (!isMap(patch)) return patch;
  const merged: Record<string, Plain> = { ...(isMap(base) ? base : {}) };
  for (const [key, value] of Object.entries(patch)) {
    if (value === null) delete merged[key];
    else merged[key] = patched(merged[key], value);
  }
  return merged;
}

function isMap(value: Plain | undefined): value is { readonly [key: string]: Plain } {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

interface Versioned {
  readonly byName: ReadonlyMap<string, Artifact>;
  readonly added: ReadonlyMap<string, Contributions>;
}

/** Versions come last: their ids hash what the functions have become. */
function addVersions(
  project: Project,
  { byName, added }: Versioned,
  resources: Map<string, Resource>,
  schemas: ResourceSchemas,
): void {
  for (const { name } of project.functions) {
    const ids = functionIds(name);
    const made = resources.get(ids.function);
    const artifactKey = byName.get(name)?.key;
    if (made === undefined || artifactKey === undefined) continue;
    const version = versionId({ prefix: ids.version, function: made, artifactKey }, resources, schemas);
    resources.set(version, versionResource(ids.function));
    resources.set(ids.alias, aliasResource(ids.function, version, added.get(name)?.alias ?? {}));
  }
}

/** The condition of the function that a resource or an output was made for. */
function conditionOf(project: Project, id: string): string | undefined {
  if (!project.functions.some(({ condition }) => condition !== undefined) || project.resources.has(id))
    return undefined;
  const owner = functionOwning(project, id);
  return project.functions.find(({ name }) => name === owner)?.condition;
}

/** A function's condition is that of everything that is made for it. */
function conditional(project: Project, resources: ReadonlyMap<string, Resource>): ReadonlyMap<string, Resource> {
  return new Map(
    [...resources].map(([id, resource]) => {
      const condition = conditionOf(project, id);
      return [id, condition === undefined ? resource : { ...resource, Condition: condition }];
    }),
  );
}

function countByFunction(project: Project, resources: ReadonlyMap<string, Resource>): ReadonlyMap<string, number> {
  const counts = new Map(project.functions.map(({ name }) => [name, 0]));
  for (const id of resources.keys()) {
    const owner = project.resources.has(id) ? undefined : functionOwning(project, id);
    if (owner !== undefined) counts.set(owner, (counts.get(owner) ?? 0) + 1);
  }
  return counts;
}
