// Why a change failed: the first real failure among a stack's events.
import type { StackEvent } from '../aws/aws.ts';

export interface Cause {
  readonly logicalId: string;
  readonly type: string;
  readonly status: string;
  readonly reason: string;
}

// What CloudFormation writes on resources that were stopped because another failed.
const consequence = /^(Resource (creation|update|deletion) cancelled|The following resource\(s\) failed)/i;

/** Events in any order. The earliest failure that is not the consequence of another. */
export function causeOf(events: readonly StackEvent[]): Cause | undefined {
  const failures = events
    .filter(
      (event) => event.status.endsWith('_FAILED') && event.reason !== undefined && !consequence.test(event.reason),
    )
    .sort((a, b) => a.time.getTime() - b.time.getTime());
  // the stack's own event only sums up; it counts where no resource says more
  const first = failures.find((event) => event.type !== 'AWS::CloudFormation::Stack') ?? failures[0];
  if (first === undefined) return undefined;
  return {
    logicalId: first.logicalId,
    type: first.type,
    status: first.status,
    reason: plainReason(first.reason ?? ''),
  };
}

/** The handler's own words, without request ids. */
export function plainReason(reason: string): string {
  const inner = /Resource handler returned message: "(.*)" \(RequestToken: [^)]*\)$/s.exec(reason)?.[1] ?? reason;
  return inner
    .replace(/\s*\((?:Service: [^()]*, )?(?:Status Code: \d+, )?Request ID: [^()]*\)/, '')
    .replace(/\s*\(SDK Attempt Count: \d+\)/, '')
    .trim();
}
