// Calls an operation: checks that it supports every member of the input and, if a role calls, that the role's policies allow it.
import {
  AwsError,
  type Cloud,
  type Operation,
  type Principal,
  type Request,
  type Service,
  type ServiceName,
} from './cloud.ts';
import { notImplemented } from './constraint.ts';
import { decide } from './iam/authorization.ts';

// A call by name loses the type of the operation.
type AnyOperation = Operation<Record<string, unknown>, unknown>;

export interface NamedOperation {
  readonly service: ServiceName;
  readonly name: string;
}

/** Throws AWS's errors, or NotImplemented if the local AWS does not support the operation or a member. */
export async function perform(
  cloud: Cloud,
  { operations }: Service,
  { service, name }: NamedOperation,
  { input, request }: { readonly input: unknown; readonly request: Request },
): Promise<unknown> {
  const operation = (operations as Readonly<Record<string, AnyOperation | undefined>>)[name];
  if (operation === undefined) throw notImplemented(`${service}:${name}`);
  const values = input as Record<string, unknown>;
  checkMembers(operation, values, `${service}:${name}`);
  if (request.principal.kind === 'role')
    authorize(cloud, operation, { service, name }, { values, role: request.principal });
  return operation.run(values, request);
}

/** False, an empty list and an empty map request nothing, so they are allowed in any member. */
function checkMembers({ members }: AnyOperation, values: Record<string, unknown>, called: string): void {
  for (const [member, value] of Object.entries(values)) {
    if (members.includes(member) || requestsNothing(value)) continue;
    throw notImplemented(`${called} with ${member}`);
  }
}

function requestsNothing(value: unknown): boolean {
  if (value === undefined || value === false) return true;
  return typeof value === 'object' && value !== null && !(value instanceof Date) && Object.keys(value).length === 0;
}

type Role = Principal & { readonly kind: 'role' };

function authorize(
  cloud: Cloud,
  { authorize: rule = {} }: AnyOperation,
  { service, name }: NamedOperation,
  { values, role }: { readonly values: Record<string, unknown>; readonly role: Role },
): void {
  if (rule === 'everyone') return;
  const action = rule.action ?? actionOf(service, name);
  const resource = rule.resource?.(values);
  const decision = decide(cloud, role.arn, action, resource);
  if (decision === 'allowed') return;
  // SNS writes its own name in capitals
  const shown = service === 'sns' ? action.replace(/^sns:/, 'SNS:') : action;
  const why =
    decision === 'explicitDeny'
      ? 'with an explicit deny in an identity-based policy'
      : `because no identity-based policy allows the ${shown} action`;
  const where = resource === undefined ? '' : ` on resource: ${service === 's3' ? `"${resource}"` : resource}`;
  throw new AwsError(
    deniedCodes[service] ?? 'AccessDeniedException',
    `User: ${sessionArn(cloud, role)} is not authorized to perform: ${shown}${where} ${why}`,
    403,
  );
}

const deniedCodes: Partial<Readonly<Record<ServiceName, string>>> = {
  iam: 'AccessDenied',
  s3: 'AccessDenied',
  sns: 'AuthorizationErrorException',
  sts: 'AccessDenied',
};

export function sessionArn(cloud: Cloud, { arn, session }: Role): string {
  return `arn:aws:sts::${cloud.accountId}:assumed-role/${arn.split('/').at(-1)}/${session}`;
}

// API Gateway's actions are the methods of its own APIs:
// https://docs.aws.amazon.com/service-authorization/latest/reference/list_amazonapigatewaymanagement.html
// https://docs.aws.amazon.com/service-authorization/latest/reference/list_amazonapigatewaymanagementv2.html
const methods: readonly (readonly [verb: RegExp, method: string])[] = [
  [/^Get/, 'GET'],
  [/^ImportDocumentationParts/, 'PUT'],
  [/^(Create|Import|Generate|TestInvoke)/, 'POST'],
  [/^(Tag|Put)/, 'PUT'],
  [/^(Delete|Untag|Flush)/, 'DELETE'],
  [/^Update/, 'PATCH'],
];

function actionOf(service: ServiceName, name: string): string {
  const method = service.startsWith('apigateway') ? methods.find(([verb]) => verb.test(name))?.[1] : undefined;
  // https://docs.aws.amazon.com/service-authorization/latest/reference/list_amazoncloudwatch.html
  const prefix = { monitoring: 'cloudwatch', apigatewayv2: 'apigateway' }[service as string] ?? service;
  return `${prefix}:${method ?? name}`;
}
