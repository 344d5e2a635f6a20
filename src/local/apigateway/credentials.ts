// As whom an integration or authorizer calls: a role, or the caller itself.
// https://docs.aws.amazon.com/apigateway/latest/api/API_Integration.html#apigw-Type-Integration-credentials
import type { Principal } from '../cloud.ts';
import { configurationError } from './failure.ts';
import type { RestRequest } from './request.ts';

/** Undefined without credentials: then API Gateway itself calls. */
export function integrationCaller(request: RestRequest, credentials: string | undefined): Principal | undefined {
  if (!credentials) return undefined;
  if (/^arn:[\w-]+:iam::\*:user\/\*$/.test(credentials)) {
    const { accessKey } = request.identity;
    if (accessKey === undefined) throw configurationError('The credentials of the caller are needed');
    return request.cloud.principalOf(accessKey);
  }
  return { kind: 'role', arn: credentials, session: 'BackplaneAssumeRoleSession' };
}
