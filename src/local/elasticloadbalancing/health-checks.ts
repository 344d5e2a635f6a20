// Health checks: calls the functions of target groups at their interval. As on AWS, a group whose only target is unhealthy still gets
// requests. https://docs.aws.amazon.com/elasticloadbalancing/latest/application/target-group-health-checks.html
import type { TargetHealth } from '@aws-sdk/client-elastic-load-balancing-v2';
import type { Cancel } from '../clock.ts';
import { AwsError } from '../cloud.ts';
import { healthCheckEvent, isMultiValue } from './event.ts';
import { responseOf } from './response.ts';
import { type BalancerContext, balancersOf, principal, type TargetGroup } from './state.ts';

interface Watched {
  readonly cancel: Cancel;
  readonly target: string;
  state: 'initial' | 'healthy' | 'unhealthy';
  passed: number;
  failed: number;
}

export class HealthChecks {
  readonly #context: BalancerContext;
  readonly #watched = new Map<string, Watched>();

  constructor(context: BalancerContext) {
    this.#context = context;
  }

  /** Begins, goes on with or ends the checks of a group that was made, changed or deleted. */
  changed(arn: string): void {
    const group = this.#context.groups.get(arn);
    const before = this.#watched.get(arn);
    before?.cancel();
    this.#watched.delete(arn);
    if (group?.target === undefined || !group.healthCheck.enabled) return;
    const isSame = before?.target === group.target;
    const counts = isSame ? before : { state: 'initial' as const, passed: 0, failed: 0 };
    this.#schedule(group, group.target, { state: counts.state, passed: counts.passed, failed: counts.failed });
  }

  healthOf(group: TargetGroup): TargetHealth {
    if (!group.healthCheck.enabled) {
      return {
        State: 'unavailable',
        Reason: 'Target.HealthCheckDisabled',
        Description: 'Health checks are not enabled for this target',
      };
    }
    if (balancersOf(this.#context, group.arn).length === 0) {
      return {
        State: 'unused',
        Reason: 'Target.NotInUse',
        Description: 'Target group is not configured to receive traffic from the load balancer',
      };
    }
    const state = this.#watched.get(group.arn)?.state ?? 'initial';
    if (state === 'healthy') return { State: state };
    return state === 'initial'
      ? { State: state, Reason: 'Elb.InitialHealthChecking', Description: 'Initial health checks in progress' }
      : { State: state, Reason: 'Target.FailedHealthChecks', Description: 'Health checks failed' };
  }

  stop(): void {
    for (const { cancel } of this.#watched.values()) cancel();
    this.#watched.clear();
  }

  #schedule({ arn, healthCheck }: TargetGroup, target: string, counts: Omit<Watched, 'cancel' | 'target'>): void {
    const cancel = this.#context.cloud.after(healthCheck.intervalSeconds * 1000, () => void this.#check(arn));
    this.#watched.set(arn, { ...counts, cancel, target });
  }

  async #check(arn: string): Promise<void> {
    const group = this.#context.groups.get(arn);
    const watched = this.#watched.get(arn);
    if (group?.target === undefined || watched === undefined) return;
    // a group that nobody forwards to is not checked
    const isUsed = balancersOf(this.#context, arn).length > 0;
    const result = isUsed ? await this.#passes(group) : undefined;
    // stopped, or changed meanwhile
    if (this.#watched.get(arn) !== watched) return;
    this.#schedule(group, watched.target, result === undefined ? watched : counted(watched, group, result));
  }

  async #passes(group: TargetGroup): Promise<boolean> {
    const { cloud } = this.#context;
    const event = { FunctionName: group.target, Payload: Buffer.from(JSON.stringify(healthCheckEvent(group))) };
    const caller = { kind: 'service', service: principal, sourceArn: group.arn } as const;
    const invoked = cloud.call('lambda', 'Invoke', event, caller);
    try {
      const answer = await cloud.pauses.within(group.healthCheck.timeoutSeconds * 1000, invoked, cloud);
      if (answer === 'timeout') {
        invoked.catch(() => undefined);
        return false;
      }
      if (answer.FunctionError !== undefined) return false;
      const response = responseOf(Buffer.from(answer.Payload ?? []), isMultiValue(group));
      return response !== undefined && isExpected(response.status, group.healthCheck.matcher);
    } catch (error) {
      if (error instanceof AwsError) return false;
      throw error;
    }
  }
}

/** The first check that passes makes a new target healthy. */
function counted(
  before: Watched,
  { healthCheck }: TargetGroup,
  hasPassed: boolean,
): Omit<Watched, 'cancel' | 'target'> {
  const passed = hasPassed ? before.passed + 1 : 0;
  const failed = hasPassed ? 0 : before.failed + 1;
  const isHealthy = passed >= (before.state === 'initial' ? 1 : healthCheck.healthyThreshold);
  const isUnhealthy = failed >= healthCheck.unhealthyThreshold;
  return { passed, failed, state: isHealthy ? 'healthy' : isUnhealthy ? 'unhealthy' : before.state };
}

function isExpected(status: number, matcher: string): boolean {
  return matcher.split(',').some((part) => {
    const [from = '', to = from] = part.split('-');
    return status >= Number(from) && status <= Number(to);
  });
}
