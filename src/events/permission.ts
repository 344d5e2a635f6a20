// `permission`: lets a service or an account call the function's live alias, for all that needs a permission and an ARN, and nothing else.
import type { Problem } from '../base/error.ts';
import type { Plain } from '../base/located.ts';
import { byKind, converted, described, object, oneOf, type Schema, text } from '../base/schema.ts';
import { pascalCase } from '../cfn/names.ts';
import type { Part } from '../cfn/part.ts';
import { canonicalJson, type Resource, ref, type Value } from '../cfn/resource.ts';
import { textOrIntrinsic } from '../cfn/value-schema.ts';
import { callersByRole, serviceInArns } from './_callers.ts';
import { permissionFor } from './_invoke.ts';
import type { EventSource, Use } from './source.ts';

export interface Permission {
  /** As Lambda takes it. */
  readonly principal: string;
  readonly sourceArn?: Plain;
  /** `own`, or an account. */
  readonly sourceAccount?: string;
  readonly eventSourceToken?: string;
  readonly principalOrgId?: string;
  readonly functionUrlAuthType?: 'AWS_IAM';
}

/** Services whose principal is not their name with .amazonaws.com.
 * https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/alarms-and-actions-Lambda.html */
const otherPrincipals: Readonly<Record<string, string>> = {
  'cloudwatch-alarms': 'lambda.alarms.cloudwatch.amazonaws.com',
  lex: 'lexv2.amazonaws.com',
};

const principal: Schema<string> = converted(
  text({
    pattern: /^(\*|\d{12}|arn:[a-z-]+:(iam|sts)::\d{12}:\S+|[a-z0-9-]+|[a-z0-9.-]+\.(amazonaws|amazon)\.com)$/,
    expected: 'a service such as ses or ses.amazonaws.com, an account, or the ARN of a role',
  }),
  (written) => ({
    value: /^[a-z][a-z0-9-]*$/.test(written) ? (otherPrincipals[written] ?? `${written}.amazonaws.com`) : written,
  }),
);

// https://docs.aws.amazon.com/lambda/latest/api/API_AddPermission.html
const schema: Schema<Permission> = object({
  required: {
    principal: described(
      'Who may call: a service such as ses, config or cloudwatch-alarms, an account, or the ARN of a role.',
      principal,
      { examples: ['ses', 'lexv2.amazonaws.com', '111122223333'] },
    ),
  },
  optional: {
    sourceArn: described(
      'The resource on whose behalf the service calls, as an ARN with * in it or an intrinsic.',
      textOrIntrinsic(/^arn:\S+$/, 'an ARN, or an intrinsic'),
      { examples: ['arn:aws:ses:eu-west-1:111122223333:receipt-rule-set/*'] },
    ),
    sourceAccount: described(
      'The account of that resource: own is that of the environment.',
      text({ pattern: /^(own|\d{12})$/, expected: 'own, or an account of 12 digits' }),
      { examples: ['own'] },
    ),
    eventSourceToken: described(
      'A token that the caller passes.',
      text({ pattern: /^[A-Za-z0-9._-]{1,256}$/, expected: 'letters, digits, . _ and -' }),
      {
        examples: ['amzn1.ask.skill.12345678-1234-1234-1234-123456789012'],
      },
    ),
    principalOrgId: described(
      'Only callers of this organization.',
      text({ pattern: /^o-[a-z0-9]{10,32}$/, expected: 'the id of an organization, o-…' }),
      {
        examples: ['o-abcd123456'],
      },
    ),
    functionUrlAuthType: oneOf(
      ['AWS_IAM'],
      "Lets the account or role call the function's URL with signed requests, in place of the function.",
    ),
  },
  elsewhere: { service: 'principal', sourceARN: 'sourceArn', principalOrgID: 'principalOrgId' },
});

export const permission: EventSource<'permission', Permission> = {
  kind: 'permission',
  schema: byKind({
    map: schema,
    scalar: converted(text(), () => ({ wrong: 'expected a map with principal and sourceArn' })),
    expected: 'a map with principal and sourceArn',
  }),
  docs: {
    summary: 'Lets a service or an account call the function, where fx has no event of its own.',
    example: 'permission: {principal: ses, sourceAccount: own}',
    aws: 'https://docs.aws.amazon.com/lambda/latest/dg/access-control-resource-based.html',
  },
  describe: ({ principal: who, sourceArn }) =>
    `permission ${who}${sourceArn === undefined ? '' : ` for ${typeof sourceArn === 'string' ? sourceArn : JSON.stringify(sourceArn)}`}`,
  check: (uses) => [...uses.flatMap(checkUse), ...twice(uses)],
  warn: (uses) => uses.flatMap(warnOfUse),
  compile(use, _, uses): Part {
    const { function: to, config } = use;
    const id = to.id(permissionId(use, uses));
    const conditions = conditionsOf(config);
    if (config.functionUrlAuthType === undefined) {
      return { resources: { [id]: permissionFor(to, config.principal, conditions) } };
    }
    // https://docs.aws.amazon.com/lambda/latest/dg/urls-auth.html: a caller of a URL needs both
    const resources: Record<string, Resource> = {
      [id]: permissionFor(
        to,
        config.principal,
        { ...conditions, FunctionUrlAuthType: 'AWS_IAM' },
        'lambda:InvokeFunctionUrl',
      ),
      [`${id}Invoke`]: permissionFor(to, config.principal, { ...conditions, InvokedViaFunctionUrl: true }),
    };
    return { resources };
  },
};

function conditionsOf({ sourceArn, sourceAccount, eventSourceToken, principalOrgId }: Permission) {
  return {
    ...(sourceArn === undefined ? {} : { SourceArn: sourceArn }),
    ...(sourceAccount === undefined
      ? {}
      : { SourceAccount: sourceAccount === 'own' ? ref('AWS::AccountId') : sourceAccount }),
    ...(eventSourceToken === undefined ? {} : { EventSourceToken: eventSourceToken }),
    ...(principalOrgId === undefined ? {} : { PrincipalOrgID: principalOrgId }),
  } satisfies Readonly<Record<string, Value>>;
}

/** By the service, such as `SesPermission`, so that resources can be made after it. */
function permissionId({ function: to, config }: Use<Permission>, uses: readonly Use<Permission>[]): string {
  const partOf = (who: string) =>
    pascalCase(who.replace(/\.(amazonaws|amazon)\.com$/, '').replace(/^arn:.*\//, '')) || 'Anyone';
  const part = partOf(config.principal);
  const same = uses.filter((other) => other.function.name === to.name && partOf(other.config.principal) === part);
  const number = same.findIndex((other) => other.config === config) + 1;
  return `${/^\d/.test(part) ? `Account${part}` : part}Permission${number <= 1 ? '' : number}`;
}

function checkUse({ config, at }: Use<Permission>): Problem[] {
  const { principal: who, functionUrlAuthType } = config;
  const isService = /\.(amazonaws|amazon)\.com$/.test(who);
  if (who === '*' && config.principalOrgId === undefined) {
    return [
      {
        at,
        message: 'anyone could call the function',
        hint: 'add principalOrgId, or name the caller; for a public URL, use the setting url',
      },
    ];
  }
  if (functionUrlAuthType !== undefined && isService) {
    return [{ at, message: 'functionUrlAuthType is for accounts and roles: services do not call URLs' }];
  }
  // https://docs.aws.amazon.com/IAM/latest/UserGuide/confused-deputy.html
  if (isService && Object.keys(conditionsOf(config)).length === 0) {
    const message = `${who} could call the function on behalf of anyone's resources`;
    return [{ at, message, hint: 'add sourceArn, or at least sourceAccount: own' }];
  }
  const wrong = neverMet(config, isService);
  if (wrong !== undefined) return [{ at, ...wrong }];
  const { sourceArn } = config;
  const isPlain = typeof sourceArn === 'string';
  const isBucket = isPlain && /^arn:[^:]+:s3:::/.test(sourceArn);
  if (isBucket && config.sourceAccount === undefined) {
    const message =
      'the ARN of a bucket has no account, so another account could make a bucket of this name and call the function';
    return [{ at, message, hint: 'add sourceAccount: own' }];
  }
  return [];
}

/** Conditions that such a caller never meets. */
function neverMet(
  { principal: who, sourceArn, sourceAccount, principalOrgId }: Permission,
  isService: boolean,
): { readonly message: string; readonly hint?: string } | undefined {
  if (!isService) {
    const key = sourceArn !== undefined ? 'sourceArn' : sourceAccount !== undefined ? 'sourceAccount' : undefined;
    if (key === undefined) return undefined;
    return {
      message: `only services tell their source, so with ${key} "${who}" could never call`,
      hint: `remove ${key}`,
    };
  }
  // https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_condition-keys.html#condition-keys-principalorgid
  if (principalOrgId !== undefined) {
    const message = `a service is in no organization, so with principalOrgId ${who} could never call`;
    return { message, hint: 'use sourceArn or sourceAccount' };
  }
  const expected = serviceInArns(who);
  if (typeof sourceArn !== 'string' || expected === undefined || sourceArn.split(':')[2] === expected) return undefined;
  return { message: `${who} never calls for "${sourceArn}": the ARNs of its resources have "${expected}"` };
}

function twice(uses: readonly Use<Permission>[]): Problem[] {
  return uses.flatMap(({ function: to, config, at }, index) => {
    const isThere = uses
      .slice(0, index)
      .some((other) => other.function.name === to.name && canonicalJson(other.config) === canonicalJson(config));
    return isThere ? [{ at, message: `"${to.name}" has this permission twice`, hint: 'remove one of the two' }] : [];
  });
}

function warnOfUse({ config: { principal: who }, at }: Use<Permission>): Problem[] {
  const role = callersByRole[who];
  if (role === undefined) return [];
  const message = `${who} calls functions with a role, so this permission has no effect`;
  return [{ at, message, hint: `let ${role} lambda:InvokeFunction on the alias` }];
}
