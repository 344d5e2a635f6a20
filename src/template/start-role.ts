// The role with which rules and schedules start a state machine.
// https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-use-identity-based.html
import { stateMachineIds } from '../cfn/names.ts';
import { allow, type Part } from '../cfn/part.ts';
import { type Resource, ref, sub, type Value } from '../cfn/resource.ts';
import { inlinePolicies, onBehalfOf, policyDocument, trust } from '../cfn/role.ts';
import { distinct } from './role.ts';

/** By the type of the resource that starts it: the service, and the ARN that it names, with any name, since it needs the role first. */
const starters: Readonly<Record<string, readonly [service: string, resource: string]>> = {
  'AWS::Events::Rule': ['events', 'rule/*'],
  // a schedule names its group
  'AWS::Scheduler::Schedule': ['scheduler', 'schedule-group/*'],
};

export function startRole(name: string, parts: readonly Part[]): Readonly<Record<string, Resource>> {
  const ids = stateMachineIds(name);
  const types = new Set(parts.flatMap(({ resources = {} }) => Object.values(resources).map(({ Type }) => Type)));
  const trusted = Object.entries(starters).flatMap(([type, [service, resource]]): Value[] =>
    types.has(type)
      ? [
          trust(
            `${service}.amazonaws.com`,
            onBehalfOf(sub(`arn:\${AWS::Partition}:${service}:\${AWS::Region}:\${AWS::AccountId}:${resource}`)),
          ),
        ]
      : [],
  );
  const statements = distinct([
    allow('states:StartExecution', ref(ids.machine)),
    ...parts.flatMap((part) => part.statements ?? []),
  ]);
  return {
    [ids.startRole]: {
      Type: 'AWS::IAM::Role',
      Properties: {
        AssumeRolePolicyDocument: policyDocument(trusted),
        ...inlinePolicies(statements),
      },
    },
  };
}
