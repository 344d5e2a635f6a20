// What every verb is given: AWS, a reporter, a signal; and the checks that come before anything else.
import type { Aws, Identity } from '../aws/aws.ts';
import { FxError } from '../base/error.ts';
import type { Reporter } from '../base/report.ts';
import { nearest } from '../base/suggest.ts';
import type { ResourceSchemas } from '../cfn/resource-schema.ts';
import type { Project } from '../project/project.ts';
import type { LedgerPlace } from '../release/ledger.ts';
import { type Change, losesData } from '../stack/difference.ts';

export interface Context {
  readonly aws: Aws;
  readonly report: Reporter;
  readonly signal: AbortSignal;
  /** Milliseconds between two looks at a stack or a log. */
  readonly pollMs: number;
  readonly schemas: ResourceSchemas;
}

/** Who we are to AWS. Throws ACCOUNT_MISMATCH where the environment is pinned to another account; no other call was made. */
export async function identify(project: Project, context: Context): Promise<Identity> {
  const identity = await context.aws.identity();
  checkAccount(project, identity.account);
  context.report({
    kind: 'target',
    project: project.name,
    environment: project.environment,
    account: identity.account,
    region: project.region,
    endpoint: context.aws.endpoint,
  });
  return identity;
}

/** Throws ACCOUNT_MISMATCH where the environment is pinned to another account than the credentials are for. */
export function checkAccount(pinned: Pick<Project, 'account' | 'environment'>, account: string): void {
  if (pinned.account === undefined || pinned.account === account) return;
  throw new FxError(
    'ACCOUNT_MISMATCH',
    `the credentials are for account ${account}, but the environment "${pinned.environment}" belongs to ${pinned.account}`,
    { hint: 'name the right profile with --profile; nothing was read or changed' },
  );
}

/** The tags that say whose a stack is. */
export function stackTags(project: Project): Readonly<Record<string, string>> {
  return { ...Object.fromEntries(project.tags), 'fx:project': project.name, 'fx:environment': project.environment };
}

export function ledgerPlace(project: Project, bucket: string): LedgerPlace {
  return { bucket, project: project.name, environment: project.environment };
}

/** What a protected environment is asked about. The logs of functions are taken for granted. */
export function protectedLosses(project: Project, changes: readonly Change[]): readonly Change[] {
  if (!project.protected) return [];
  return changes.filter(
    (change) => losesData(change) && (change.type !== 'AWS::Logs::LogGroup' || project.resources.has(change.logicalId)),
  );
}

export function notDeployed(project: Project): FxError {
  return new FxError('NOT_DEPLOYED', `"${project.environment}" is not deployed`, {
    hint: `fx deploy${project.environment === 'local' ? '' : ` --env ${project.environment}`}`,
  });
}

/** The function of that name; names the nearest where there is none. */
export function findFunction(project: Project, name: string) {
  const found = project.functions.find((settings) => settings.name === name);
  if (found !== undefined) return found;
  const names = project.functions.map((settings) => settings.name);
  const meant = nearest(name, names);
  throw new FxError('USAGE', `there is no function "${name}"`, {
    hint: meant === undefined ? `functions are ${names.join(', ') || 'none'}` : `did you mean "${meant}"?`,
  });
}
