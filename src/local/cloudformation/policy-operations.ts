// The operations on stack policies, and reading the policy of a request.
import type { Cloud, Operations } from '../cloud.ts';
import { checkConstraints } from '../constraint.ts';
import type { Engine } from './engine.ts';
import { invalid, unsupported } from './problem.ts';
import { fetchDocument } from './request.ts';
import { checkStackPolicy } from './stack-policy.ts';

const policyLimit = 16_384;

export function policyOperations(cloud: Cloud, { stacks }: Engine): Operations<'cloudformation'> {
  return {
    SetStackPolicy: {
      members: ['StackName', 'StackPolicyBody', 'StackPolicyURL'],
      async run(input) {
        const stack = stacks.get(input.StackName, 'change');
        const policy = await policyText(cloud, 'StackPolicy', input.StackPolicyBody, input.StackPolicyURL);
        if (policy === undefined) throw unsupported('SetStackPolicy without a policy');
        stack.policy = policy;
        stacks.save(stack);
        return {};
      },
    },
    GetStackPolicy: {
      members: ['StackName'],
      run(input) {
        const { policy } = stacks.get(input.StackName, 'change');
        return policy === undefined ? {} : { StackPolicyBody: policy };
      },
    },
  };
}

/** The policy in a request, or in S3 at the URL in it; undefined without one. */
export async function policyText(
  cloud: Cloud,
  member: 'StackPolicy' | 'StackPolicyDuringUpdate',
  body: string | undefined,
  url: string | undefined,
): Promise<string | undefined> {
  if (body !== undefined && url !== undefined) {
    throw invalid(`You cannot specify both ${member}URL and ${member}Body`);
  }
  if (body === undefined && url === undefined) return undefined;
  const text = body ?? (await fetchDocument(cloud, url ?? '', `${member}URL`));
  // As in CloudFormation's service model.
  checkConstraints('ValidationError', [
    [`${member[0]?.toLowerCase()}${member.slice(1)}Body`, text, { min: 1, max: policyLimit }],
  ]);
  checkStackPolicy(text);
  return text;
}
