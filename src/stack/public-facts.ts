// What in a template is open to the public, or to other accounts without a limit.
import { isMap } from '../base/plain.ts';
import type { Resource } from '../cfn/resource.ts';
import { fullText } from '../cfn/value-text.ts';
import { grantsOf, isOfPublicUrl } from './statements.ts';

export interface PublicFact {
  readonly logicalId: string;
  readonly type: string;
  /** Inside the resource. */
  readonly path: readonly string[];
  /** For people: `anyone may call the function URL`. */
  readonly what: string;
}

type Fact = Pick<PublicFact, 'path' | 'what'>;
type Properties = NonNullable<Resource['Properties']>;
type Resources = Readonly<Record<string, Resource>>;

export function publicFacts(resources: Readonly<Record<string, Resource>>): readonly PublicFact[] {
  return Object.entries(resources).flatMap(([logicalId, resource]) => {
    const { Type: type, Properties = {} } = resource;
    const facts = [...(rows[type]?.(Properties, resources) ?? []), ...policyFacts(resource), ...flags(Properties)];
    return facts.map((fact) => ({ logicalId, type, ...fact }));
  });
}

const at = (...path: readonly string[]): readonly string[] => ['Properties', ...path];
const isTrue = (value: unknown) => value === true || value === 'true';
const isFalse = (value: unknown) => value === false || value === 'false';

/** By type. Each cites what the value means. */
const rows: Readonly<Record<string, (properties: Properties, resources: Resources) => readonly Fact[]>> = {
  // https://docs.aws.amazon.com/lambda/latest/dg/urls-auth.html
  'AWS::Lambda::Url': ({ AuthType }) =>
    AuthType === 'NONE' ? [{ path: at('AuthType'), what: 'anyone may call the function URL' }] : [],
  'AWS::Lambda::Permission': permissionFacts,
  'AWS::Lambda::LayerVersionPermission': ({ Principal, OrganizationId }) =>
    Principal === '*' && OrganizationId === undefined
      ? [{ path: at('Principal'), what: 'every account may use the layer' }]
      : [],
  // https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-resource-apigatewayv2-route.html
  'AWS::ApiGatewayV2::Route': ({ AuthorizationType = 'NONE', RouteKey, ApiId }, resources) => {
    const isSocket = referred(ApiId, resources)?.Properties?.['ProtocolType'] === 'WEBSOCKET';
    // https://docs.aws.amazon.com/apigateway/latest/developerguide/apigateway-websocket-api-control-access.html: only who connects is asked
    if (AuthorizationType !== 'NONE' || (isSocket && RouteKey !== '$connect')) return [];
    const what = isSocket
      ? 'anyone may connect: $connect has no authorizer'
      : `anyone may call ${fullText(RouteKey)}: it has no authorizer`;
    return [{ path: at('AuthorizationType'), what }];
  },
  'AWS::ApiGateway::Method': ({ AuthorizationType, HttpMethod, Integration, ResourceId, RestApiId }, resources) =>
    // what the API answers itself, such as a preflight, is not worth a line
    AuthorizationType === 'NONE' &&
    !(isMap(Integration) && Integration['Type'] === 'MOCK') &&
    !isPrivate(referred(RestApiId, resources))
      ? [
          {
            path: at('AuthorizationType'),
            what: `anyone may call ${fullText(HttpMethod)} ${pathOf(ResourceId, resources)}: it has no authorizer`,
          },
        ]
      : [],
  'AWS::S3::Bucket': bucketFacts,
  'AWS::EC2::SecurityGroup': ({ SecurityGroupIngress }) =>
    (Array.isArray(SecurityGroupIngress) ? SecurityGroupIngress : []).flatMap((rule, index) =>
      isMap(rule) ? ingress(rule, at('SecurityGroupIngress', String(index))) : [],
    ),
  'AWS::EC2::SecurityGroupIngress': (properties) => ingress(properties, at('CidrIp')),
  // https://docs.aws.amazon.com/elasticloadbalancing/latest/userguide/how-elastic-load-balancing-works.html: the default
  'AWS::ElasticLoadBalancingV2::LoadBalancer': ({ Scheme = 'internet-facing' }) =>
    Scheme === 'internet-facing' ? [{ path: at('Scheme'), what: 'the load balancer answers the internet' }] : [],
};

/** The resource of the template that a value refers to. */
function referred(value: unknown, resources: Resources): Resource | undefined {
  const id = isMap(value) ? value['Ref'] : undefined;
  return typeof id === 'string' && Object.hasOwn(resources, id) ? resources[id] : undefined;
}

/** A private API answers in VPCs only. */
function isPrivate(api: Resource | undefined): boolean {
  const endpoint = api?.Properties?.['EndpointConfiguration'];
  const types = isMap(endpoint) ? endpoint['Types'] : undefined;
  return Array.isArray(types) && types.includes('PRIVATE');
}

/** The path of a REST API's resource; of one outside the template, its last known parts. */
function pathOf(resourceId: unknown, resources: Resources): string {
  const parts: string[] = [];
  const seen = new Set<Resource>();
  let resource = referred(resourceId, resources);
  while (resource !== undefined && !seen.has(resource)) {
    seen.add(resource);
    parts.unshift(fullText(resource.Properties?.['PathPart'] ?? ''));
    resource = referred(resource.Properties?.['ParentId'], resources);
  }
  return `/${parts.join('/')}`;
}

/** https://docs.aws.amazon.com/lambda/latest/dg/access-control-resource-based.html: without SourceArn or SourceAccount, the service may act
 * for any account. */
function permissionFacts(properties: Properties): readonly Fact[] {
  if (isOfPublicUrl(properties)) return [];
  const { Principal } = properties;
  if (
    ['SourceArn', 'SourceAccount', 'PrincipalOrgID', 'EventSourceToken'].some((name) => Object.hasOwn(properties, name))
  )
    return [];
  const path = at('Principal');
  if (Principal === '*') return [{ path, what: 'every account may invoke the function' }];
  return typeof Principal === 'string' && Principal.endsWith('.amazonaws.com')
    ? [{ path, what: `${Principal} may invoke the function for any account: no SourceArn or SourceAccount limits it` }]
    : [];
}

/** https://docs.aws.amazon.com/AmazonS3/latest/userguide/access-control-block-public-access.html: all four are on by default. */
function bucketFacts({ PublicAccessBlockConfiguration: block, AccessControl }: Properties): readonly Fact[] {
  const off = isMap(block) ? Object.keys(block).filter((key) => isFalse(block[key])) : [];
  return [
    ...off.map((key) => ({ path: at('PublicAccessBlockConfiguration', key), what: `${key} is off` })),
    ...(typeof AccessControl === 'string' && AccessControl.startsWith('Public')
      ? [{ path: at('AccessControl'), what: `its access control list is ${AccessControl}` }]
      : []),
  ];
}

function ingress(rule: Readonly<Record<string, unknown>>, path: readonly string[]): readonly Fact[] {
  const open = [rule['CidrIp'], rule['CidrIpv6']].filter((range) => range === '0.0.0.0/0' || range === '::/0');
  const { FromPort, ToPort, IpProtocol } = rule as { [key: string]: unknown };
  const ports =
    FromPort === undefined || Number(FromPort) < 0
      ? 'all ports'
      : FromPort === ToPort
        ? `port ${FromPort}`
        : `ports ${FromPort} to ${ToPort}`;
  const protocol = IpProtocol === undefined || String(IpProtocol) === '-1' ? '' : ` (${fullText(IpProtocol)})`;
  return open.map((range) => ({ path, what: `${fullText(range)} may reach ${ports}${protocol}` }));
}

/** Policies of resources: buckets, queues, topics, keys, repositories and more. */
function policyFacts(resource: Resource): readonly Fact[] {
  if (resource.Type === 'AWS::Lambda::Permission') return [];
  return grantsOf(resource)
    .filter(({ effect, principal, condition }) => effect === 'Allow' && principal === '*' && condition === '')
    .map(({ action, resource: on, path }) => ({ path, what: `anyone may ${action}${on === '' ? '' : ` on ${on}`}` }));
}

/** RDS, Redshift, Amazon MQ and DMS all call it that. */
function flags({ PubliclyAccessible }: Properties): readonly Fact[] {
  return isTrue(PubliclyAccessible) ? [{ path: at('PubliclyAccessible'), what: 'it has a public address' }] : [];
}
