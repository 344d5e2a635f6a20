// Asynchronous calls: how often and how long Lambda retries them, and where their records go.

import { duration } from '../base/duration.ts';
import type { Plain } from '../base/located.ts';
import { described, integer, object } from '../base/schema.ts';
import { liveAlias } from '../cfn/names.ts';
import { allow, type Statement } from '../cfn/part.ts';
import { type Resource, ref, type Value } from '../cfn/resource.ts';
import {
  type CheckContext,
  type Contribution,
  isRuleProblem,
  type RuleProblem,
  type Setting,
  type SettingContext,
} from './setting.ts';
import { type TargetType, target } from './values.ts';

/** The action for each kind of target; a bucket needs a second one, on the bucket.
 * https://docs.aws.amazon.com/lambda/latest/dg/invocation-async-retain-records.html */
const actions: Readonly<Record<TargetType, string>> = {
  sqs: 'sqs:SendMessage',
  sns: 'sns:Publish',
  lambda: 'lambda:InvokeFunction',
  events: 'events:PutEvents',
  s3: 's3:PutObject',
};

interface Reached {
  readonly arn: Value;
  readonly statements: readonly Statement[];
}

/** The target's ARN, and the statements that allow the function's role to send to it. */
function reach(named: Plain, types: readonly TargetType[], context: SettingContext): Reached | RuleProblem {
  const target = context.target(named);
  if (isRuleProblem(target)) return target;
  const { arn, service, granted = arn } = target;
  if (service === undefined) {
    return {
      message: 'fx cannot infer the type of this target, nor the permission that the function needs',
      hint: `write {type: ${types[0]}, arn: …}`,
    };
  }
  if (!types.includes(service as TargetType)) {
    return { message: `expected a target of ${types.join(', ')}, found one of ${service}` };
  }
  const action = actions[service as TargetType];
  // the ARN of an object begins with that of its bucket
  const below = service === 's3' ? { 'Fn::Join': ['', [arn, '/*']] } : granted;
  return { arn, statements: [allow(action, below), ...(service === 's3' ? [allow('s3:ListBucket', arn)] : [])] };
}

/** Lambda sends to standard queues and topics only. https://docs.aws.amazon.com/lambda/latest/dg/invocation-async-retain-records.html */
const deadLetterTypes = ['sqs', 'sns'] as const;

export const deadLetterQueue: Setting<Plain> = {
  schema: described(
    'A standard SQS queue or SNS topic for events that failed on every attempt.',
    target(deadLetterTypes, 'a queue or topic: its logical id, its ARN, or an intrinsic'),
    {
      examples: ['FailedOrders'],
      aws: 'https://docs.aws.amazon.com/lambda/latest/dg/invocation-async-retain-records.html',
    },
  ),
  elsewhere: ['onError', 'deadLetter', 'deadLetterConfig', 'deadletterArn', 'dlq'],
  check(named, { destinations: others }, context) {
    return (others as Destinations | undefined)?.onFailure === undefined
      ? checkRegionOf(named, context)
      : {
          message: 'deadLetterQueue and destinations.onFailure exclude each other',
          hint: 'prefer onFailure: its record has the request, the response and the error',
        };
  },
  compile(named, context) {
    const reached = reach(named, deadLetterTypes, context);
    if (isRuleProblem(reached)) return reached;
    return { properties: { DeadLetterConfig: { TargetArn: reached.arn } }, statements: reached.statements };
  },
};

/** Lambda reaches queues, topics, functions and buses only in the function's region; the ARN of a bucket has no region.
 * https://docs.aws.amazon.com/lambda/latest/dg/invocation-async-retain-records.html */
function checkRegionOf(named: Plain | undefined, { region }: CheckContext): RuleProblem | undefined {
  const explicit = typeof named === 'object' && named !== null && !Array.isArray(named) ? named : undefined;
  const arn = explicit !== undefined && 'arn' in explicit ? explicit['arn'] : named;
  const [, , , other = ''] = typeof arn === 'string' && arn.startsWith('arn:') ? arn.split(':') : [];
  if (other === '' || other === region) return undefined;
  return {
    message: `"${arn}" is in ${other}, but the function is in ${region}: Lambda sends to its own region only`,
    hint: `name a target in ${region}`,
  };
}

/** The configuration belongs to the alias, since callers name the alias. */
function invokeConfig(context: SettingContext, properties: Readonly<Record<string, Value>>): Record<string, Resource> {
  const { ids } = context.function;
  return {
    [context.function.id('EventInvokeConfig')]: {
      Type: 'AWS::Lambda::EventInvokeConfig',
      DependsOn: ids.alias,
      Properties: { FunctionName: ref(ids.function), Qualifier: liveAlias, ...properties },
    },
  };
}

export const maximumRetryAttempts: Setting<number> = {
  schema: described('How often Lambda retries a failed asynchronous call.', integer({ least: 0, most: 2 }), {
    default: 2,
    examples: [0],
    aws: 'https://docs.aws.amazon.com/lambda/latest/dg/invocation-async-error-handling.html',
  }),
  elsewhere: ['maximumRetries', 'retries', 'retryAttempts'],
  compile: (MaximumRetryAttempts, context) => ({ resources: invokeConfig(context, { MaximumRetryAttempts }) }),
};

export const maximumEventAge: Setting<number> = {
  schema: described(
    'How long Lambda keeps retrying an asynchronous call, from 1m to 6h.',
    duration({ least: 60, most: 21_600, expected: 'a time from 1m to 6h' }),
    {
      default: '6h',
      examples: ['1h'],
      aws: 'https://docs.aws.amazon.com/lambda/latest/dg/invocation-async-error-handling.html',
    },
  ),
  elsewhere: ['maximumEventAgeInSeconds', 'eventAge'],
  compile: (MaximumEventAgeInSeconds, context) => ({ resources: invokeConfig(context, { MaximumEventAgeInSeconds }) }),
};

export interface Destinations {
  readonly onSuccess?: Plain;
  readonly onFailure?: Plain;
}

const successTypes = ['sqs', 'sns', 'lambda', 'events'] as const;
const failureTypes = [...successTypes, 's3'] as const;

export const destinations: Setting<Destinations> = {
  schema: described(
    'Where to send a record of each asynchronous call when it ends.',
    object({
      required: {},
      optional: {
        onSuccess: described(
          'A function, queue, topic or event bus that gets a record of each call that succeeded.',
          target(successTypes, 'a function, queue, topic or event bus: its name, its ARN, or an intrinsic'),
          { examples: ['audit'] },
        ),
        onFailure: described(
          'The same, or a bucket, for calls that failed on every attempt.',
          target(failureTypes, 'a function, queue, topic, event bus or bucket: its name, its ARN, or an intrinsic'),
          { examples: ['FailedOrders'] },
        ),
      },
    }),
    {
      examples: [{ onFailure: 'FailedOrders' }],
      aws: 'https://docs.aws.amazon.com/lambda/latest/dg/invocation-async-retain-records.html',
    },
  ),
  elsewhere: ['destinationConfig', 'eventInvokeConfig'],
  check: ({ onSuccess, onFailure }, _, context) =>
    checkRegionOf(onSuccess, context) ?? checkRegionOf(onFailure, context),
  compile({ onSuccess, onFailure }, context): Contribution | RuleProblem {
    const statements: Statement[] = [];
    const config: Record<string, Value> = {};
    for (const [name, named, types] of [
      ['OnSuccess', onSuccess, successTypes],
      ['OnFailure', onFailure, failureTypes],
    ] as const) {
      if (named === undefined) continue;
      const reached = reach(named, types, context);
      if (isRuleProblem(reached)) return reached;
      config[name] = { Destination: reached.arn };
      statements.push(...reached.statements);
    }
    if (statements.length === 0) return {};
    return { resources: invokeConfig(context, { DestinationConfig: config }), statements };
  },
};
