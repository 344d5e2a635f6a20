import { expect, test } from 'vitest';
import type { Environment } from '../project/environment.ts';
import { addressOf } from './addresses.ts';
import type { Context } from './context.ts';

const id = 'arn:aws:cloudformation:eu-west-1:111122223333:stack/shop-prod/1a2b';

/** On AWS, where nothing else can be asked without an account. */
function opened(what: string, region = 'eu-west-1') {
  const environment = {
    name: 'prod',
    project: 'shop',
    region,
    stackName: 'shop-prod',
    functions: [{ name: 'orders', physicalName: 'shop-prod-orders', logGroup: '/fx/shop/prod/orders' }],
  } as unknown as Environment;
  const stacks = {
    describe: async () => ({ id, name: 'shop-prod', outputs: { RestApiUrl: 'https://r', SiteUrl: 'https://s' } }),
  };
  const identity = async () => ({ account: '111122223333', arn: '' });
  const context = { aws: { identity, endpoint: undefined, stacks }, report: () => {} } as unknown as Context;
  return addressOf(environment, { what, functionName: undefined }, context);
}

test.each([
  ['api', 'eu-west-1', 'https://s'],
  ['RestApiUrl', 'eu-west-1', 'https://r'],
  [
    'console',
    'eu-west-1',
    'https://eu-west-1.console.aws.amazon.com/cloudformation/home?region=eu-west-1#/stacks/stackinfo?stackId=arn%3Aaws%3Acloudformation%3Aeu-west-1%3A111122223333%3Astack%2Fshop-prod%2F1a2b',
  ],
  [
    'logs',
    'cn-north-1',
    'https://console.amazonaws.cn/cloudwatch/home?region=cn-north-1#logsV2:log-groups/log-group/$252Ffx$252Fshop$252Fprod$252Forders',
  ],
])('%s in %s', async (what, region, url) => {
  expect(await opened(what, region)).toBe(url);
});
