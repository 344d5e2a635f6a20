// The input of every verb: AWS, a reporter and a signal; and the checks that come first.
import type { Aws, Identity } from '../aws/aws.ts';
import { FxError } from '../base/error.ts';
import { inPool } from '../base/pool.ts';
import type { Reporter } from '../base/report.ts';
import { nearest } from '../base/suggest.ts';
import { wildcard } from '../base/wildcard.ts';
import type { ResourceSchemas } from '../cfn/resource-schema.ts';
import { type Environment, localEnvironment } from '../project/environment.ts';
import type { LedgerPlace } from '../release/ledger.ts';
import type { Owner } from '../stack/apply.ts';

export interface Context {
  readonly aws: Aws;
  readonly report: Reporter;
  readonly signal: AbortSignal;
  /** The time in the AWS that the environment is in: milliseconds since 1970. */
  now(): number;
  /** Milliseconds between polls of a stack or a log. */
  readonly pollMs: number;
  /** False: BUSY instead of waiting for another change. */
  readonly wait: boolean;
  readonly schemas: ResourceSchemas;
  /** The version of fx, for the ledger. */
  readonly version: string;
}

/** The caller's identity. Throws ACCOUNT_MISMATCH if the environment is pinned to another account, before any other call. */
export async function identify(environment: Environment, context: Context): Promise<Identity> {
  const identity = await context.aws.identity();
  checkAccount({ account: environment.account, environment: environment.name }, identity.account);
  context.report({
    kind: 'target',
    project: environment.project,
    environment: environment.name,
    account: identity.account,
    region: environment.region,
    endpoint: context.aws.endpoint,
  });
  return identity;
}

export interface PinnedAccount {
  readonly account: string | undefined;
  /** The name of the environment. */
  readonly environment: string;
}

/** Throws ACCOUNT_MISMATCH if the credentials are for another account than the one that the environment is pinned to. */
export function checkAccount(pinned: PinnedAccount, account: string): void {
  if (pinned.account === undefined || pinned.account === account) return;
  throw new FxError(
    'ACCOUNT_MISMATCH',
    `the credentials are for account ${account}, but the environment "${pinned.environment}" belongs to ${pinned.account}`,
    { hint: 'name the right profile with --profile; nothing was read or changed' },
  );
}

/** The tags that identify a stack's project and environment. */
export function ownerTags({ project, name }: Environment): Readonly<Record<string, string>> {
  return { 'fx:project': project, 'fx:environment': name };
}

/** Who may change a stack: its tags say so; `stack.adopt` takes over one without them. */
export function ownerOf(environment: Environment): Owner {
  return { tags: ownerTags(environment), adopts: environment.stack.adopt };
}

export function ledgerPlace({ project, name }: Environment, bucket: string): LedgerPlace {
  return { bucket, project, environment: name };
}

/** Calls of one kind in progress. */
export const atOnce = 10;

/** Every call per function goes through this: a few at a time, in order. The clients keep below the API's rate limit. */
export function eachFunction<T, R>(functions: readonly T[], work: (item: T) => Promise<R>): Promise<readonly R[]> {
  return inPool(functions, atOnce, work);
}

/** Now, in the AWS that the environment is in: ISO 8601. */
export function timeOf({ now }: Pick<Context, 'now'>): string {
  return new Date(now()).toISOString();
}

/** `fx deploy --env staging`. */
export function commandLine(verb: string, { name }: Environment): string {
  return `fx ${verb}${name === localEnvironment ? '' : ` --env ${name}`}`;
}

export function notDeployed(environment: Environment): FxError {
  return new FxError('NOT_DEPLOYED', `"${environment.name}" is not deployed`, {
    hint: commandLine('deploy', environment),
  });
}

/** The function with that name. Throws USAGE, with the nearest name, if it does not exist. */
export function findFunction<F extends { readonly name: string }>(
  { functions }: { readonly functions: readonly F[] },
  name: string,
): F {
  const match = functions.find((settings) => settings.name === name);
  if (match !== undefined) return match;
  throw noFunction(
    name,
    functions.map((settings) => settings.name),
  );
}

function noFunction(name: string, names: readonly string[]): FxError {
  const suggestion = nearest(name, names);
  return new FxError('USAGE', `there is no function "${name}"`, {
    hint: suggestion === undefined ? `functions are ${names.join(', ') || 'none'}` : `did you mean "${suggestion}"?`,
  });
}

/** The names that the patterns match, in their own order; `*` stands for any characters. Throws what `missing` makes of a pattern without a match:
 * for the names of functions, USAGE. */
export function namesMatching(
  patterns: readonly string[],
  names: readonly string[],
  missing: (pattern: string) => FxError = (pattern) => noFunction(pattern, names),
): readonly string[] {
  const matched = patterns.map((pattern) => {
    const regex = wildcard(pattern);
    const matches = names.filter((name) => regex.test(name));
    if (matches.length > 0) return matches;
    throw missing(pattern);
  });
  const all = new Set(matched.flat());
  return names.filter((name) => all.has(name));
}
