// CloudFront: distributions of buckets and APIs, with functions at the edge, access controls and policies for headers. No cache.
// https://docs.aws.amazon.com/cloudfront/latest/APIReference/Welcome.html
import type { Cloud, Service } from '../cloud.ts';
import { distributionOperations } from './distributions.ts';
import { Edge } from './edge.ts';
import { partOperations } from './parts.ts';
import type { CloudFrontContext } from './state.ts';

export function createCloudFront(cloud: Cloud): Service<'cloudfront'> {
  const context: CloudFrontContext = {
    cloud,
    distributions: cloud.globalCollection('cloudfront.distributions'),
    functions: cloud.globalCollection('cloudfront.functions'),
    accessControls: cloud.globalCollection('cloudfront.origin-access-controls'),
    headersPolicies: cloud.globalCollection('cloudfront.response-headers-policies'),
    ports: cloud.collection('cloudfront.ports'),
  };
  const edge = new Edge(context);
  return {
    name: 'cloudfront',
    operations: { ...distributionOperations(context, edge), ...partOperations(context) },
    async start() {
      for (const id of [...context.ports.keys()]) {
        const distribution = context.distributions.get(id);
        if (distribution !== undefined) await edge.open(distribution);
      }
    },
    stop: () => edge.closeAll(),
  };
}
