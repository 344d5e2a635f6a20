// As whom an integration or authorizer calls: a role, or the caller itself.
// https://docs.aws.amazon.com/apigateway/latest/api/API_Integration.html#apigw-Type-Integration-credentials
import type { Principal } from '../cloud.ts';
import { trusts } from '../role-trust.ts';
import { configurationError } from './failure.ts';
import type { RestRequest } from './request.ts';

/** Undefined without credentials: then API Gateway itself calls. */
export async function integrationCaller(
  request: RestRequest,
  credentials: string | undefined,
): Promise<Principal | undefined> {
  if (!credentials) return undefined;
  if (/^arn:[\w-]+:iam::\*:user\/\*$/.test(credentials)) {
    const { accessKey } = request.identity;
    if (accessKey === undefined) throw configurationError('The credentials of the caller are needed');
    return request.cloud.principalOf(accessKey);
  }
  if (!(await trusts(request.cloud, credentials, 'apigateway.amazonaws.com'))) {
    throw configurationError('API Gateway does not have permission to assume the provided role');
  }
  return { kind: 'role', arn: credentials, session: 'BackplaneAssumeRoleSession' };
}
