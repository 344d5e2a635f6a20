// The live aliases: the version that each is on, whether that is the one that the stack published, and moving them.
import type { StackDescription } from '../aws/aws.ts';
import { FxError } from '../base/error.ts';
import { functionIds, liveAlias } from '../cfn/names.ts';
import type { Template } from '../cfn/resource.ts';
import type { Environment } from '../project/environment.ts';
import type { CandidateFunction } from '../release/candidate.ts';
import { type Context, commandLine, eachFunction } from './context.ts';
import { resourceOf, versionNumber } from './state.ts';

export interface LiveAlias {
  /** The function, as in project.yml. */
  readonly name: string;
  readonly physicalName: string;
  /** The version that the stack published. */
  readonly expected: string;
  /** The version that the alias is on; undefined where it does not exist. */
  readonly version: string | undefined;
  /** The share of calls that goes to other versions. */
  readonly weights: Readonly<Record<string, number>>;
}

/** Whether an alias is elsewhere than the stack put it: on another version, or with a part of its calls. */
export function hasDrifted({ version, expected, weights }: LiveAlias): boolean {
  return version !== expected || Object.keys(weights).length > 0;
}

export interface Aliases {
  readonly aliases: readonly LiveAlias[];
  /** Whether the stack still holds every version of these functions. Where not, somebody else is changing it. */
  readonly isCurrent: boolean;
  readonly functions: Readonly<Record<string, CandidateFunction>>;
}

/** The live aliases of the functions that the stack has, in one call a function. */
export async function readAliases(
  context: Context,
  { stack, template }: { readonly stack: StackDescription; readonly template: Template },
  functions: Readonly<Record<string, CandidateFunction>>,
): Promise<Aliases> {
  const resources = await context.aws.stacks.resources(stack.id);
  const inStack = Object.entries(functions).flatMap(([name, settings]) => {
    const resource = resourceOf(resources, settings.versionId);
    return resource === undefined ? [] : [{ name, settings, resource }];
  });
  const aliases = await eachFunction(inStack, async ({ name, settings, resource }) => {
    const { physicalName } = settings;
    const state = await context.aws.functions.alias({ functionName: physicalName, alias: liveAlias });
    // an emulator may have other physical ids: then the alias's word has to do
    const expected = versionNumber(resource) ?? state?.version ?? '';
    const weights = hasWeights(template, name) ? {} : (state?.weights ?? {});
    return { name, physicalName, expected, version: state?.version, weights };
  });
  const versions = new Map(aliases.map(({ name, expected }) => [name, expected]));
  return {
    aliases,
    isCurrent: inStack.every(({ resource }) => !resource.status.startsWith('DELETE_')),
    functions: Object.fromEntries(
      Object.entries(functions).map(([name, settings]) => {
        const version = versions.get(name) || settings.version;
        return [name, { ...settings, version }];
      }),
    ),
  };
}

/** Whether the template itself, by an extension, splits the traffic of a function. */
function hasWeights(template: Template, name: string): boolean {
  return template.Resources[functionIds(name).alias]?.Properties?.['RoutingConfig'] !== undefined;
}

/** Puts each alias on the version that the stack published: CloudFormation compares templates only, so it leaves an alias where a person
 * or a rollback put it. Answers whether one was elsewhere. */
export async function settleAliases({ aliases, isCurrent }: Aliases, context: Context): Promise<boolean> {
  if (!isCurrent) return false;
  const drifted = aliases.filter(hasDrifted);
  await eachFunction(drifted, async ({ name, physicalName, expected }) => {
    const input = { functionName: physicalName, alias: liveAlias, version: expected };
    const move = await context.aws.functions.moveAlias(input);
    if (move === 'moved') context.report({ kind: 'alias', functionName: name, version: expected });
    else {
      context.report({
        kind: 'alias-not-moved',
        functionName: name,
        version: expected,
        reason: move,
        stackFollows: false,
      });
    }
  });
  return drifted.length > 0;
}

/** Moves the traffic of every function at once, before the stack: seconds for a whole project. Where that stops half way, the error says
 * which aliases have moved and what to run. */
export async function moveTraffic(
  environment: Environment,
  functions: Readonly<Record<string, CandidateFunction>>,
  context: Context,
): Promise<void> {
  const moved: string[] = [];
  const names = Object.keys(functions);
  try {
    await eachFunction(Object.entries(functions), async ([functionName, { physicalName, version }]) => {
      const input = { functionName: physicalName, alias: liveAlias };
      const move = version === undefined ? 'gone' : await context.aws.functions.moveAlias({ ...input, version });
      if (move === 'moved') {
        moved.push(functionName);
        return context.report({ kind: 'alias', functionName, version: version ?? '' });
      }
      context.report({ kind: 'alias-not-moved', functionName, version, reason: move, stackFollows: true });
    });
  } catch (error) {
    if (!(error instanceof FxError)) throw error;
    const left = names.filter((name) => !moved.includes(name));
    const done = moved.length === 0 ? 'no live alias has moved' : `the live aliases of ${moved.join(', ')} have moved`;
    const rest = left.length === 0 ? '' : `, those of ${left.join(', ')} may not have`;
    throw new FxError(error.code, `${error.message}; ${done}${moved.length === 0 ? '' : rest}`, {
      hint: `${error.hint === undefined ? '' : `${error.hint}; then `}run ${commandLine('rollback', environment)} again: it resumes`,
      cause: error,
    });
  }
}
