// Who signed a request to a route with IAM authorization, and whether they may call it.
// https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-access-control-iam.html
import type { Cloud } from '../cloud.ts';
import { decide } from '../iam/authorization.ts';
import { sessionArn } from '../operation.ts';
import { type Decision, forbidden } from './decision.ts';
import type { ApiRequest } from './event.ts';
import { routeArn } from './identity-source.ts';

/** Any credentials are accepted here, so only the presence, the service and the region of a signature are checked, and the policies of a
 * role that signed. */
export function signedBy(cloud: Cloud, request: ApiRequest): Decision {
  const header = request.headers.find(([name]) => name === 'authorization')?.[1] ?? '';
  const query = new URLSearchParams(request.rawQuery);
  const inHeader = /^AWS4-HMAC-SHA256 .*Credential=([^,\s]+).*Signature=[0-9a-f]+/.exec(header)?.[1];
  const credential = inHeader ?? (query.has('X-Amz-Signature') ? query.get('X-Amz-Credential') : undefined);
  const refused = (error: string): Decision => ({ allowed: false, response: forbidden, error });
  if (!credential) return refused('the request is not signed');
  const [accessKey = '', , region, service] = credential.split('/');
  if (service !== 'execute-api' || region !== cloud.region) {
    return refused(`the signature is for ${service} in ${region}, not execute-api in ${cloud.region}`);
  }
  const principal = cloud.principalOf(accessKey);
  if (principal.kind !== 'role') {
    const userArn = `arn:aws:iam::${cloud.accountId}:root`;
    return { allowed: true, identity: { kind: 'iam', accessKey, userArn, userId: cloud.accountId } };
  }
  const decision = decide(cloud, principal.arn, 'execute-api:Invoke', routeArn(request));
  if (decision !== 'allowed') return refused('the policies of the role do not allow execute-api:Invoke on the route');
  const userArn = sessionArn(cloud, principal);
  const userId = `AROALOCALROLE0000000:${principal.session}`;
  return { allowed: true, identity: { kind: 'iam', accessKey, userArn, userId } };
}
