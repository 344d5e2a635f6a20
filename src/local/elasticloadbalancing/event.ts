// The event that a load balancer makes of a request for a function.
// https://docs.aws.amazon.com/elasticloadbalancing/latest/application/lambda-functions.html#receive-event-from-load-balancer
import { randomHex } from '../random.ts';
import type { Asked } from './conditions.ts';
import type { Listener, TargetGroup } from './state.ts';

export interface AlbRequest extends Asked {
  readonly listener: Listener;
  readonly body: Buffer;
  /** In milliseconds since 1970. */
  readonly time: number;
}

export const isMultiValue = ({ attributes }: Pick<TargetGroup, 'attributes'>): boolean =>
  attributes['lambda.multi_value_headers.enabled'] === 'true';

export function eventOf(group: TargetGroup, request: AlbRequest): object {
  const { method, path, query, body } = request;
  const headers = withForwarded(request);
  const contentType = headers.findLast(([name]) => name === 'content-type')?.[1];
  const isEncoded = headers.some(([name]) => name === 'content-encoding');
  const isBase64Encoded = body.length > 0 && (isEncoded || !isText(contentType));
  return {
    requestContext: { elb: { targetGroupArn: group.arn } },
    httpMethod: method,
    path,
    ...(isMultiValue(group)
      ? { multiValueQueryStringParameters: lists(query), multiValueHeaders: lists(headers) }
      : { queryStringParameters: Object.fromEntries(query), headers: Object.fromEntries(headers) }),
    body: body.toString(isBase64Encoded ? 'base64' : 'utf8'),
    isBase64Encoded,
  };
}

/** https://docs.aws.amazon.com/elasticloadbalancing/latest/application/lambda-functions.html#enable-health-checks-lambda */
export function healthCheckEvent(group: TargetGroup): object {
  const agent = 'ELB-HealthChecker/2.0';
  return {
    requestContext: { elb: { targetGroupArn: group.arn } },
    httpMethod: 'GET',
    path: group.healthCheck.path,
    ...(isMultiValue(group)
      ? { multiValueQueryStringParameters: {}, multiValueHeaders: { 'user-agent': [agent] } }
      : { queryStringParameters: {}, headers: { 'user-agent': agent } }),
    body: '',
    isBase64Encoded: false,
  };
}

function isText(contentType: string | undefined): boolean {
  const [type = ''] = (contentType ?? '').split(';');
  return /^(text\/.*|application\/(json|javascript|xml))$/i.test(type.trim());
}

const lists = (pairs: readonly (readonly [string, string])[]): Readonly<Record<string, readonly string[]>> => {
  const byName = new Map<string, string[]>();
  for (const [name, value] of pairs) byName.set(name, [...(byName.get(name) ?? []), value]);
  return Object.fromEntries(byName);
};

const forwarded = ['x-amzn-trace-id', 'x-forwarded-for', 'x-forwarded-port', 'x-forwarded-proto'];

/** https://docs.aws.amazon.com/elasticloadbalancing/latest/application/x-forwarded-headers.html and
 * https://docs.aws.amazon.com/elasticloadbalancing/latest/application/load-balancer-request-tracing.html */
function withForwarded({ headers, sourceIp, listener, time }: AlbRequest): readonly (readonly [string, string])[] {
  const given = (name: string) => headers.filter(([other]) => other === name).map(([, value]) => value);
  const [trace = ''] = given('x-amzn-trace-id');
  const id = `1-${Math.floor(time / 1000).toString(16)}-${randomHex(12)}`;
  return [
    ...headers.filter(([name]) => !forwarded.includes(name)),
    ['x-amzn-trace-id', trace.includes('Root=') ? `Self=${id};${trace}` : `Root=${id}`],
    ['x-forwarded-for', [...given('x-forwarded-for'), sourceIp].join(', ')],
    ['x-forwarded-port', String(listener.port)],
    ['x-forwarded-proto', listener.protocol.toLowerCase()],
  ];
}
