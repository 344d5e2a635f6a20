// For tests: a local load balancer for the tests of one file, whose listener calls functions.
import type { Input, OperationName } from '../cloud.ts';
import { createFunction } from '../lambda/fixture.ts';
import { startTestLambda } from '../lambda/test-lambda.ts';
import { principal } from './state.ts';

export const functionArn = (name: string) => `arn:aws:lambda:us-east-1:000000000000:function:${name}`;

/** Ends after the last test of the file. */
export async function startTestBalancer() {
  const { aws, cloud, clock, Role } = await startTestLambda();
  const call = <O extends OperationName<'elasticloadbalancing'>>(
    operation: O,
    input: Input<'elasticloadbalancing', O>,
  ) => cloud.call('elasticloadbalancing', operation, input);
  /** Returns what the header `x` says, or else its event. */
  const echo = await createFunction(
    cloud,
    `export const handler = async (event) => {
       const headers = event.multiValueHeaders ?? event.headers;
       const said = JSON.parse([headers.x ?? '{}'].flat()[0]);
       if (said.fail) throw new Error('no');
       if ('answer' in said) return said.answer;
       if ('big' in said) return { statusCode: 200, body: 'x'.repeat(said.big) };
       return { statusCode: 200, body: JSON.stringify(event) };
     }`,
    { Role },
  );
  let made = 0;

  async function createBalancer(Name = `lb-${made++}`) {
    const { LoadBalancers } = await call('CreateLoadBalancer', { Name, Subnets: ['subnet-1', 'subnet-2'] });
    const { LoadBalancerArn = '', DNSName = '' } = LoadBalancers?.[0] ?? {};
    return { LoadBalancerArn, DNSName };
  }

  /** A listener that answers 404 unless a rule says otherwise, and its address here. */
  async function createListener(balancer: { LoadBalancerArn: string; DNSName: string }, Port = 80) {
    const { Listeners } = await call('CreateListener', {
      LoadBalancerArn: balancer.LoadBalancerArn,
      Protocol: 'HTTP',
      Port,
      DefaultActions: [{ Type: 'fixed-response', FixedResponseConfig: { StatusCode: '404', MessageBody: 'nothing' } }],
    });
    const ListenerArn = Listeners?.[0]?.ListenerArn ?? '';
    const url = cloud.addresses.localized(`http://${balancer.DNSName}${Port === 80 ? '' : `:${Port}`}`);
    return { ListenerArn, url };
  }

  /** A group with the function as its target, or without a target. */
  async function createGroup(
    fn: string | undefined = echo,
    settings: Partial<Input<'elasticloadbalancing', 'CreateTargetGroup'>> = {},
  ) {
    const { TargetGroups } = await call('CreateTargetGroup', {
      Name: `tg-${made++}`,
      TargetType: 'lambda',
      ...settings,
    });
    const TargetGroupArn = TargetGroups?.[0]?.TargetGroupArn ?? '';
    if (fn !== '') {
      await cloud.call('lambda', 'AddPermission', {
        FunctionName: fn,
        StatementId: `s${made++}`,
        Action: 'lambda:InvokeFunction',
        Principal: principal,
        SourceArn: TargetGroupArn,
      });
      await call('RegisterTargets', { TargetGroupArn, Targets: [{ Id: functionArn(fn) }] });
    }
    return TargetGroupArn;
  }

  let priority = 0;
  async function createRule(
    ListenerArn: string,
    TargetGroupArn: string,
    Conditions: NonNullable<Input<'elasticloadbalancing', 'CreateRule'>['Conditions']> = [
      { Field: 'path-pattern', Values: ['*'] },
    ],
    Priority = ++priority,
  ) {
    const Actions = [{ Type: 'forward' as const, TargetGroupArn }];
    const { Rules } = await call('CreateRule', { ListenerArn, Priority, Conditions, Actions });
    return Rules?.[0]?.RuleArn ?? '';
  }

  return { aws, cloud, clock, Role, echo, call, createBalancer, createListener, createGroup, createRule };
}
