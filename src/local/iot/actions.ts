// The actions of IoT's rules: what is done with a selected message. Functions allow the rule by their policies; for all else it has a role.
// https://docs.aws.amazon.com/iot/latest/developerguide/iot-rule-actions.html
import type { Action } from '@aws-sdk/client-iot';
import { type Message, textOf } from '../../cfn/iot-sql-values.ts';
import { AwsError, type Cloud, type Principal } from '../cloud.ts';
import { checkConstraints, notImplemented } from '../constraint.ts';
import { parseExpression } from './sql.ts';

export interface Sent {
  readonly body: Buffer;
  readonly message: Message;
  readonly ruleName: string;
  readonly ruleArn: string;
  /** How many rules a message has gone through. */
  readonly hops: number;
}

export interface Republished {
  readonly topic: string;
  readonly payload: Buffer;
  readonly hops: number;
}

interface Kind {
  /** As error actions name it. */
  readonly name: string;
  /** What it sends to. */
  resource(action: Action): string;
  role(action: Action): string | undefined;
  run(cloud: Cloud, action: Action, sent: Sent, sender: Principal): Promise<Republished | undefined>;
}

const kinds: Partial<Readonly<Record<keyof Action, Kind>>> = {
  lambda: {
    name: 'LambdaAction',
    resource: ({ lambda }) => lambda?.functionArn ?? '',
    role: () => undefined,
    async run(cloud, { lambda }, { body, ruleArn }) {
      const sender = { kind: 'service', service: 'iot.amazonaws.com', sourceArn: ruleArn } as const;
      const call = { FunctionName: lambda?.functionArn, InvocationType: 'Event', Payload: body } as const;
      await cloud.call('lambda', 'Invoke', call, sender);
      return undefined;
    },
  },
  sns: {
    name: 'SnsAction',
    resource: ({ sns }) => sns?.targetArn ?? '',
    role: ({ sns }) => sns?.roleArn,
    async run(cloud, { sns }, { body }, sender) {
      const structure = sns?.messageFormat === 'JSON' ? { MessageStructure: 'json' } : {};
      await cloud.call('sns', 'Publish', { TopicArn: sns?.targetArn, Message: body.toString(), ...structure }, sender);
      return undefined;
    },
  },
  sqs: {
    name: 'SqsAction',
    resource: ({ sqs }) => sqs?.queueUrl ?? '',
    role: ({ sqs }) => sqs?.roleArn,
    async run(cloud, { sqs }, { body }, sender) {
      const MessageBody = body.toString(sqs?.useBase64 ? 'base64' : 'utf8');
      await cloud.call('sqs', 'SendMessage', { QueueUrl: sqs?.queueUrl, MessageBody }, sender);
      return undefined;
    },
  },
  kinesis: {
    name: 'KinesisAction',
    resource: ({ kinesis }) => kinesis?.streamName ?? '',
    role: ({ kinesis }) => kinesis?.roleArn,
    async run(cloud, { kinesis }, { body, message }, sender) {
      const PartitionKey = filled(kinesis?.partitionKey ?? '${newuuid()}', message);
      await cloud.call('kinesis', 'PutRecord', { StreamName: kinesis?.streamName, PartitionKey, Data: body }, sender);
      return undefined;
    },
  },
  s3: {
    name: 'S3Action',
    resource: ({ s3 }) => s3?.bucketName ?? '',
    role: ({ s3 }) => s3?.roleArn,
    async run(cloud, { s3 }, { body, message }, sender) {
      const Key = filled(s3?.key ?? '', message);
      await cloud.call('s3', 'PutObject', { Bucket: s3?.bucketName, Key, Body: body }, sender);
      return undefined;
    },
  },
  republish: {
    name: 'RepublishAction',
    resource: ({ republish }) => republish?.topic ?? '',
    role: ({ republish }) => republish?.roleArn,
    async run(cloud, { republish }, { body, message, hops }, sender) {
      const topic = filled(republish?.topic ?? '', message).replace(/^\$\$/, '$');
      const arn = `arn:aws:iot:${cloud.region}:${cloud.accountId}:topic/${topic}`;
      if (!(await mayPublish(cloud, sender, arn))) {
        throw new AwsError('UnauthorizedException', `the role may not iot:Publish on ${arn}`, 401);
      }
      return { topic, payload: body, hops: hops + 1 };
    },
  },
};

async function mayPublish(cloud: Cloud, sender: Principal, arn: string): Promise<boolean> {
  if (sender.kind !== 'role') return false;
  const { EvaluationResults = [] } = await cloud.call('iam', 'SimulatePrincipalPolicy', {
    PolicySourceArn: sender.arn,
    ActionNames: ['iot:Publish'],
    ResourceArns: [arn],
  });
  return EvaluationResults.every(({ EvalDecision }) => EvalDecision === 'allowed');
}

function kindOf(action: Action): Kind {
  const named = Object.entries(action).filter(([, settings]) => settings !== undefined);
  const name = named[0]?.[0] as keyof Action | undefined;
  if (name === undefined || named.length > 1) {
    throw new AwsError('InvalidRequestException', 'An action has exactly one kind.', 400);
  }
  const kind = kinds[name];
  if (kind === undefined) throw notImplemented(`the action ${name} of a rule of IoT`);
  return kind;
}

/** What IoT checks when a rule is made; whether the action is permitted shows only later. */
export function checkAction(cloud: Cloud, action: Action): void {
  const kind = kindOf(action);
  const role = kind.role(action);
  const { sqs, lambda } = action;
  checkConstraints('InvalidRequestException', [
    ['roleArn', role, { pattern: `arn:aws:iam::${cloud.accountId}:role/.+` }],
  ]);
  if (lambda === undefined && role === undefined) {
    throw new AwsError('InvalidRequestException', `${kind.name} needs a role.`, 400);
  }
  if (sqs !== undefined && !URL.canParse(sqs.queueUrl ?? '')) {
    throw new AwsError('InvalidRequestException', `Invalid queue URL: ${sqs.queueUrl}`, 400);
  }
}

export interface Failure {
  readonly failedAction: string;
  readonly failedResource: string;
  readonly errorMessage: string;
}

/** What is to be published in turn, or why the action failed. */
export async function runAction(
  cloud: Cloud,
  action: Action,
  sent: Sent,
): Promise<{ readonly republished?: Republished | undefined; readonly failure?: Failure }> {
  const kind = kindOf(action);
  const sender: Principal = { kind: 'role', arn: kind.role(action) ?? '', session: sent.ruleName };
  try {
    return { republished: await kind.run(cloud, action, sent, sender) };
  } catch (error) {
    if (!(error instanceof AwsError)) throw error;
    const failure = {
      failedAction: kind.name,
      failedResource: kind.resource(action),
      errorMessage: `${error.code}: ${error.message}`,
    };
    return { failure };
  }
}

/** Fills in `${…}`. https://docs.aws.amazon.com/iot/latest/developerguide/iot-substitution-templates.html */
function filled(template: string, message: Message): string {
  return template.replace(/\$\{([^}]*)\}/g, (_, inner: string) => {
    const value = parseExpression(inner)(message);
    return value === undefined ? 'undefined' : textOf(value);
  });
}
