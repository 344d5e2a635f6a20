// What is live, read from AWS: the stack, its template, and the version behind each live alias.
import type { Aws, StackDescription } from '../aws/aws.ts';
import { functionIds, liveAlias } from '../cfn/names.ts';
import { canonicalJson, type Template } from '../cfn/resource.ts';
import type { Project } from '../project/project.ts';
import type { Release, ReleasedFunction } from '../release/ledger.ts';
import { moveFor } from '../stack/status.ts';
import { type Context, stackTags } from './context.ts';

export interface Live {
  readonly stack: StackDescription;
  readonly template: Template;
}

/** The stack with its template; undefined where nothing lives. */
export async function readLive(aws: Aws, stack: StackDescription | undefined): Promise<Live | undefined> {
  if (stack === undefined || moveFor(stack.status) !== 'update') return undefined;
  return { stack, template: JSON.parse(await aws.stacks.template(stack.id)) as Template };
}

/** Whether the release is what the stack holds. A deploy that was interrupted leaves a stack that no release tells of. */
export function isRecorded(live: Live, release: Release | undefined): release is Release {
  return release !== undefined && canonicalJson(JSON.parse(release.template)) === canonicalJson(live.template);
}

/** Whether AWS already holds exactly this: template, parameters, tags, and each alias on the version that the stack made. A rollback that was cut short, or a hand on an alias, shows here. */
export async function isUpToDate(
  aws: Aws,
  project: Project,
  live: Live,
  wanted: { readonly template: Template; readonly parameters: Readonly<Record<string, string>> },
): Promise<boolean> {
  const { stack, template } = live;
  if (canonicalJson(template) !== canonicalJson(wanted.template)) return false;
  if (canonicalJson(stack.parameters) !== canonicalJson(wanted.parameters)) return false;
  if (canonicalJson(stack.tags) !== canonicalJson(stackTags(project))) return false;
  return (await movedAliases(aws, project, stack)).length === 0;
}

/** The functions of the project whose live alias is not on the version that the stack made. */
export async function movedAliases(
  aws: Aws,
  project: Project,
  stack: StackDescription,
): Promise<readonly MovedAlias[]> {
  const functions = project.functions.map(({ name, physicalName }) => ({ name, physicalName }));
  return (await readAliases(aws, stack, functions)).filter(({ version, expected }) => version !== expected);
}

/** A live alias: the version it is on, and the one that the stack made. */
export interface MovedAlias {
  readonly name: string;
  readonly physicalName: string;
  readonly expected: string;
  readonly version: string | undefined;
}

/** The functions that the stack has a version of. */
async function readAliases(
  aws: Aws,
  stack: StackDescription,
  functions: readonly { readonly name: string; readonly physicalName: string }[],
): Promise<readonly MovedAlias[]> {
  const resources = await aws.stacks.resources(stack.id);
  const aliases = await Promise.all(
    functions.map(async ({ name, physicalName }): Promise<MovedAlias | undefined> => {
      const prefix = new RegExp(`^${functionIds(name).version}[0-9a-f]+$`);
      // a version that left the template keeps its place in the list, as deleted
      const made = resources.find(
        (one) => one.type === 'AWS::Lambda::Version' && prefix.test(one.logicalId) && !/^DELETE_/.test(one.status),
      );
      if (made === undefined) return undefined;
      const version = await aws.functions.aliasVersion(physicalName, liveAlias);
      // A version's id is its qualified ARN; not so on every emulator, and then the alias's own word has to do.
      // https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-resource-lambda-version.html
      const expected = /:function:[^:]+:(\d+)$/.exec(made.physicalId ?? '')?.[1] ?? version;
      return expected === undefined ? undefined : { name, physicalName, expected, version };
    }),
  );
  return aliases.filter((alias) => alias !== undefined);
}

export interface Settled {
  /** For the ledger. */
  readonly functions: Readonly<Record<string, ReleasedFunction>>;
  /** Whether an alias was elsewhere. */
  readonly moved: boolean;
}

/** Sees to it that each live alias is on the version that the stack made: CloudFormation compares templates only, so it leaves
 * an alias where a hand or a rollback put it. */
export async function settleAliases(
  context: Context,
  stack: StackDescription,
  functions: readonly { readonly name: string; readonly physicalName: string; readonly artifact: string }[],
): Promise<Settled> {
  const aliases = await readAliases(context.aws, stack, functions);
  const moved = aliases.filter(({ version, expected }) => version !== expected);
  await Promise.all(
    moved.map(async ({ name, physicalName, expected, version }) => {
      const move = await context.aws.functions.moveAlias(physicalName, liveAlias, expected);
      if (move === 'moved') return context.report({ kind: 'alias', functionName: name, version: expected });
      const text = `the live alias of "${name}" is on version ${version ?? 'none'} and not on ${expected}, and did not move`;
      context.report({ kind: 'warning', text, hint: 'run the same command again' });
    }),
  );
  const versions = new Map(aliases.map(({ name, expected }) => [name, expected]));
  return {
    moved: moved.length > 0,
    functions: Object.fromEntries(
      functions.map(({ name, ...released }) => [name, { ...released, version: versions.get(name) ?? '' }]),
    ),
  };
}
