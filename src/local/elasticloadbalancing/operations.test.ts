// The API of Elastic Load Balancing over the wire, with the SDK: what it keeps and describes, and what it refuses in AWS's terms.
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  DescribeLoadBalancersCommand,
  DescribeRulesCommand,
  ElasticLoadBalancingV2Client,
} from '@aws-sdk/client-elastic-load-balancing-v2';
import { afterAll, expect, onTestFinished, test } from 'vitest';
import type { Input, OperationName } from '../cloud.ts';
import { startTestAws } from '../fixture.ts';
import { createFunction, loggedMessages } from '../lambda/fixture.ts';
import { functionArn, startTestBalancer } from './test-balancer.ts';

const { aws, cloud, clock, Role, call, createBalancer, createListener, createGroup, createRule } =
  await startTestBalancer();
const client = new ElasticLoadBalancingV2Client({
  endpoint: aws.endpoint,
  region: 'us-east-1',
  credentials: { accessKeyId: 'local', secretAccessKey: 'local' },
});
afterAll(() => client.destroy());

const failureOf = <O extends OperationName<'elasticloadbalancing'>>(
  operation: O,
  input: Input<'elasticloadbalancing', O>,
): Promise<string> =>
  call(operation, input).then(
    () => 'done',
    (error: Error) => `${error.name}: ${error.message}`,
  );

const lb = await createBalancer('main');
const { ListenerArn } = await createListener(lb);
const group = await createGroup();
const forward = (TargetGroupArn: string) => [{ Type: 'forward' as const, TargetGroupArn }];
const path = (...Values: string[]) => [{ Field: 'path-pattern', Values }];

test('a client reads load balancers and rules', async () => {
  const read = await createListener(await createBalancer('read'));
  const ownGroup = await createGroup();
  const RuleArn = await createRule(read.ListenerArn, ownGroup, path('/a'), 10);
  const { LoadBalancers } = await client.send(new DescribeLoadBalancersCommand({ Names: ['read'] }));
  expect(LoadBalancers).toEqual([
    expect.objectContaining({
      LoadBalancerArn: expect.stringMatching(/:loadbalancer\/app\/read\/[0-9a-f]{16}$/),
      DNSName: expect.stringMatching(/^read-\d+\.us-east-1\.elb\.amazonaws\.com$/),
      State: { Code: 'active' },
      Scheme: 'internet-facing',
      CreatedTime: expect.any(Date),
    }),
  ]);
  const { Rules } = await client.send(new DescribeRulesCommand({ ListenerArn: read.ListenerArn }));
  expect(Rules?.map(({ Priority, IsDefault }) => [Priority, IsDefault])).toEqual([
    ['10', false],
    ['default', true],
  ]);
  expect(Rules?.[0]).toMatchObject({
    RuleArn,
    Conditions: [{ Field: 'path-pattern', Values: ['/a'], PathPatternConfig: { Values: ['/a'] } }],
    Actions: [{ Type: 'forward', TargetGroupArn: ownGroup }],
  });
  await expect(client.send(new DescribeRulesCommand({ ListenerArn: 'arn:x' }))).rejects.toMatchObject({
    name: 'ListenerNotFoundException',
  });
});

test('what AWS refuses', async () => {
  const other = await createListener(await createBalancer('other'));
  const rule = { ListenerArn, Actions: forward(group) };
  expect(
    await failureOf('CreateRule', { ...rule, Priority: 11, Conditions: path('/1', '/2', '/3', '/4', '/5', '/6') }),
  ).toBe("ValidationError: A rule can only have '5' condition values");
  expect(await failureOf('CreateRule', { ...rule, Priority: 11, Conditions: path('/*/*', '/*/*', '/?/*') })).toBe(
    "ValidationError: A rule can only have '5' condition wildcards",
  );
  expect(await failureOf('CreateRule', { ...rule, Priority: 11, Conditions: [] })).toContain('ValidationError');
  await createRule(ListenerArn, group, path('/b'), 12);
  expect(await failureOf('CreateRule', { ...rule, Priority: 12, Conditions: path('/c') })).toBe(
    "PriorityInUseException: Priority '12' is currently in use",
  );
  expect(
    await failureOf('CreateRule', { ...rule, ListenerArn: other.ListenerArn, Priority: 1, Conditions: path('/c') }),
  ).toContain('TargetGroupAssociationLimitException');
  expect(await failureOf('DeleteTargetGroup', { TargetGroupArn: group })).toContain('ResourceInUseException');
  expect(await failureOf('CreateTargetGroup', { Name: 'instances' })).toContain('NotImplemented');
  const oidc = [{ Type: 'authenticate-oidc' as const, Order: 1 }, ...forward(group)];
  expect(await failureOf('CreateRule', { ...rule, Priority: 13, Conditions: path('/c'), Actions: oidc })).toContain(
    'NotImplemented: elasticloadbalancing: an action of the type authenticate-oidc',
  );
  expect(await failureOf('CreateLoadBalancer', { Name: 'main', Subnets: ['a', 'b'] })).toContain(
    'DuplicateLoadBalancerName',
  );
  expect(await failureOf('CreateLoadBalancer', { Name: 'one', Subnets: ['a'] })).toContain('At least two subnets');
});

test('a function is registered only if the load balancer may call it', async () => {
  const fn = await createFunction(cloud, 'export const handler = () => 1;', { Role });
  const TargetGroupArn = await createGroup('');
  const Id = functionArn(fn);
  expect(await failureOf('RegisterTargets', { TargetGroupArn, Targets: [{ Id }] })).toBe(
    `AccessDenied: elasticloadbalancing principal does not have permission to invoke ${Id} from target group ${TargetGroupArn}`,
  );
  expect(await failureOf('RegisterTargets', { TargetGroupArn, Targets: [{ Id: functionArn('none') }] })).toContain(
    'InvalidTarget',
  );
  expect(await failureOf('RegisterTargets', { TargetGroupArn: group, Targets: [{ Id }] })).toContain('TooManyTargets');
});

test('health checks call the function at their interval, and count', async () => {
  const fn = await createFunction(
    cloud,
    "let calls = 0; export const handler = async (event) => (console.log('check'), { statusCode: event.path === '/up' && event.headers['user-agent'] === 'ELB-HealthChecker/2.0' && ++calls !== 2 && calls !== 3 ? 204 : 500 });",
    { Role },
  );
  const settings = {
    HealthCheckEnabled: true,
    HealthCheckPath: '/up',
    HealthCheckIntervalSeconds: 10,
    HealthCheckTimeoutSeconds: 5,
    HealthyThresholdCount: 2,
    Matcher: { HttpCode: '200-299' },
  };
  const TargetGroupArn = await createGroup(fn, settings);
  const state = async () => {
    const { TargetHealthDescriptions } = await call('DescribeTargetHealth', { TargetGroupArn });
    return TargetHealthDescriptions?.[0]?.TargetHealth?.State;
  };
  expect(await state()).toBe('unused');
  await createRule(ListenerArn, TargetGroupArn, path('/checked'), 30);
  expect(await state()).toBe('initial');
  const expected = ['healthy', 'healthy', 'unhealthy', 'unhealthy', 'healthy'];
  for (const [index, next] of expected.entries()) {
    await clock.advance(10_000);
    await expect
      .poll(
        async () => (await loggedMessages(cloud, `/aws/lambda/${fn}`)).filter((text) => text.includes('check')).length,
      )
      .toBe(index + 1);
    await expect.poll(state).toBe(next);
  }
  await call('ModifyTargetGroup', { TargetGroupArn, HealthCheckEnabled: false });
  expect(await state()).toBe('unavailable');
});

test('tags and attributes are kept, and go with their resource', async () => {
  const gone = await createBalancer('tagged');
  const ResourceArns = [gone.LoadBalancerArn];
  await call('AddTags', {
    ResourceArns,
    Tags: [
      { Key: 'a', Value: '1' },
      { Key: 'b', Value: '2' },
    ],
  });
  await call('RemoveTags', { ResourceArns, TagKeys: ['a'] });
  const { TagDescriptions } = await call('DescribeTags', { ResourceArns });
  expect(TagDescriptions?.[0]?.Tags).toEqual([{ Key: 'b', Value: '2' }]);
  const { LoadBalancerArn } = gone;
  const deletion = (Value: string) => ({
    LoadBalancerArn,
    Attributes: [{ Key: 'deletion_protection.enabled', Value }],
  });
  await call('ModifyLoadBalancerAttributes', deletion('true'));
  expect(await failureOf('DeleteLoadBalancer', { LoadBalancerArn })).toContain('OperationNotPermitted');
  await call('ModifyLoadBalancerAttributes', deletion('false'));
  const listener = await createListener(gone);
  await call('DeleteLoadBalancer', { LoadBalancerArn });
  expect(await failureOf('DescribeListeners', { ListenerArns: [listener.ListenerArn] })).toContain('ListenerNotFound');
  await expect(fetch(listener.url)).rejects.toThrow();
  expect(cloud.addresses.localized(`http://${gone.DNSName}/`)).toBe(`http://${gone.DNSName}/`);
});

test('a listener answers again after a restart, at the same address', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'fx-balancer-'));
  onTestFinished(() => rm(folder, { recursive: true, force: true }));
  const first = await startTestAws({ folder });
  const before = await first.cloud();
  const { LoadBalancers } = await before.call('elasticloadbalancing', 'CreateLoadBalancer', {
    Name: 'kept',
    Subnets: ['a', 'b'],
  });
  const { LoadBalancerArn, DNSName } = LoadBalancers?.[0] ?? {};
  await before.call('elasticloadbalancing', 'CreateListener', {
    LoadBalancerArn,
    Protocol: 'HTTP',
    Port: 80,
    DefaultActions: [{ Type: 'fixed-response', FixedResponseConfig: { StatusCode: '200', MessageBody: 'kept' } }],
  });
  const url = before.addresses.localized(`http://${DNSName}`);
  await first.stop();
  const second = await startTestAws({ folder });
  onTestFinished(() => second.stop());
  expect((await second.cloud()).addresses.localized(`http://${DNSName}`)).toBe(url);
  expect(await (await fetch(url)).text()).toBe('kept');
});
