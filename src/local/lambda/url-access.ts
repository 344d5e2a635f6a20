// Who may call a function URL: every caller that the qualifier's policy allows, or that signed the request.
// https://docs.aws.amazon.com/lambda/latest/dg/urls-auth.html
import type { IncomingMessage } from 'node:http';
import type { Cloud } from '../cloud.ts';
import { wildcard } from '../iam/evaluation.ts';
import type { FunctionUrl, LambdaFunction, Statement } from './state.ts';

/** The `iam` of an event's authorizer, for a request that was signed. */
export interface Caller {
  readonly accessKey: string;
  readonly accountId: string;
  readonly callerId: string;
  readonly cognitoIdentity: null;
  readonly principalOrgId: null;
  readonly userArn: string;
  readonly userId: string;
}

export type Access =
  | { readonly allowed: true; readonly caller?: Caller }
  | { readonly allowed: false; readonly message: string };

const forbidden =
  'Forbidden. For troubleshooting Function URL authorization issues, see: https://docs.aws.amazon.com/lambda/latest/dg/urls-auth.html';

export function accessOf(
  cloud: Cloud,
  fn: LambdaFunction,
  url: FunctionUrl,
  request: { qualifier: string; incoming: IncomingMessage },
): Access {
  if (url.authType === 'AWS_IAM') return signed(cloud, request.incoming);
  const qualifier = request.qualifier === '$LATEST' ? '' : request.qualifier;
  const statements = fn.policies[qualifier]?.statements ?? [];
  // Since October 2025 a URL needs both.
  const isPublic =
    statements.some((statement) => allowsEveryone(statement, 'lambda:InvokeFunctionUrl')) &&
    statements.some((statement) => allowsEveryone(statement, 'lambda:InvokeFunction'));
  return isPublic ? { allowed: true } : { allowed: false, message: forbidden };
}

/** The condition keys of an anonymous call; conditions on other keys are not met. */
const context: Readonly<Record<string, Readonly<Record<string, string>>>> = {
  'lambda:InvokeFunctionUrl': { 'lambda:functionurlauthtype': 'NONE' },
  'lambda:InvokeFunction': { 'lambda:invokedviafunctionurl': 'true' },
};

function allowsEveryone({ Principal, Action, Condition = {} }: Statement, action: string): boolean {
  const isAnyone = Principal === '*' || (typeof Principal === 'object' && 'AWS' in Principal && Principal.AWS === '*');
  return (
    isAnyone &&
    wildcard(Action, 'i').test(action) &&
    Object.values(Condition).every((keys) =>
      Object.entries(keys).every(([key, expected]) => context[action]?.[key.toLowerCase()] === expected),
    )
  );
}

// Any credentials are accepted here, so only the presence and the service of a signature are checked.
function signed({ accountId, region }: Cloud, incoming: IncomingMessage): Access {
  const url = new URL(incoming.url ?? '/', 'http://localhost');
  const header = incoming.headers.authorization ?? '';
  const inHeader = /^AWS4-HMAC-SHA256 .*Credential=([^,\s]+).*Signature=[0-9a-f]+/.exec(header)?.[1];
  const inQuery = url.searchParams.has('X-Amz-Signature') ? url.searchParams.get('X-Amz-Credential') : undefined;
  const credential = inHeader ?? inQuery;
  if (!credential) return { allowed: false, message: forbidden };
  const [accessKey = '', , where, service] = credential.split('/');
  if (service !== 'lambda') {
    return { allowed: false, message: "Credential should be scoped to correct service: 'lambda'." };
  }
  if (where !== region)
    return { allowed: false, message: `Credential should be scoped to a valid region: '${region}'.` };
  const userId = 'AIDALOCALUSER00000000';
  return {
    allowed: true,
    caller: {
      accessKey,
      accountId,
      callerId: userId,
      cognitoIdentity: null,
      principalOrgId: null,
      userArn: `arn:aws:iam::${accountId}:root`,
      userId,
    },
  };
}
