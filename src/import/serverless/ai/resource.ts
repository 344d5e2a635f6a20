// What the resources of AgentCore have in common: their names, networks and authorizers.
import type { Plain } from '../../../base/located.ts';
import type { Cursor } from '../../cursor.ts';
import { lookup, withoutLookups } from '../../lookup-text.ts';
import type { Service } from '../service.ts';

/** https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-resource-bedrockagentcore-runtime.html: 48 characters. */
const longestName = 48;

/** A name with letters, digits and _ only; the environment is part of it. */
export function nameOf({ draft, stage }: Service, name: string): string {
  const base = `${String(draft.get(['name']))}_${withoutLookups(name)}`.replace(/[^A-Za-z0-9_]/g, '_');
  const room = longestName - 1 - Math.max(stage.length, 'local'.length);
  return `${base.slice(0, room)}_${lookup('env')}`;
}

/** The properties that have a value. */
export function settingsOf(properties: Readonly<Record<string, Plain | undefined>>): Record<string, Plain> {
  return Object.fromEntries(
    Object.entries(properties).filter((entry): entry is [string, Plain] => entry[1] !== undefined),
  );
}

export function networkOf(network: Cursor | undefined, otherwise: string, vpcKey: string): Plain {
  const mode = (network?.child('mode')?.text() ?? otherwise).toUpperCase();
  const subnets = network?.child('subnets')?.plain();
  const groups = network?.child('securityGroups')?.plain();
  return {
    NetworkMode: mode,
    ...(mode === 'VPC' && subnets !== undefined
      ? { [vpcKey]: { Subnets: subnets, SecurityGroups: groups ?? [] } }
      : {}),
  };
}

/** Who may call: tokens of an OpenID provider. */
export function authorizerOf(authorizer: Cursor | undefined): Plain | undefined {
  const jwt = authorizer?.child('jwt');
  if (jwt === undefined) return undefined;
  return {
    CustomJWTAuthorizer: settingsOf({
      DiscoveryUrl: jwt.child('discoveryUrl')?.plain() ?? null,
      AllowedAudience: jwt.child('allowedAudience')?.plain(),
      AllowedClients: jwt.child('allowedClients')?.plain(),
      AllowedScopes: jwt.child('allowedScopes')?.plain(),
      CustomClaims: capitalized(jwt.child('customClaims')?.plain()),
    }),
  };
}

/** The keys of CloudFormation for those of the same meaning that begin with a small letter. */
export function capitalized(value: Plain | undefined): Plain | undefined {
  if (Array.isArray(value)) return value.map((item: Plain) => capitalized(item) ?? null);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(
    Object.entries(value).map(([key, item]) => [
      key.charAt(0).toUpperCase() + key.slice(1),
      capitalized(item as Plain) ?? null,
    ]),
  );
}
