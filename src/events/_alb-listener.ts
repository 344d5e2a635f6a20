// The listener that an `alb` event names, in whichever way: one identity, so that two events of one listener are found.
import { sha256 } from '../base/hash.ts';
import type { Plain } from '../base/located.ts';
import { arnOf } from '../cfn/arn.ts';
import { pascalCase } from '../cfn/names.ts';
import { canonicalJson, type Resource, type Value } from '../cfn/resource.ts';

export const listenerType = 'AWS::ElasticLoadBalancingV2::Listener';

export interface Listener {
  /** The same for each way to name the listener. */
  readonly key: string;
  /** Its logical id, if it is one, or is written as one. */
  readonly logicalId: string | undefined;
  readonly arn: Value;
  /** The load balancer, as far as it is known: a target group belongs to one load balancer.
   * https://docs.aws.amazon.com/elasticloadbalancing/latest/application/load-balancer-limits.html */
  readonly balancer: string;
  /** For the logical ids of rules. */
  readonly idPart: string;
}

export function listenerOf(written: Plain, resources: ReadonlyMap<string, Resource>): Listener {
  const logicalId = logicalIdIn(written);
  if (logicalId !== undefined) {
    const balancer = resources.get(logicalId)?.Properties?.['LoadBalancerArn'];
    return {
      key: logicalId,
      logicalId,
      arn: arnOf(logicalId, listenerType),
      balancer: canonicalJson(balancer ?? logicalId),
      idPart: pascalCase(logicalId),
    };
  }
  const key = canonicalJson(written);
  const [, balancer] = /:listener\/(app\/[^/]+\/[^/]+)\//.exec(key) ?? [];
  return { key, logicalId, arn: written, balancer: balancer ?? key, idPart: sha256(key).slice(0, 8) };
}

/** The logical id in `Http`, `!Ref Http` and `!GetAtt Http.ListenerArn`. */
function logicalIdIn(written: Plain): string | undefined {
  if (typeof written === 'string') return written.startsWith('arn:') ? undefined : written;
  if (typeof written !== 'object' || written === null || Array.isArray(written)) return undefined;
  const { Ref: name, 'Fn::GetAtt': attribute } = written as Readonly<Record<string, Plain>>;
  if (typeof name === 'string') return name;
  const [id, member] = typeof attribute === 'string' ? attribute.split('.') : Array.isArray(attribute) ? attribute : [];
  return typeof id === 'string' && member === 'ListenerArn' ? id : undefined;
}
