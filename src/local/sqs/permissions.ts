// AddPermission and RemovePermission: statements of a queue's policy, by their labels.
// https://docs.aws.amazon.com/AWSSimpleQueueService/latest/APIReference/API_AddPermission.html
import { AwsError, type Operations } from '../cloud.ts';
import { invalid, missing } from './message.ts';
import type { Queue, Queues } from './queues.ts';

/** The actions that a permission can grant: `*`, or one without a wildcard. */
const grantable = new Set([
  '*',
  'ChangeMessageVisibility',
  'DeleteMessage',
  'GetQueueAttributes',
  'GetQueueUrl',
  'ListDeadLetterSourceQueues',
  'PurgeQueue',
  'ReceiveMessage',
  'SendMessage',
]);
const mostStatements = 20;
const mostActions = 7;
const mostPrincipals = 50;

interface Statement {
  readonly Sid?: string;
}

interface Policy {
  readonly Version: string;
  readonly Id?: string;
  readonly Statement: readonly Statement[];
}

export function permissionOperations(queues: Queues): Operations<'sqs'> {
  const { onQueue } = queues;
  return {
    AddPermission: {
      members: ['QueueUrl', 'Label', 'AWSAccountIds', 'Actions'],
      authorize: onQueue,
      run({ QueueUrl, Label = '', AWSAccountIds: accounts = [], Actions: actions = [] }) {
        const queue = queues.byUrl(QueueUrl);
        checkLabel(Label);
        if (accounts.length === 0) throw missing('AWSAccountIds');
        if (actions.length === 0) throw missing('Actions');
        checkGrant(accounts, actions);
        const policy = policyOf(queues, queue);
        if (policy.Statement.some(({ Sid }) => Sid === Label)) {
          throw invalid(`Value ${Label} for parameter Label is invalid. Reason: Already exists.`);
        }
        if (policy.Statement.length >= mostStatements) {
          throw new AwsError(
            'OverLimit',
            `${mostStatements + 1} policy statements were added. Maximum allowed is ${mostStatements}`,
            403,
          );
        }
        const statement = {
          Sid: Label,
          Effect: 'Allow',
          Principal: { AWS: oneOrMore(accounts.map((account) => `arn:aws:iam::${account}:root`)) },
          Action: oneOrMore(actions.map((action) => `SQS:${action}`)),
          Resource: queues.arn(queue.name),
        };
        return setPolicy(queues, queue, { ...policy, Statement: [...policy.Statement, statement] });
      },
    },
    RemovePermission: {
      members: ['QueueUrl', 'Label'],
      authorize: onQueue,
      run({ QueueUrl, Label = '' }) {
        const queue = queues.byUrl(QueueUrl);
        const policy = policyOf(queues, queue);
        const Statement = policy.Statement.filter(({ Sid }) => Sid !== Label);
        if (Statement.length === policy.Statement.length) {
          throw invalid(`Value ${Label} for parameter Label is invalid. Reason: can't find label.`);
        }
        return setPolicy(queues, queue, { ...policy, Statement });
      },
    },
  };
}

function checkLabel(label: string): void {
  if (/^[\w-]{1,80}$/.test(label)) return;
  throw invalid(
    `Value ${label} for parameter Label is invalid. Reason: Can only include alphanumeric characters, hyphens, or underscores. 1 to 80 in length.`,
  );
}

function checkGrant(accounts: readonly string[], actions: readonly string[]): void {
  const account = accounts.find((id) => !/^\d{12}$/.test(id));
  if (account !== undefined) {
    throw invalid(`Value [${account}] for parameter PrincipalId is invalid. Reason: Unable to verify.`);
  }
  const action = actions.find((name) => !grantable.has(name));
  if (action !== undefined) {
    throw invalid(
      `Value SQS:${action} for parameter ActionName is invalid. Reason: Only the queue owner is allowed to invoke this action.`,
    );
  }
  if (accounts.length > mostPrincipals) {
    throw new AwsError(
      'OverLimit',
      `${accounts.length} principals were found, maximum allowed is ${mostPrincipals}.`,
      403,
    );
  }
  if (actions.length > mostActions) {
    throw new AwsError('OverLimit', `${actions.length} Actions were found, maximum allowed is ${mostActions}.`, 403);
  }
}

function oneOrMore(values: readonly string[]): string | readonly string[] {
  return values.length === 1 ? (values[0] as string) : values;
}

function policyOf(queues: Queues, { name, attributes }: Queue): Policy {
  const text = attributes['Policy'];
  if (text === undefined) return { Version: '2008-10-17', Id: `${queues.arn(name)}/SQSDefaultPolicy`, Statement: [] };
  const policy = JSON.parse(text) as Omit<Policy, 'Statement'> & { Statement?: Statement | Statement[] };
  return { ...policy, Statement: [policy.Statement ?? []].flat() };
}

/** A policy without statements is none. */
function setPolicy(queues: Queues, queue: Queue, policy: Policy): object {
  const { Policy: _, ...others } = queue.attributes;
  const attributes = policy.Statement.length === 0 ? others : { ...others, Policy: JSON.stringify(policy) };
  queues.records.set(queue.name, { ...queue, attributes, modifiedAt: queues.cloud.now() });
  return {};
}
