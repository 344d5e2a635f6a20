// `alb`: rules of a load balancer.
import type { Plain } from '../../../base/located.ts';
import type { Cursor } from '../../cursor.ts';
import { add, clean, type EventRule, reference } from './rule.ts';

export const alb: EventRule = (context) => {
  const { service, config } = context;
  const conditions = config.child('conditions');
  const list = (key: string) => {
    const value = conditions?.child(key)?.plain();
    return value === undefined ? undefined : ([value].flat() as Plain[]);
  };
  const headers = conditions
    ?.child('header')
    ?.each()
    .map((header) => [header.child('name')?.text() ?? '', header.child('values')?.plain() ?? []] as const);
  const authorizer = config.child('authorizer')?.plain();
  const health = config.child('healthCheck');
  add(context, 'alb', {
    listener: reference(service, config.child('listenerArn')?.plain()),
    priority: config.child('priority')?.plain(),
    conditions: clean({
      path: list('path'),
      host: list('host'),
      method: list('method'),
      ip: list('ip'),
      header: headers === undefined ? undefined : Object.fromEntries(headers),
      query: conditions?.child('query')?.plain(),
    }),
    multiValueHeaders: config.child('multiValueHeaders')?.plain(),
    targetGroupName: config.child('targetGroupName')?.plain(),
    authenticate: authorizer,
    healthCheck: health === undefined ? undefined : healthOf(health),
  });
};

function healthOf(health: Cursor): Plain {
  if (!health.isMap) return health.flag() ?? true;
  const seconds = (key: string) => health.child(key)?.plain();
  return clean({
    path: health.child('path')?.plain(),
    interval: seconds('intervalSeconds'),
    timeout: seconds('timeoutSeconds'),
    healthyThreshold: health.child('healthyThresholdCount')?.plain(),
    unhealthyThreshold: health.child('unhealthyThresholdCount')?.plain(),
    matcher: health.child('matcher')?.child('httpCode')?.plain(),
  });
}
