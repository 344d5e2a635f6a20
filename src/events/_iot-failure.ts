// Where a rule of IoT sends a message for which the function could not be called: its error action, with the role that it needs.
// https://docs.aws.amazon.com/iot/latest/developerguide/rule-error-handling.html
import type { Problem } from '../base/error.ts';
import { described, type Schema, text } from '../base/schema.ts';
import { nearest } from '../base/suggest.ts';
import { arnOf } from '../cfn/arn.ts';
import { allow } from '../cfn/part.ts';
import { type Resource, ref, sub, type Value } from '../cfn/resource.ts';
import { inlinePolicies, onBehalfOf, policyDocument, trust } from '../cfn/role.ts';
import { deadLetterQueue } from './_dead-letters.ts';
import type { SourceContext, Use } from './source.ts';

/** `made` is a queue of the rule's own; else a logical id or an ARN. */
export type FailureTarget = 'made' | { readonly named: string };

const expected = 'true for a new queue, or the logical id or ARN of a queue or topic';
const name = text({ pattern: /^([A-Za-z][A-Za-z0-9]*|arn:[a-z0-9-]+:(sqs|sns):\S+)$/, expected });

export const failureTarget: Schema<FailureTarget> = described(
  'Where a message goes if IoT cannot call the function: true for a new queue, or the logical id or ARN of a queue or topic.',
  {
    expected,
    json: { anyOf: [{ enum: [true] }, name.json] },
    read(value, reading) {
      if (value.kind === 'scalar' && value.value === true) return 'made';
      const named = name.read(value, reading);
      return named === undefined ? undefined : { named };
    },
  },
  { examples: [true, 'LostMessages'] },
);

const types = ['AWS::SQS::Queue', 'AWS::SNS::Topic'];

export function checkFailureTarget(
  target: FailureTarget | undefined,
  { at }: Pick<Use<unknown>, 'at'>,
  { resources }: SourceContext,
): Problem[] {
  if (target === undefined || target === 'made') return [];
  const { named } = target;
  if (named.endsWith('.fifo'))
    return [{ at, message: `"${named}" is FIFO: rules of IoT send to standard queues and topics` }];
  if (named.startsWith('arn:')) return [];
  const type = resources.get(named)?.Type;
  if (type === undefined) {
    const suggestion = nearest(named, [...resources.keys()]);
    const hint = suggestion === undefined ? 'true makes a queue' : `did you mean "${suggestion}"?`;
    return [{ at, message: `there is no queue or topic "${named}" under resources`, hint }];
  }
  return types.includes(type)
    ? []
    : [{ at, message: `"${named}" is ${type}; a lost message goes to a queue or a topic` }];
}

/** The error action of the rule `id`, and what it needs. */
export function failureAction(
  target: FailureTarget,
  id: string,
  { resources }: SourceContext,
): { readonly action: Value; readonly resources: Readonly<Record<string, Resource>> } {
  const roleId = `${id}Role`;
  const RoleArn = arnOf(roleId, 'AWS::IAM::Role');
  if (target === 'made') {
    const queueId = `${id}Failures`;
    const made = deadLetterQueue('made', queueId);
    const role = roleFor('sqs:SendMessage', made.arn);
    return { action: { Sqs: { QueueUrl: ref(queueId), RoleArn } }, resources: { ...made.resources, [roleId]: role } };
  }
  const { named } = target;
  const type = resources.get(named)?.Type ?? '';
  const arn = named.startsWith('arn:') ? named : arnOf(named, type);
  if (type === 'AWS::SNS::Topic' || named.split(':')[2] === 'sns') {
    const action = { Sns: { TargetArn: arn, MessageFormat: 'RAW', RoleArn } };
    return { action, resources: { [roleId]: roleFor('sns:Publish', arn) } };
  }
  const action = { Sqs: { QueueUrl: named.startsWith('arn:') ? urlOf(named) : ref(named), RoleArn } };
  return { action, resources: { [roleId]: roleFor('sqs:SendMessage', arn) } };
}

function urlOf(arn: string): Value {
  const [, , , region, account, queue] = arn.split(':');
  return sub(`https://sqs.${region}.\${AWS::URLSuffix}/${account}/${queue}`);
}

function roleFor(action: string, resource: Value): Resource {
  return {
    Type: 'AWS::IAM::Role',
    Properties: {
      // https://docs.aws.amazon.com/iot/latest/developerguide/cross-service-confused-deputy-prevention.html; the rule names its role, so the
      // role cannot name the rule
      AssumeRolePolicyDocument: policyDocument([
        trust(
          'iot.amazonaws.com',
          onBehalfOf(sub('arn:${AWS::Partition}:iot:${AWS::Region}:${AWS::AccountId}:rule/*')),
        ),
      ]),
      ...inlinePolicies([allow(action, resource)]),
    },
  };
}
