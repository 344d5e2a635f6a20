// The resource policies of Lambda functions: who outside the account may invoke a function, version or alias.
import { randomUUID } from 'node:crypto';
import { AwsError, type Cloud, type Input, type Operations, type Principal } from '../cloud.ts';
import { checkConstraints } from '../constraint.ts';
import { allowsServiceCall, type ServiceCall } from '../resource-policy.ts';
import { checkRevision } from './changes.ts';
import type { LambdaContext } from './context.ts';
import { existingFunction, existingVersion, type FunctionReference, functionArn, readReference } from './names.ts';
import { addStatement, noPolicy, policyText, removeStatement } from './policy-statements.ts';
import type { LambdaFunction, ResourcePolicy, Statement } from './state.ts';

export function permissionOperations({ cloud, functions }: LambdaContext): Operations<'lambda'> {
  const find = (input: { FunctionName: string | undefined; Qualifier?: string | undefined }) => {
    const reference = readReference(cloud, input.FunctionName, input.Qualifier);
    const fn = existingFunction(cloud, functions, reference);
    existingVersion(cloud, functions, reference);
    if (reference.qualifier === '$LATEST') {
      throw invalid('We currently do not support adding policies for $LATEST.');
    }
    return { reference, fn, policy: fn.policies[reference.qualifier] };
  };
  const keep = (fn: LambdaFunction, qualifier: string, statements: readonly Statement[]) => {
    const { [qualifier]: _, ...others } = fn.policies;
    const policies = statements.length === 0 ? others : { ...others, [qualifier]: { statements } };
    functions.set(fn.name, { ...withRevision(fn, qualifier, randomUUID()), policies });
  };

  return {
    AddPermission: {
      members: [
        'FunctionName',
        'StatementId',
        'Action',
        'Principal',
        'SourceArn',
        'FunctionUrlAuthType',
        'InvokedViaFunctionUrl',
        'SourceAccount',
        'EventSourceToken',
        'Qualifier',
        'RevisionId',
        'PrincipalOrgID',
      ],
      run(input) {
        const { reference, fn, policy } = find(input);
        checkInput(input);
        checkRevision(input.RevisionId, revisionOf(fn, reference.qualifier));
        const statement = readStatement(cloud, reference, input);
        keep(fn, reference.qualifier, addStatement(policy?.statements ?? [], statement));
        return { Statement: JSON.stringify(statement) };
      },
    },
    RemovePermission: {
      members: ['FunctionName', 'StatementId', 'Qualifier', 'RevisionId'],
      run(input) {
        const { reference, fn, policy } = find(input);
        if (policy === undefined) throw noPolicy();
        const statements = removeStatement(policy.statements, input.StatementId);
        checkRevision(input.RevisionId, revisionOf(fn, reference.qualifier));
        keep(fn, reference.qualifier, statements);
        return {};
      },
    },
    GetPolicy: {
      members: ['FunctionName', 'Qualifier'],
      run(input) {
        const { reference, fn, policy } = find(input);
        if (policy === undefined) {
          const message = 'The resource you requested does not exist.';
          throw new AwsError('ResourceNotFoundException', message, 404, { Type: 'User' });
        }
        return { Policy: policyText(policy.statements), RevisionId: revisionOf(fn, reference.qualifier) };
      },
    },
  };
}

// A policy shares the revision of what it belongs to: AWS answered the same for GetPolicy and GetFunction (November 2025).
function revisionOf({ latest, versions, aliases }: LambdaFunction, qualifier: string): string | undefined {
  return (qualifier === '' ? latest : (aliases[qualifier] ?? versions[qualifier]))?.revisionId;
}

function withRevision(fn: LambdaFunction, qualifier: string, revisionId: string): LambdaFunction {
  if (qualifier === '') return { ...fn, latest: { ...fn.latest, revisionId } };
  const alias = fn.aliases[qualifier];
  if (alias !== undefined) return { ...fn, aliases: { ...fn.aliases, [qualifier]: { ...alias, revisionId } } };
  const version = fn.versions[qualifier];
  if (version === undefined) return fn;
  return { ...fn, versions: { ...fn.versions, [qualifier]: { ...version, revisionId } } };
}

function invalid(message: string): AwsError {
  return new AwsError('InvalidParameterValueException', message, 400, { Type: 'User' });
}

function checkInput(input: Input<'lambda', 'AddPermission'>): void {
  checkConstraints('ValidationException', [
    ['statementId', input.StatementId, { pattern: '([a-zA-Z0-9-_]+)', min: 1, max: 100 }],
    ['action', input.Action, { pattern: '(lambda:[*]|lambda:[a-zA-Z]+|[*])' }],
    ['principal', input.Principal, { pattern: '[^\\s]+' }],
    [
      'sourceArn',
      input.SourceArn,
      {
        pattern:
          'arn:(aws[a-zA-Z0-9-]*):([a-zA-Z0-9\\-])+:((eusc-)?[a-z]{2}((-gov)|(-iso([a-z]?)))?-[a-z]+-\\d{1})?:(\\d{12})?:(.*)',
      },
    ],
    ['sourceAccount', input.SourceAccount, { pattern: '\\d{12}' }],
    ['functionUrlAuthType', input.FunctionUrlAuthType, { oneOf: ['NONE', 'AWS_IAM'] }],
  ]);
  if (input.FunctionUrlAuthType !== undefined && input.Action !== 'lambda:InvokeFunctionUrl') {
    throw invalid('FunctionUrlAuthType is only supported for lambda:InvokeFunctionUrl action');
  }
}

function readStatement(cloud: Cloud, reference: FunctionReference, input: Input<'lambda', 'AddPermission'>): Statement {
  const equals: Record<string, string> = {
    ...(input.SourceAccount ? { 'AWS:SourceAccount': input.SourceAccount } : {}),
    ...(input.EventSourceToken ? { 'lambda:EventSourceToken': input.EventSourceToken } : {}),
    ...(input.FunctionUrlAuthType ? { 'lambda:FunctionUrlAuthType': input.FunctionUrlAuthType } : {}),
    ...(input.PrincipalOrgID ? { 'aws:PrincipalOrgID': input.PrincipalOrgID } : {}),
  };
  const condition = {
    ...(Object.keys(equals).length > 0 ? { StringEquals: equals } : {}),
    ...(input.InvokedViaFunctionUrl ? { Bool: { 'lambda:InvokedViaFunctionUrl': 'true' } } : {}),
    ...(input.SourceArn ? { ArnLike: { 'AWS:SourceArn': input.SourceArn } } : {}),
  };
  return {
    Sid: input.StatementId ?? '',
    Effect: 'Allow',
    Principal: readPrincipal(input.Principal ?? ''),
    Action: input.Action ?? '',
    Resource: functionArn(cloud, reference),
    ...(Object.keys(condition).length > 0 ? { Condition: condition } : {}),
  };
}

function readPrincipal(text: string): Statement['Principal'] {
  if (text === '*') return '*';
  if (/^\d{12}$/.test(text)) return { AWS: `arn:aws:iam::${text}:root` };
  if (text.startsWith('arn:')) return { AWS: text };
  // Alexa is no service of AWS: https://docs.aws.amazon.com/lambda/latest/dg/services-alexa.html
  if (/^([a-z0-9.-]+\.amazonaws\.com|alexa-(appkit|connectedhome)\.amazon\.com)$/.test(text)) return { Service: text };
  throw invalid('The provided principal was invalid. Please check the principal and try again.');
}

/** By policy and source: a policy is replaced as a whole, and a source calls for every event. */
const decisions = new WeakMap<ResourcePolicy, Map<string, boolean>>();

function mayInvoke(policy: ResourcePolicy, call: Omit<ServiceCall, 'action'>): boolean {
  const bySource = decisions.get(policy) ?? new Map<string, boolean>();
  decisions.set(policy, bySource);
  const source = `${call.principal.service} ${call.principal.sourceArn}`;
  const allowed =
    bySource.get(source) ?? allowsServiceCall(policy.statements, { ...call, action: 'lambda:InvokeFunction' });
  bySource.set(source, allowed);
  return allowed;
}

/** Throws AccessDeniedException unless the caller is the account, or a statement for exactly that qualifier allows the service. */
export function checkInvokePermission(
  cloud: Cloud,
  fn: LambdaFunction,
  reference: FunctionReference,
  principal: Principal,
): void {
  if (principal.kind !== 'service') return;
  const resource = functionArn(cloud, reference);
  const policy = fn.policies[reference.qualifier];
  if (policy !== undefined && mayInvoke(policy, { principal, resource, accountId: cloud.accountId })) return;
  throw new AwsError(
    'AccessDeniedException',
    `User: ${principal.service} is not authorized to perform: lambda:InvokeFunction on resource: ${resource} because no resource-based policy allows the lambda:InvokeFunction action`,
    403,
  );
}
