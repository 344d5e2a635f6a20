// What is live, read from AWS: the stack, its template, and the version behind each live alias.
import type { Aws, StackDescription } from '../aws/aws.ts';
import { functionIds, functionName, liveAlias } from '../cfn/names.ts';
import { canonicalJson, type Template } from '../cfn/resource.ts';
import type { Project } from '../project/project.ts';
import type { ReleasedFunction } from '../release/ledger.ts';
import { isClean, moveFor } from '../stack/status.ts';
import { stackTags } from './context.ts';

export interface Live {
  readonly stack: StackDescription;
  readonly template: Template;
}

/** The stack and its template; undefined where nothing lives. */
export async function readLive(aws: Aws, stackName: string): Promise<Live | undefined> {
  const stack = await aws.stacks.describe(stackName);
  if (stack === undefined || moveFor(stack.status) !== 'update') return undefined;
  return { stack, template: JSON.parse(await aws.stacks.template(stack.id)) as Template };
}

/** Whether AWS already holds exactly this: stack at rest and clean, template, parameters, tags, and each alias on the version
 * that the stack made. A rollback that was cut short, or a hand on an alias, shows here. */
export async function isUpToDate(
  aws: Aws,
  project: Project,
  live: Live,
  wanted: { readonly template: Template; readonly parameters: Readonly<Record<string, string>> },
): Promise<boolean> {
  const { stack, template } = live;
  if (!isClean(stack.status) || canonicalJson(template) !== canonicalJson(wanted.template)) return false;
  if (canonicalJson(stack.parameters) !== canonicalJson(wanted.parameters)) return false;
  if (canonicalJson(stack.tags) !== canonicalJson(stackTags(project))) return false;
  return (await movedAliases(aws, project, stack)).length === 0;
}

/** The functions whose live alias is not on the version that the stack made. */
export async function movedAliases(
  aws: Aws,
  project: Project,
  stack: StackDescription,
): Promise<readonly MovedAlias[]> {
  const resources = await aws.stacks.resources(stack.id);
  const checked = await Promise.all(
    project.functions.map(async ({ name }): Promise<MovedAlias | undefined> => {
      const prefix = new RegExp(`^${functionIds(name).version}[0-9a-f]+$`);
      const made = resources.find((one) => one.type === 'AWS::Lambda::Version' && prefix.test(one.logicalId));
      const expected = made?.physicalId?.split(':').at(-1);
      const physicalName = functionName(project.names, name);
      const version = await aws.functions.aliasVersion(physicalName, liveAlias);
      return expected === undefined || version === expected ? undefined : { name, physicalName, expected, version };
    }),
  );
  return checked.filter((moved) => moved !== undefined);
}

export interface MovedAlias {
  readonly name: string;
  readonly physicalName: string;
  readonly expected: string;
  readonly version: string | undefined;
}

/** The version behind each live alias, for the ledger. */
export async function releasedFunctions(
  aws: Aws,
  functions: readonly { readonly name: string; readonly physicalName: string; readonly artifact: string }[],
): Promise<Readonly<Record<string, ReleasedFunction>>> {
  const entries = await Promise.all(
    functions.map(async ({ name, physicalName, artifact }) => {
      const version = (await aws.functions.aliasVersion(physicalName, liveAlias)) ?? '';
      return [name, { physicalName, artifact, version }] as const;
    }),
  );
  return Object.fromEntries(entries);
}
