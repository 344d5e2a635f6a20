// The plugins' changes to the generated resources, and the rules that no plugin may break.
import { FxError, type Problem } from '../base/error.ts';
import { functionIds, liveAlias } from '../cfn/names.ts';
import type { OwnedOutput, OwnedResource } from '../cfn/part.ts';
import { canonicalJson, type Output, type Resource, ref, referencesIn } from '../cfn/resource.ts';
import type { Path } from '../cfn/resource-schema.ts';
import type { TransformContext, TransformTemplate } from '../project/plugins/plugin.ts';
import type { Project } from '../project/project.ts';

export interface Generated {
  readonly ownedResources: ReadonlyMap<string, OwnedResource>;
  readonly outputs: ReadonlyMap<string, OwnedOutput>;
}

/** Runs each transform in the order of `plugins`. What a plugin adds or changes has its line in project.yml as origin. */
export function transformed(project: Project, generated: Generated, problems: Problem[]): Generated {
  const context = contextOf(project);
  let current = generated;
  for (const { plugin, index, transform } of project.plugins.transforms) {
    const before: TransformTemplate = {
      Resources: Object.fromEntries([...current.ownedResources].map(([id, { resource }]) => [id, resource])),
      Outputs: Object.fromEntries([...current.outputs].map(([id, { output }]) => [id, output])),
    };
    // a plugin may change what it receives
    const after = transform(structuredClone(before), context);
    const from: Path = ['plugins', index];
    const refuse = (message: string, hint?: string) =>
      problems.push({
        at: project.origin(from),
        message: `"${plugin}" ${message}`,
        ...(hint === undefined ? {} : { hint }),
      });
    for (const id of Object.keys(before.Resources)) {
      if (!Object.hasOwn(after.Resources, id)) refuse(`removed the resource ${id}`, 'a plugin may add and change only');
    }
    for (const id of Object.keys(before.Outputs)) {
      if (!Object.hasOwn(after.Outputs, id)) refuse(`removed the output ${id}`, 'a plugin may add and change only');
    }
    const resources = new Map(current.ownedResources);
    for (const [id, resource] of Object.entries(after.Resources)) {
      const known = current.ownedResources.get(id);
      if (known === undefined) resources.set(id, { resource, owner: { kind: 'plugin', name: plugin }, from });
      else resources.set(id, changed(known, resource, from));
    }
    for (const id of Object.keys(after.Outputs)) {
      if (project.outputs.has(id)) refuse(`added the output ${id}, which is also under outputs`);
    }
    refuseFixed(project, current.ownedResources, resources, refuse);
    current = { ownedResources: resources, outputs: outputsAfter(current, after, plugin) };
  }
  return current;
}

function outputsAfter(current: Generated, after: TransformTemplate, plugin: string): Generated['outputs'] {
  return new Map(
    Object.entries(after.Outputs).map(([id, output]): [string, OwnedOutput] => {
      const owner = current.outputs.get(id)?.owner ?? { kind: 'plugin', name: plugin };
      return [id, { output: output as Output, owner }];
    }),
  );
}

/** The changed properties come from the plugin's line, the others from where they came before. */
function changed(known: OwnedResource, resource: Resource, from: Path): OwnedResource {
  const names = new Set([...Object.keys(resource.Properties ?? {}), ...Object.keys(resource)]);
  const isChanged = (name: string) =>
    canonicalJson(memberOf(known.resource, name)) !== canonicalJson(memberOf(resource, name));
  const added = [...names].filter((name) => name !== 'Properties' && isChanged(name));
  if (added.length === 0 && canonicalJson(known.resource) === canonicalJson(resource)) return known;
  const propertiesFrom = { ...known.propertiesFrom, ...Object.fromEntries(added.map((name) => [name, from])) };
  return { ...known, resource, propertiesFrom };
}

function memberOf(resource: Resource, name: string): unknown {
  return resource.Properties?.[name] ?? (resource as unknown as Record<string, unknown>)[name] ?? null;
}

/** What makes a release restorable: the code comes from the recipe, and each function keeps its name and its own role. */
const fixed = ['FunctionName', 'Code', 'Handler', 'Runtime', 'PackageType', 'Architectures', 'Role'] as const;

type Refuse = (message: string, hint?: string) => void;

function refuseFixed(
  project: Project,
  before: Generated['ownedResources'],
  after: Generated['ownedResources'],
  refuse: Refuse,
): void {
  for (const [id, { resource }] of before) {
    const type = after.get(id)?.resource.Type;
    if (type !== undefined && type !== resource.Type)
      refuse(`changed the type of ${id} from ${resource.Type} to ${type}`);
  }
  for (const { name } of project.functions) {
    const id = functionIds(name).function;
    const [old, now] = [before.get(id), after.get(id)].map((entry) => entry?.resource.Properties);
    if (now === undefined) continue;
    for (const property of fixed) {
      if (canonicalJson(old?.[property] ?? null) === canonicalJson(now[property] ?? null)) continue;
      refuse(`changed ${property} of the function "${name}"`, `fx sets it: a release could not be restored otherwise`);
    }
  }
}

/** Versions and live aliases are fx's, and what calls a function goes through its alias: else a rollback would not reach it. */
export function refuseBypasses(
  project: Project,
  ownedResources: ReadonlyMap<string, OwnedResource>,
  problemAt: (id: string) => Problem['at'],
): readonly Problem[] {
  const names = new Map(project.functions.map(({ name }) => [functionIds(name).function, name]));
  return [...ownedResources].flatMap(([id, { resource, owner }]): readonly Problem[] => {
    if (owner.kind === 'user') return [];
    const { Type, Properties } = resource;
    if (owner.kind === 'plugin' && (Type === 'AWS::Lambda::Version' || Type === 'AWS::Lambda::Alias')) {
      return [
        { at: problemAt(id), message: `${id}: a plugin cannot add ${Type}`, hint: 'fx makes versions and aliases' },
      ];
    }
    const property = callers[Type];
    const target = property === undefined ? undefined : Properties?.[property];
    const called = referencesIn(target).find((reference) => names.has(reference.logicalId));
    // a URL has its alias apart: https://docs.aws.amazon.com/lambda/latest/api/API_CreateFunctionUrlConfig.html
    if (called === undefined || Properties?.['Qualifier'] === liveAlias) return [];
    const name = names.get(called.logicalId);
    return [
      {
        at: problemAt(id),
        message: `${id}, ${Type}: ${property} is "${name}" itself, so a rollback would not reach it`,
        hint:
          Type === 'AWS::Lambda::Url'
            ? `add Qualifier: ${liveAlias}`
            : `use its live alias, {Ref: ${functionIds(name ?? '').alias}}`,
      },
    ];
  });
}

const callers: Readonly<Record<string, string>> = {
  'AWS::Lambda::Permission': 'FunctionName',
  'AWS::Lambda::EventSourceMapping': 'FunctionName',
  'AWS::Lambda::Url': 'TargetFunctionArn',
};

function contextOf({ name, environment, functions, plugins }: Project): TransformContext {
  return {
    project: name,
    environment: environment.name,
    region: environment.region,
    account: environment.account,
    functions: functions.map((settings) => {
      const { alias, function: id, role, logGroup } = functionIds(settings.name);
      return {
        name: settings.name,
        physicalName: settings.physicalName,
        alias: ref(alias),
        ids: { function: id, role, logGroup },
        settings: Object.fromEntries(
          Object.keys(plugins.settings).flatMap((key) => {
            const value = settings.pluginSettings[key];
            return value === undefined ? [] : [[key, value]];
          }),
        ),
      };
    }),
  };
}

/** Compiling twice gives the same bytes, else a deploy would never come to rest. Throws PLUGIN_FAILED. */
export function refuseImpure(first: string, second: string, names: readonly string[]): void {
  if (first === second) return;
  throw new FxError('PLUGIN_FAILED', 'the plugins give another template each time the same project is compiled', {
    hint: `of ${names.join(', ')}: use no time and no random values`,
  });
}
