// The live aliases: compares each alias's version with the one the stack published, and moves aliases.
import type { StackDescription } from '../aws/aws.ts';
import { FxError } from '../base/error.ts';
import { functionIdsIn } from '../cfn/logical-ids.ts';
import { liveAlias } from '../cfn/names.ts';
import type { Template } from '../cfn/resource.ts';
import type { Environment } from '../project/environment.ts';
import type { CandidateFunction, CandidateFunctions } from '../release/candidate.ts';
import type { Release } from '../release/record.ts';
import { type Context, commandLine, eachFunction } from './context.ts';
import { resourceOf, versionNumber } from './state.ts';

export interface LiveAlias {
  /** The function's name in project.yml. */
  readonly name: string;
  readonly physicalName: string;
  /** The version that the stack published. */
  readonly expected: string;
  /** The alias's version; undefined if the alias does not exist. */
  readonly version: string | undefined;
  /** The share of calls that goes to other versions. */
  readonly weights: Readonly<Record<string, number>>;
}

/** Whether an alias differs from the stack: it points to another version, or splits its traffic. */
export function hasDrifted({ version, expected, weights }: LiveAlias): boolean {
  return version !== expected || Object.keys(weights).length > 0;
}

export interface Aliases {
  readonly aliases: readonly LiveAlias[];
  /** Whether the stack still has all versions of these functions. If not, somebody else is changing it. */
  readonly isCurrent: boolean;
  readonly functions: Readonly<Record<string, CandidateFunction>>;
}

export interface AliasContext {
  readonly stack: StackDescription;
  readonly template: Template;
  /** The release that the stack holds, if it is recorded: its versions need not be read from the stack. */
  readonly held?: Release | undefined;
  /** The logical ids of what the change before this has created: a new alias points where the template says. */
  readonly created?: ReadonlySet<string>;
}

/**
 * The live aliases of the functions in the stack, in one call per function whose alias is not new. The resources of the stack are listed only if `held` does not
 * have the versions, or if an alias differs from them: the stack may have moved on, through somebody else's change.
 */
export async function readAliases(
  context: Context,
  of: AliasContext,
  functions: Readonly<Record<string, CandidateFunction>>,
): Promise<Aliases> {
  const recorded = Object.entries(functions).map(([name, settings]) => {
    const { versionId, version } = of.held?.functions[name] ?? {};
    return { name, settings, version: versionId === settings.versionId ? version : undefined };
  });
  if (recorded.every(({ version }) => version !== undefined)) {
    const aliases = await readEach(context, of, recorded);
    if (!aliases.some(hasDrifted)) return { aliases, isCurrent: true, functions: versionsIn(functions, aliases) };
  }
  const resources = await context.aws.stacks.resources(of.stack.id);
  const inStack = Object.entries(functions).flatMap(([name, settings]) => {
    const resource = resourceOf(resources, settings.versionId);
    return resource === undefined ? [] : [{ name, settings, resource, version: versionNumber(resource) }];
  });
  const aliases = await readEach(context, of, inStack);
  const isCurrent = inStack.every(({ resource }) => !resource.status.startsWith('DELETE_'));
  return { aliases, isCurrent, functions: versionsIn(functions, aliases) };
}

interface Published {
  readonly name: string;
  readonly settings: CandidateFunction;
  /** Undefined if an emulator gives versions other physical ids. */
  readonly version: string | undefined;
}

function readEach(
  context: Context,
  { template, created }: AliasContext,
  published: readonly Published[],
): Promise<readonly LiveAlias[]> {
  return eachFunction(published, async ({ name, settings: { physicalName }, version }) => {
    if (version !== undefined && created?.has(functionIdsIn(template, name).alias) === true) {
      return { name, physicalName, expected: version, version, weights: {} };
    }
    const state = await context.aws.functions.alias({ functionName: physicalName, alias: liveAlias });
    // without a version number, trust the alias
    const expected = version ?? state?.version ?? '';
    const weights = hasWeights(template, name) ? {} : (state?.weights ?? {});
    return { name, physicalName, expected, version: state?.version, weights };
  });
}

function versionsIn(
  functions: Readonly<Record<string, CandidateFunction>>,
  aliases: readonly LiveAlias[],
): Readonly<Record<string, CandidateFunction>> {
  const versions = new Map(aliases.map(({ name, expected }) => [name, expected]));
  const entries = Object.entries(functions).map(([name, settings]) => {
    const version = versions.get(name) || settings.version;
    return [name, { ...settings, version }] as const;
  });
  return Object.fromEntries(entries);
}

/** Whether an extension of the template splits the function's traffic. */
function hasWeights(template: Template, name: string): boolean {
  return template.Resources[functionIdsIn(template, name).alias]?.Properties?.['RoutingConfig'] !== undefined;
}

/** Points each alias to the version that the stack published. CloudFormation compares only templates, so it does not undo the move
 * of an alias by a person or a rollback. Returns whether any alias moved. */
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

/** Moves the traffic of these functions at once: in seconds for a whole project. Returns the functions whose alias or version is gone, or
 * that Lambda is changing: with `stackFollows`, the stack update moves them. If the move stops half way, the error lists the moved aliases
 * and the command to run. */
export async function moveTraffic(
  environment: Environment,
  functions: CandidateFunctions,
  { stackFollows }: { readonly stackFollows: boolean },
  context: Context,
): Promise<readonly string[]> {
  const unmoved: string[] = [];
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
      unmoved.push(functionName);
      context.report({ kind: 'alias-not-moved', functionName, version, reason: move, stackFollows });
    });
  } catch (error) {
    if (!(error instanceof FxError)) throw error;
    const left = names.filter((name) => !moved.includes(name));
    const done = moved.length === 0 ? 'no live alias has moved' : `the live aliases of ${moved.join(', ')} have moved`;
    const unmoved = left.length === 0 ? '' : `, those of ${left.join(', ')} may not have`;
    throw new FxError(error.code, `${error.message}; ${done}${moved.length === 0 ? '' : unmoved}`, {
      hint: `${error.hint === undefined ? '' : `${error.hint}; then `}run ${commandLine('rollback', environment)} again: it resumes`,
      cause: error,
    });
  }
  return unmoved;
}
