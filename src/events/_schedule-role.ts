// The role with which EventBridge Scheduler calls the functions of a project: one for all schedules.
import type { Statement } from '../cfn/part.ts';
import type { Resource, Value } from '../cfn/resource.ts';
import { policyDocument, trust } from '../cfn/role.ts';
import type { FunctionReference } from './source.ts';

export const scheduleRoleId = 'SchedulesInvokeRole';

export interface ScheduledFunction {
  readonly function: FunctionReference;
  /** What its schedules need besides calling it. */
  readonly statements: readonly Statement[];
}

/** `groups` are the ARNs of the schedules' groups. A function that exists only under a condition has a policy of its own. */
export function scheduleRole(scheduled: readonly ScheduledFunction[], groups: readonly Value[]): Resource {
  const always = scheduled.filter(({ function: { condition } }) => condition === undefined);
  const sometimes = scheduled.filter(({ function: { condition } }) => condition !== undefined);
  return {
    Type: 'AWS::IAM::Role',
    Properties: {
      // against the confused deputy, by the schedule's group:
      // https://docs.aws.amazon.com/scheduler/latest/UserGuide/cross-service-confused-deputy-prevention.html
      AssumeRolePolicyDocument: policyDocument([
        trust('scheduler.amazonaws.com', {
          StringEquals: { 'aws:SourceAccount': { Ref: 'AWS::AccountId' } },
          ArnEquals: { 'aws:SourceArn': groups },
        }),
      ]),
      Policies: [
        ...(always.length === 0 ? [] : [policy('fx', always)]),
        ...sometimes.map(
          (one): Value => ({
            'Fn::If': [one.function.condition ?? '', policy(`fx-${one.function.name}`, [one]), { Ref: 'AWS::NoValue' }],
          }),
        ),
      ],
    },
  };
}

function policy(PolicyName: string, scheduled: readonly ScheduledFunction[]): Value {
  const invoke = {
    Effect: 'Allow',
    Action: ['lambda:InvokeFunction'],
    Resource: scheduled.map(({ function: { alias } }) => alias),
  };
  const others = scheduled.flatMap(({ statements }) => statements);
  return { PolicyName, PolicyDocument: policyDocument([invoke, ...others]) };
}
