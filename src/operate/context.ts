// What every verb is given: AWS, a reporter, a signal; and the checks that come before anything else.
import type { Aws, Identity } from '../aws/aws.ts';
import { FxError } from '../base/error.ts';
import { inPool } from '../base/pool.ts';
import type { Reporter } from '../base/report.ts';
import { nearest } from '../base/suggest.ts';
import type { ResourceSchemas } from '../cfn/resource-schema.ts';
import { type Environment, type EnvironmentFunction, localEnvironment } from '../project/environment.ts';
import type { LedgerPlace } from '../release/ledger.ts';
import { type Change, losesData } from '../stack/difference.ts';

export interface Context {
  readonly aws: Aws;
  readonly report: Reporter;
  readonly signal: AbortSignal;
  /** The time in the AWS that the environment is in: milliseconds since 1970. */
  now(): number;
  /** Milliseconds between two looks at a stack or a log. */
  readonly pollMs: number;
  readonly schemas: ResourceSchemas;
  /** The version of fx, for the ledger. */
  readonly version: string;
}

/** Who we are to AWS. Throws ACCOUNT_MISMATCH where the environment is pinned to another account, before any other call. */
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

/** Throws ACCOUNT_MISMATCH where the environment is pinned to another account than the credentials are for. */
export function checkAccount(pinned: PinnedAccount, account: string): void {
  if (pinned.account === undefined || pinned.account === account) return;
  throw new FxError(
    'ACCOUNT_MISMATCH',
    `the credentials are for account ${account}, but the environment "${pinned.environment}" belongs to ${pinned.account}`,
    { hint: 'name the right profile with --profile; nothing was read or changed' },
  );
}

/** The tags that say whose a stack is. */
export function ownerTags({ project, name }: Environment): Readonly<Record<string, string>> {
  return { 'fx:project': project, 'fx:environment': name };
}

export function ledgerPlace({ project, name }: Environment, bucket: string): LedgerPlace {
  return { bucket, project, environment: name };
}

const atOnce = 10;

/** The one way to make a call for each function: a few at a time, in order. The clients keep them below the rate of the API. */
export function eachFunction<T, R>(functions: readonly T[], work: (item: T) => Promise<R>): Promise<readonly R[]> {
  return inPool(functions, atOnce, work);
}

/** What a protected environment asks about. The logs of functions do not count. */
export function protectedLosses(environment: Environment, changes: readonly Change[]): readonly Change[] {
  if (!environment.protected) return [];
  return changes.filter(
    (change) =>
      losesData(change) && (change.type !== 'AWS::Logs::LogGroup' || environment.resourceIds.has(change.logicalId)),
  );
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

/** The function of that name. Throws USAGE, with the nearest name, if it does not exist. */
export function findFunction({ functions }: Environment, name: string): EnvironmentFunction {
  const match = functions.find((settings) => settings.name === name);
  if (match !== undefined) return match;
  const names = functions.map((settings) => settings.name);
  const meant = nearest(name, names);
  throw new FxError('USAGE', `there is no function "${name}"`, {
    hint: meant === undefined ? `functions are ${names.join(', ') || 'none'}` : `did you mean "${meant}"?`,
  });
}
