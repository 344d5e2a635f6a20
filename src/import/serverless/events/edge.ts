// `cloudFront`: functions at the edge, and the distribution that calls them.
import type { Plain } from '../../../base/located.ts';
import { isMap } from '../../../base/plain.ts';
import { placeOf } from '../../draft.ts';
import { add, type EventContext, type EventRule } from './rule.ts';

export const cloudFront: EventRule = (context) => {
  const { service, config } = context;
  const on = config.child('eventType')?.plain() ?? 'viewer-request';
  const origin = config.child('origin')?.plain();
  const body = config.child('includeBody')?.flag();
  const pattern = config.child('pathPattern')?.plain();
  const behavior = config.child('behavior')?.plain();
  config.child('cachePolicy')?.plain();
  config.child('isDefaultOrigin')?.plain();
  const id = 'CloudFrontDistribution';
  const { draft } = service;
  if (!service.resources.has(id)) {
    const target = originOf(origin);
    const base = ['resources', id, 'Properties', 'DistributionConfig'];
    if (!draft.has(['resources', id])) {
      draft.set(
        ['resources', id],
        {
          Type: 'AWS::CloudFront::Distribution',
          Properties: {
            DistributionConfig: {
              Enabled: true,
              Origins: [target],
              DefaultCacheBehavior: behaviorOf(target, behavior),
            },
          },
        },
        placeOf(config),
      );
      draft.changed(placeOf(config), 'the distribution that the Serverless Framework makes is under resources now', {
        beside: ['resources', id],
      });
    }
    if (pattern !== undefined) {
      const behaviors = draft.get([...base, 'CacheBehaviors']);
      const known =
        Array.isArray(behaviors) &&
        behaviors.some((item) => (item as { PathPattern?: string }).PathPattern === pattern);
      if (!known) draft.push([...base, 'CacheBehaviors'], { PathPattern: pattern, ...behaviorOf(target, behavior) });
    }
  }
  add(context, 'edge', { on, distribution: id, path: pattern, body: body === true ? true : undefined });
  atEdge(context, String(on));
};

/** What a function at the edge cannot have.
 * https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/edge-functions-restrictions.html */
function atEdge({ service, name, config }: EventContext, on: string): void {
  const { draft } = service;
  const path = ['functions', name];
  draft.set([...path, 'architecture'], 'x86_64', placeOf(config));
  const gone: string[] = [];
  for (const key of [
    'variables',
    'secrets',
    'kmsKeyArn',
    'layers',
    'vpc',
    'tracing',
    'reservedConcurrency',
    'provisionedConcurrency',
  ]) {
    if (draft.remove([...path, key]) !== undefined) gone.push(key);
    if (draft.has(['defaults', key])) draft.set([...path, key], null);
  }
  const limit = (key: string, most: number) => {
    const value = draft.get([...path, key]) ?? draft.get(['defaults', key]);
    if (typeof value === 'number' && value > most) draft.set([...path, key], most);
  };
  limit('timeout', on.startsWith('viewer') ? 5 : 30);
  if (on.startsWith('viewer')) limit('memory', 128);
  const what = gone.length === 0 ? '' : `: it has no ${gone.join(', ')}`;
  draft.changed(placeOf(config), `"${name}" runs at the edge, within its limits${what}`, { beside: path });
}

function originOf(origin: Plain | undefined): Record<string, Plain> {
  if (isMap(origin ?? null)) {
    const { DomainName, Id, ...rest } = origin as Record<string, Plain>;
    return { Id: Id ?? 'origin', DomainName: DomainName ?? 'example.com', ...rest };
  }
  const text = typeof origin === 'string' ? origin : 'https://example.com';
  const match = /^(s3|https?):\/\/([^/]+)(\/.*)?$/.exec(text);
  const host = match?.[2] ?? text;
  const isS3 = match?.[1] === 's3' || host.endsWith('.amazonaws.com');
  return {
    Id: 'origin',
    DomainName: host,
    ...(match?.[3] === undefined || match[3] === '/' ? {} : { OriginPath: match[3] }),
    ...(isS3
      ? { S3OriginConfig: { OriginAccessIdentity: '' } }
      : { CustomOriginConfig: { OriginProtocolPolicy: match?.[1] === 'http' ? 'http-only' : 'match-viewer' } }),
  };
}

// https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/using-managed-cache-policies.html: CachingOptimized
const cachingOptimized = '658327ea-f89d-4fab-a63d-7e88639e58f6';
function behaviorOf(target: Readonly<Record<string, Plain>>, own: Plain | undefined): Record<string, Plain> {
  const given = isMap(own ?? null) ? (own as Record<string, Plain>) : {};
  const hasCache = given['ForwardedValues'] !== undefined || given['CachePolicyId'] !== undefined;
  return {
    TargetOriginId: target['Id'] ?? 'origin',
    ViewerProtocolPolicy: 'allow-all',
    ...(hasCache ? {} : { CachePolicyId: cachingOptimized }),
    ...given,
  };
}
