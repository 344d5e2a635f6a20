// IAM: roles and managed policies, and the evaluation of what a role may do.
// Error codes are the SDK's names; messages are AWS's: https://docs.aws.amazon.com/IAM/latest/APIReference/API_Operations.html
import type { Cloud, Service } from '../cloud.ts';
import { policiesOf } from './authorization.ts';
import { evaluate } from './evaluation.ts';
import { policyOperations } from './policies.ts';
import { roleOperations } from './roles.ts';
import { findRole, openState } from './state.ts';

export function createIam(cloud: Cloud): Service<'iam'> {
  const state = openState(cloud);
  return {
    name: 'iam',
    operations: {
      ...roleOperations(state),
      ...policyOperations(state),
      SimulatePrincipalPolicy: {
        // conditions count as met (evaluation.ts), so their values change nothing
        members: ['PolicySourceArn', 'ActionNames', 'ResourceArns', 'ContextEntries'],
        run(input) {
          const role = findRole(state, input.PolicySourceArn?.split('/').at(-1));
          const documents = policiesOf(state, role);
          const resources = input.ResourceArns ?? ['*'];
          return {
            EvaluationResults: (input.ActionNames ?? []).flatMap((action) =>
              resources.map((resource) => ({
                EvalActionName: action,
                EvalResourceName: resource,
                EvalDecision: evaluate(documents, action, resource),
              })),
            ),
            IsTruncated: false,
          };
        },
      },
    },
  };
}
