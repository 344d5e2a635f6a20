// Logins to the registry. A token names its region: ECR has a host name for each, the local AWS one address for all.
// https://docs.aws.amazon.com/AmazonECR/latest/userguide/registry_auth.html
import type { Cloud } from '../cloud.ts';

export const tokenHours = 12;

export function newToken({ region }: Cloud): string {
  return Buffer.from(JSON.stringify({ region })).toString('base64url');
}

/** The region of a login in a header `Authorization`; undefined without a valid one. */
export function regionOf(authorization: string | undefined): string | undefined {
  const [, basic = ''] = /^Basic (.+)$/i.exec(authorization ?? '') ?? [];
  const login = Buffer.from(basic, 'base64').toString();
  if (!login.startsWith('AWS:')) return undefined;
  try {
    const { region } = JSON.parse(Buffer.from(login.slice('AWS:'.length), 'base64url').toString()) as {
      region?: unknown;
    };
    return typeof region === 'string' && /^[a-z]{2}(-[a-z]+)+-\d$/.test(region) ? region : undefined;
  } catch {
    return undefined;
  }
}
