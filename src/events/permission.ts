// `permission`: lets a service, an account or an organization call the function's live alias, for callers that are set up elsewhere or under
// `resources`, such as a rule of AWS Config.
import type { Problem } from '../base/error.ts';
import type { Plain } from '../base/located.ts';
import { byKind, converted, described, object, oneOf, type Schema, text } from '../base/schema.ts';
import { pascalCase } from '../cfn/names.ts';
import { canonicalJson, type Resource, ref, type Value } from '../cfn/resource.ts';
import { intrinsic, textOrIntrinsic } from '../cfn/value-schema.ts';
import { arnsInService, callersByRole, isAlexa, isService } from './_callers.ts';
import type { EventSource, FunctionReference, Use } from './source.ts';

export interface PermissionSource {
  /** A service, an account, the ARN of a role or user, `*`, or an intrinsic. */
  readonly principal: Plain;
  readonly action: string;
  readonly sourceArn: Plain | undefined;
  readonly sourceAccount: Plain | undefined;
  readonly organization: Plain | undefined;
  readonly eventSourceToken: Plain | undefined;
  readonly urlAuthType: 'AWS_IAM' | 'NONE' | undefined;
}

const invoke = 'lambda:InvokeFunction';
const invokeUrl = 'lambda:InvokeFunctionUrl';

const expectedPrincipal =
  'a service such as config.amazonaws.com, an account, the ARN of a role or user, or * with an organization';
const principalText = text({
  pattern:
    /^(\*|\d{12}|arn:aws[a-z-]*:(iam|sts)::\d{12}:\S+|[a-z0-9-]+(\.[a-z0-9-]+)*\.(amazonaws\.com(\.cn)?|amazon\.com))$/,
  expected: expectedPrincipal,
});

const nothing = {
  action: invoke,
  sourceArn: undefined,
  sourceAccount: undefined,
  organization: undefined,
  eventSourceToken: undefined,
  urlAuthType: undefined,
} as const;

const short: Schema<PermissionSource> = converted(principalText, (principal) => ({
  value: { ...nothing, principal, sourceAccount: isService(principal) ? ref('AWS::AccountId') : undefined },
}));

const long: Schema<PermissionSource> = converted(
  object({
    required: {
      principal: described(
        'Who may call: a service, an account, the ARN of a role or user, an intrinsic, or * with `organization`.',
        byKind<Plain>({ scalar: principalText, map: intrinsic(expectedPrincipal), expected: expectedPrincipal }),
        { examples: ['config.amazonaws.com', '111122223333'] },
      ),
    },
    optional: {
      action: described(
        'What they may do: lambda:InvokeFunctionUrl is for signed requests to the function URL.',
        text({ pattern: /^lambda:[A-Za-z]+$/, expected: 'an action such as lambda:InvokeFunction' }),
        { default: invoke, examples: [invokeUrl] },
      ),
      sourceArn: described(
        'The resource for which a service calls, as an ARN, in which * stands for anything, or an intrinsic.',
        textOrIntrinsic(/^arn:aws[a-z-]*:\S+$/, 'the ARN of a resource, or an intrinsic'),
        { examples: ['arn:aws:cloudwatch:eu-west-1:111122223333:alarm:shop-*'] },
      ),
      sourceAccount: described(
        'The account of that resource, for ARNs without an account, or for any resource of the account.',
        textOrIntrinsic(/^\d{12}$/, 'an account of twelve digits, or an intrinsic such as !Ref "AWS::AccountId"'),
        { examples: ['111122223333'] },
      ),
      organization: described(
        'The id of an organization of AWS Organizations whose accounts may call.',
        textOrIntrinsic(/^o-[a-z0-9]{10,32}$/, 'an organization such as o-a1b2c3d4e5, or an intrinsic'),
        { examples: ['o-a1b2c3d4e5'] },
      ),
      eventSourceToken: described(
        'A token that the caller sends, such as the id of an Alexa skill.',
        textOrIntrinsic(/^[a-zA-Z0-9._-]{1,256}$/, 'a token of letters, digits, ., _ and -, or an intrinsic'),
        { examples: ['amzn1.ask.skill.1a2b3c4d'] },
      ),
      urlAuthType: oneOf(
        ['AWS_IAM', 'NONE'],
        'Only if the function URL has this authType. For lambda:InvokeFunctionUrl.',
      ),
    },
    elsewhere: {
      service: 'principal',
      account: 'write `principal` or `sourceAccount`',
      principalOrgId: 'organization',
      principalOrgID: 'organization',
      sourceARN: 'sourceArn',
      functionUrlAuthType: 'urlAuthType',
      functionName: 'the permission is for the live alias of this function: remove the key',
    },
  }),
  (written) => {
    const value: PermissionSource = { ...nothing, ...written };
    const wrong = wrongCombination(value);
    return wrong === undefined ? { value } : wrong;
  },
);

function wrongCombination({
  principal,
  action,
  sourceArn,
  sourceAccount,
  organization,
  urlAuthType,
}: PermissionSource): { readonly wrong: string; readonly hint?: string } | undefined {
  if (principal === '*' && organization === undefined) {
    return {
      wrong: 'anyone on the internet could call the function',
      hint: 'add `organization`, or write `url: NONE` at the function for a public URL',
    };
  }
  if (urlAuthType !== undefined && action !== invokeUrl) {
    return { wrong: `\`urlAuthType\` is for \`action: ${invokeUrl}\`` };
  }
  if (typeof principal !== 'string') return undefined;
  const ofService = Object.entries({ sourceArn, sourceAccount }).find(([, value]) => value !== undefined)?.[0];
  if (ofService !== undefined && !isService(principal)) {
    return { wrong: `only services send what \`${ofService}\` is compared with: "${principal}" could never call` };
  }
  // https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_condition-keys.html#condition-keys-principalorgid
  if (organization !== undefined && isService(principal)) {
    return { wrong: `a service is in no organization: "${principal}" could never call`, hint: 'use sourceAccount' };
  }
  return undefined;
}

export const permission: EventSource<'permission', PermissionSource> = {
  kind: 'permission',
  schema: byKind({ scalar: short, map: long, expected: expectedPrincipal }),
  docs: {
    summary: 'Lets a service, an account or an organization call the function, for a caller that is set up elsewhere.',
    example: 'permission: {principal: config.amazonaws.com, sourceAccount: "111122223333"}',
    aws: 'https://docs.aws.amazon.com/lambda/latest/dg/access-control-resource-based.html',
  },

  describe({ principal, sourceArn }) {
    const whose = typeof sourceArn === 'string' ? ` for ${sourceArn}` : '';
    return `permission ${typeof principal === 'string' ? principal : JSON.stringify(principal)}${whose}`;
  },

  check: (uses) => [...uses.flatMap(checkUse), ...twice(uses)],
  warn: (uses) => uses.flatMap(warnOfUse),

  compile(use, _context, uses) {
    const { function: to, config } = use;
    const id = permissionId(use, uses);
    // a call of the URL needs both: https://docs.aws.amazon.com/lambda/latest/dg/urls-auth.html
    const viaUrl =
      config.action === invokeUrl
        ? { [`${id}Invoke`]: resourceOf(to, { ...config, action: invoke, urlAuthType: undefined }, true) }
        : {};
    return { resources: { [id]: resourceOf(to, config, false), ...viaUrl } };
  },
};

function resourceOf(to: FunctionReference, config: PermissionSource, isViaUrl: boolean): Resource {
  const { principal, action, sourceArn, sourceAccount, organization, eventSourceToken, urlAuthType } = config;
  const Properties: Record<string, Value | undefined> = {
    FunctionName: to.alias,
    Action: action,
    Principal: principal,
    SourceArn: sourceArn,
    SourceAccount: sourceAccount,
    PrincipalOrgID: organization,
    EventSourceToken: eventSourceToken,
    FunctionUrlAuthType: urlAuthType,
    InvokedViaFunctionUrl: isViaUrl ? true : undefined,
  };
  const given = Object.entries(Properties).filter(([, value]) => value !== undefined);
  return { Type: 'AWS::Lambda::Permission', Properties: Object.fromEntries(given) as Record<string, Value> };
}

/** From the principal, so that an alarm, for example, can depend on it. */
function permissionId(use: Use<PermissionSource>, uses: readonly Use<PermissionSource>[]): string {
  const part = idPart(use.config.principal);
  const same = uses.filter(
    (other) => other.function.name === use.function.name && idPart(other.config.principal) === part,
  );
  const number = same.indexOf(use) + 1;
  return use.function.id(`${part}Permission${number <= 1 ? '' : number}`);
}

function idPart(principal: Plain): string {
  if (typeof principal !== 'string' || principal === '*') return 'Other';
  if (isService(principal)) return pascalCase(principal.replace(/\.(amazonaws\.com(\.cn)?|amazon\.com)$/, ''));
  return pascalCase(principal.replace(/^arn:[^:]+:(iam|sts)::/, 'Account'));
}

function checkUse({ config, at }: Use<PermissionSource>): Problem[] {
  const { principal, sourceArn } = config;
  if (typeof principal !== 'string' || typeof sourceArn !== 'string') return [];
  const service = sourceArn.split(':')[2] ?? '';
  const expected = arnsInService(principal);
  if (expected === undefined || expected === service) return [];
  const message = `"${principal}" never calls for "${sourceArn}": its resources have ARNs of ${expected}`;
  return [{ at, message }];
}

function twice(uses: readonly Use<PermissionSource>[]): Problem[] {
  return uses.flatMap((use, index) => {
    const text = canonicalJson(use.config);
    const same = uses
      .slice(0, index)
      .some((other) => other.function.name === use.function.name && canonicalJson(other.config) === text);
    if (!same) return [];
    return [{ at: use.at, message: `"${use.function.name}" has this permission twice`, hint: 'remove one of them' }];
  });
}

function warnOfUse({ config, at }: Use<PermissionSource>): Problem[] {
  const { principal, sourceArn, sourceAccount, eventSourceToken } = config;
  if (typeof principal !== 'string' || !isService(principal)) return [];
  const byRole = callersByRole[principal];
  if (byRole !== undefined) {
    const message = `"${principal}" calls functions with a role, so this permission has no effect`;
    return [{ at, message, hint: `let ${byRole} lambda:InvokeFunction on the alias` }];
  }
  if (isAlexa(principal)) {
    if (eventSourceToken !== undefined) return [];
    return [
      { at, message: 'every Alexa skill could call the function', hint: 'add `eventSourceToken`, the id of the skill' },
    ];
  }
  const isUnbounded = sourceArn === undefined || (typeof sourceArn === 'string' && hasNoAccount(sourceArn));
  if (!isUnbounded || sourceAccount !== undefined) return [];
  const message = `"${principal}" could call the function for resources of any account`;
  return [{ at, message, hint: 'add sourceAccount: !Ref "AWS::AccountId", or a sourceArn with the account' }];
}

function hasNoAccount(arn: string): boolean {
  return !/^\d{12}$/.test(arn.split(':')[4] ?? '');
}
