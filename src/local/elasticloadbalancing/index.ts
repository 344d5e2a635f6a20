// Elastic Load Balancing, Application Load Balancers with functions as targets: combines the operations, and owns listeners and health checks.
// https://docs.aws.amazon.com/elasticloadbalancing/latest/APIReference/Welcome.html
import type { Cloud, Service } from '../cloud.ts';
import { HealthChecks } from './health-checks.ts';
import { listenerOperations } from './listeners.ts';
import { loadBalancerOperations } from './load-balancers.ts';
import { Ports } from './ports.ts';
import { ruleOperations } from './rules.ts';
import type { BalancerContext } from './state.ts';
import { tagOperations } from './tags.ts';
import { targetGroupOperations } from './target-groups.ts';

export function createElasticLoadBalancing(cloud: Cloud): Service<'elasticloadbalancing'> {
  const context: BalancerContext = {
    cloud,
    balancers: cloud.collection('elasticloadbalancing.load-balancers'),
    listeners: cloud.collection('elasticloadbalancing.listeners'),
    rules: cloud.collection('elasticloadbalancing.rules'),
    groups: cloud.collection('elasticloadbalancing.target-groups'),
    tags: cloud.collection('elasticloadbalancing.tags'),
  };
  const ports = new Ports(context);
  const checks = new HealthChecks(context);
  return {
    name: 'elasticloadbalancing',
    operations: {
      ...loadBalancerOperations(context, ports),
      ...listenerOperations(context, ports),
      ...ruleOperations(context),
      ...targetGroupOperations(context, checks),
      ...tagOperations(context),
    },
    async start() {
      for (const listener of context.listeners.values()) await ports.open(listener);
      for (const arn of context.groups.keys()) checks.changed(arn);
    },
    async stop() {
      checks.stop();
      await ports.closeAll();
    },
  };
}
