// The policy of a topic: the default one, permissions by label, and which services may publish.
// https://docs.aws.amazon.com/sns/latest/dg/sns-access-policy-use-cases.html
import { AwsError, type Operations, type Principal } from '../cloud.ts';
import { allowsServiceCall, type ResourceStatement } from '../resource-policy.ts';
import { existingTopic, invalid, onTopic, type State, type Topic, topicArn } from './state.ts';

interface Policy {
  readonly Version?: string;
  readonly Id?: string;
  readonly Statement?: ResourceStatement | readonly ResourceStatement[];
}

const ownerActions = [
  'GetTopicAttributes',
  'SetTopicAttributes',
  'AddPermission',
  'RemovePermission',
  'DeleteTopic',
  'Subscribe',
  'ListSubscriptionsByTopic',
  'Publish',
];
const grantable = new Set([...ownerActions, 'Receive', '*']);

export function defaultPolicy({ cloud }: State, name: string): string {
  return JSON.stringify({
    Version: '2008-10-17',
    Id: '__default_policy_ID',
    Statement: [
      {
        Sid: '__default_statement_ID',
        Effect: 'Allow',
        Principal: { AWS: '*' },
        Action: ownerActions.map((action) => `SNS:${action}`),
        Resource: topicArn(cloud, name),
        Condition: { StringEquals: { 'AWS:SourceOwner': cloud.accountId } },
      },
    ],
  });
}

export function policyOf(state: State, { name, attributes }: Topic): string {
  return attributes['Policy'] ?? defaultPolicy(state, name);
}

export function permissionOperations(state: State): Operations<'sns'> {
  const { cloud, topics } = state;
  const change = (topic: Topic, policy: Policy, statements: readonly object[]) => {
    const Policy = JSON.stringify({ ...policy, Statement: statements });
    topics.set(topic.name, { ...topic, attributes: { ...topic.attributes, Policy } });
    return {};
  };
  const statementsOf = (policy: Policy) => [policy.Statement ?? []].flat() as (ResourceStatement & { Sid?: string })[];
  return {
    AddPermission: {
      members: ['TopicArn', 'Label', 'AWSAccountId', 'ActionName'],
      authorize: onTopic,
      run({ TopicArn, Label = '', AWSAccountId: accounts = [], ActionName: actions = [] }) {
        const topic = existingTopic(state, TopicArn);
        if (actions.some((action) => !grantable.has(action))) {
          throw invalid('Policy statement action out of service scope!');
        }
        const policy = JSON.parse(policyOf(state, topic)) as Policy;
        const statements = statementsOf(policy);
        if (statements.some(({ Sid }) => Sid === Label)) throw invalid('Statement already exists');
        const principals = accounts.map((account) => `arn:aws:iam::${account}:root`);
        const names = actions.map((action) => `SNS:${action}`);
        const added = {
          Sid: Label,
          Effect: 'Allow',
          Principal: { AWS: principals.length === 1 ? principals[0] : principals },
          Action: names.length === 1 ? names[0] : names,
          Resource: topicArn(cloud, topic.name),
        };
        return change(topic, policy, [...statements, added]);
      },
    },
    RemovePermission: {
      members: ['TopicArn', 'Label'],
      authorize: onTopic,
      run({ TopicArn, Label }) {
        const topic = existingTopic(state, TopicArn);
        const policy = JSON.parse(policyOf(state, topic)) as Policy;
        return change(
          topic,
          policy,
          statementsOf(policy).filter(({ Sid }) => Sid !== Label),
        );
      },
    },
  };
}

/** Throws unless the topic's policy lets the service publish. */
export function checkPublisher(state: State, topic: Topic, principal: Principal): void {
  if (principal.kind !== 'service') return;
  const arn = topicArn(state.cloud, topic.name);
  const { Statement = [] } = JSON.parse(policyOf(state, topic)) as Policy;
  const { accountId } = state.cloud;
  const call = { principal, action: 'SNS:Publish', resource: arn, accountId };
  if (allowsServiceCall([Statement].flat() as ResourceStatement[], call)) return;
  // alarms publish as the account that has them, which the default policy allows:
  // https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/Notify_Users_Alarm_Changes.html
  const isOfOwner = principal.service === 'cloudwatch.amazonaws.com' && principal.sourceArn.split(':')[4] === accountId;
  if (isOfOwner && policyOf(state, topic) === defaultPolicy(state, topic.name)) return;
  throw new AwsError(
    'AuthorizationErrorException',
    `User: ${principal.service} is not authorized to perform: SNS:Publish on resource: ${arn} because no resource-based policy allows the SNS:Publish action`,
    403,
  );
}
