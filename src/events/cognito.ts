// `cognito`: a trigger of a Cognito user pool. The pool names the function's live alias, and may call it.
import type { Problem } from '../base/error.ts';
import type { Plain } from '../base/located.ts';
import { isMap } from '../base/plain.ts';
import { described, object, oneOf, type Schema, text } from '../base/schema.ts';
import { nearest } from '../base/suggest.ts';
import { arnOf } from '../cfn/arn.ts';
import { allow, type Part } from '../cfn/part.ts';
import type { Value } from '../cfn/resource.ts';
import { kmsKey } from '../cfn/value-schema.ts';
import { allowInvoke, whileExists } from './_invoke.ts';
import type { EventSource, SourceContext, Use } from './source.ts';

// https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-properties-cognito-userpool-lambdaconfig.html
const triggers = [
  'CreateAuthChallenge',
  'CustomEmailSender',
  'CustomMessage',
  'CustomSMSSender',
  'DefineAuthChallenge',
  'InboundFederation',
  'PostAuthentication',
  'PostConfirmation',
  'PreAuthentication',
  'PreSignUp',
  'PreTokenGeneration',
  'UserMigration',
  'VerifyAuthChallengeResponse',
] as const;
type Trigger = (typeof triggers)[number];
const versions = ['V1_0', 'V2_0', 'V3_0'] as const;

/** Triggers whose events have a version of their own. */
const versioned: readonly Trigger[] = ['CustomEmailSender', 'CustomSMSSender', 'InboundFederation'];
/** They get codes and passwords encrypted. https://docs.aws.amazon.com/cognito/latest/developerguide/user-pool-lambda-custom-sender-triggers.html */
const senders: readonly Trigger[] = ['CustomEmailSender', 'CustomSMSSender'];

export interface PoolTrigger {
  readonly pool: string;
  readonly trigger: Trigger;
  readonly version?: (typeof versions)[number];
  readonly kmsKey?: Plain;
}

const schema: Schema<PoolTrigger> = object({
  required: {
    pool: described(
      'The logical id of a user pool under resources.',
      text({ expected: 'the logical id of a user pool' }),
      {
        examples: ['Users'],
      },
    ),
    trigger: oneOf(triggers, 'When the pool calls the function.'),
  },
  optional: {
    version: oneOf(
      versions,
      'The version of the event of PreTokenGeneration: V2_0 and V3_0 also change access tokens.',
      {
        default: 'V1_0',
      },
    ),
    kmsKey: described(
      'CustomEmailSender and CustomSMSSender: the key that encrypts the codes. The function may decrypt with it.',
      kmsKey,
      { examples: ['arn:aws:kms:eu-west-1:111122223333:key/1234abcd-12ab-34cd-56ef-1234567890ab'] },
    ),
  },
  elsewhere: { userPool: 'pool', lambdaVersion: 'version', kmsKeyId: 'kmsKey' },
});

export const cognito: EventSource<'cognito', PoolTrigger> = {
  kind: 'cognito',
  schema,
  docs: {
    summary: 'Calls the function at a moment of signing up or in, for a Cognito user pool.',
    example: 'cognito: {pool: Users, trigger: PreSignUp}',
    aws: 'https://docs.aws.amazon.com/cognito/latest/developerguide/cognito-user-pools-working-with-lambda-triggers.html',
  },
  sampleOf: ({ trigger, version }) =>
    trigger === 'PreTokenGeneration' && version !== undefined && version !== 'V1_0'
      ? 'cognito-PreTokenGeneration-V2_0'
      : `cognito-${trigger}`,
  typeOf: ({ trigger, version = 'V1_0' }) =>
    `lambda.${trigger}${trigger === 'PreTokenGeneration' && version !== 'V1_0' ? version.replace('_0', '') : ''}TriggerEvent`,
  describe: ({ pool, trigger, version }) => `cognito ${pool} ${trigger}${version === undefined ? '' : ` ${version}`}`,
  check: (uses, context) => [...uses.flatMap((use) => checkUse(use, context)), ...twice(uses)],
  warn: (uses, context) => challenges(uses, context),

  compile({ function: to, config }): Part {
    const { pool, kmsKey: key } = config;
    const LambdaConfig = {
      ...triggerProperty(config, to.alias, (value) => whileExists(to, value)),
      ...(key === undefined ? {} : { KMSKeyID: whileExists(to, key) }),
    };
    return {
      resources: {
        [to.id(`Cognito${pool}Permission`)]: allowInvoke(to, 'cognito-idp.amazonaws.com', arnOf(pool, poolType)),
      },
      additions: {
        [pool]: {
          properties: { LambdaConfig },
          remedy: `the event has the pool as userPoolId: use that in place of a variable, and grant on userpool/* by an ARN`,
        },
      },
      statements: key === undefined ? [] : [allow('kms:Decrypt', key)],
    };
  },
};

const poolType = 'AWS::Cognito::UserPool';

function triggerProperty(
  { trigger, version = 'V1_0' }: PoolTrigger,
  alias: Value,
  kept: (value: Value) => Value,
): Readonly<Record<string, Value>> {
  if (versioned.includes(trigger)) return { [trigger]: kept({ LambdaArn: alias, LambdaVersion: 'V1_0' }) };
  if (trigger === 'PreTokenGeneration' && version !== 'V1_0') {
    return { PreTokenGenerationConfig: kept({ LambdaArn: alias, LambdaVersion: version }) };
  }
  return { [trigger]: kept(alias) };
}

function checkUse({ config, at }: Use<PoolTrigger>, { resources }: SourceContext): Problem[] {
  const { pool, trigger, version, kmsKey: key } = config;
  if (version !== undefined && trigger !== 'PreTokenGeneration') {
    return [{ at, message: `version is for PreTokenGeneration: the event of ${trigger} has one version` }];
  }
  if (key !== undefined && !senders.includes(trigger)) {
    return [{ at, message: `kmsKey is for ${senders.join(' and ')}: remove it from ${trigger}` }];
  }
  if (/^arn:|^[a-z-]+-\d_[A-Za-z0-9]+$/.test(pool)) {
    const message = `"${pool}" is a pool of another stack, whose triggers only that stack can set`;
    const hint = `set ${trigger} there to the ARN of the live alias, and let the pool call it here: permission: {principal: cognito-idp, sourceArn: …}`;
    return [{ at, message, hint }];
  }
  const resource = resources.get(pool);
  if (resource === undefined) {
    const suggestion = nearest(pool, [...resources.keys()]);
    const message = `there is no user pool "${pool}" under resources`;
    return [{ at, message, ...(suggestion === undefined ? {} : { hint: `did you mean "${suggestion}"?` }) }];
  }
  if (resource.Type !== poolType) return [{ at, message: `"${pool}" is ${resource.Type}, not ${poolType}` }];
  const written = resource.Properties?.['LambdaConfig'];
  const hasKey = key !== undefined || (isMap(written) && written['KMSKeyID'] !== undefined);
  if (!senders.includes(trigger) || hasKey) return [];
  const message = `${trigger} gets codes that are encrypted, so it needs a key`;
  return [{ at, message, hint: 'add kmsKey, the ARN of a symmetric KMS key' }];
}

/** A pool has one function a trigger. */
function twice(uses: readonly Use<PoolTrigger>[]): Problem[] {
  return uses.flatMap(({ function: to, config, at }, index) => {
    const same = uses
      .slice(0, index)
      .find((other) => other.config.pool === config.pool && other.config.trigger === config.trigger);
    if (same === undefined) return [];
    const message = `"${same.function.name}" has ${config.trigger} of "${config.pool}" already, and a pool calls one function`;
    return [{ at, message, hint: `call the code of "${to.name}" from "${same.function.name}"` }];
  });
}

const challengeTriggers: readonly Trigger[] = [
  'DefineAuthChallenge',
  'CreateAuthChallenge',
  'VerifyAuthChallengeResponse',
];

/** A sign-in with challenges of one's own needs all three triggers.
 * https://docs.aws.amazon.com/cognito/latest/developerguide/user-pool-lambda-challenge.html */
function challenges(uses: readonly Use<PoolTrigger>[], { resources }: SourceContext): Problem[] {
  const warned = new Set<string>();
  return uses.flatMap(({ config: { pool, trigger }, at }) => {
    if (!challengeTriggers.includes(trigger) || warned.has(pool)) return [];
    warned.add(pool);
    const written = resources.get(pool)?.Properties?.['LambdaConfig'];
    const missing = challengeTriggers.filter(
      (name) =>
        !uses.some(({ config }) => config.pool === pool && config.trigger === name) &&
        !(isMap(written) && written[name] !== undefined),
    );
    if (missing.length === 0) return [];
    const message = `a sign-in with own challenges needs all three triggers, and "${pool}" has no ${missing.join(' and no ')}`;
    return [{ at, message }];
  });
}
