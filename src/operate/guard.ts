// What stops a change before anything is written: data that it would delete, and what CloudFormation would refuse half way.
import { FxError, type Span } from '../base/error.ts';
import type { ResourceSchemas } from '../cfn/resource-schema.ts';
import { type Environment, localEnvironment } from '../project/environment.ts';
import { type Change, losesData } from '../stack/difference.ts';
import { type Templates, trapsOf } from '../stack/traps.ts';

/** Changes that delete data, which a person must allow. Nobody asks on this machine, nor for the log groups of functions. */
export function dataLosses(environment: Environment, changes: readonly Change[]): readonly Change[] {
  if (environment.name === localEnvironment) return [];
  return lossesIn(environment, changes);
}

/** The same, wherever. */
export function lossesIn(environment: Environment, changes: readonly Change[]): readonly Change[] {
  return changes.filter(
    (change) =>
      losesData(change) && (change.type !== 'AWS::Logs::LogGroup' || environment.resourceIds.has(change.logicalId)),
  );
}

export interface Guarded extends Templates {
  readonly changes: readonly Change[];
  /** The position in project.yml; absent if the template comes from a release. */
  readonly placeOf?: ((logicalId: string, path: readonly string[]) => Span) | undefined;
}

/** Throws TEMPLATE_INVALID, with every problem at its line, for what CloudFormation is sure to refuse. */
export function checkTraps({ changes, placeOf, ...templates }: Guarded, schemas: ResourceSchemas): void {
  const traps = trapsOf(templates, changes, schemas).filter(({ severity }) => severity === 'error');
  const [first] = traps;
  if (first === undefined) return;
  const what = 'CloudFormation would refuse this change and roll it back';
  if (placeOf === undefined) throw new FxError('TEMPLATE_INVALID', `${what}: ${first.message}`, { hint: first.hint });
  throw new FxError('TEMPLATE_INVALID', what, {
    problems: traps.map(({ logicalId, path, message, hint }) => ({ at: placeOf(logicalId, path), message, hint })),
  });
}
