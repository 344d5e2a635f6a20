// The event `alb`: what may be written, what is refused and why, and which resources stay when events change.
import { describe, expect, test } from 'vitest';
import { compiled, projectOf } from '../../test/support/project.ts';
import { FxError } from '../base/error.ts';

const arn = 'arn:aws:elasticloadbalancing:us-east-1:111122223333:listener/app/old/50dc6c495c0c9188/f2f7dc8efc522ab2';
const resources = `resources:
  Alb: {Type: AWS::ElasticLoadBalancingV2::LoadBalancer, Properties: {Subnets: [subnet-1, subnet-2]}}
  Http: {Type: AWS::ElasticLoadBalancingV2::Listener, Properties: {LoadBalancerArn: !Ref Alb, Port: 80, Protocol: HTTP, DefaultActions: [{Type: fixed-response, FixedResponseConfig: {StatusCode: "404"}}]}}
  Own: {Type: AWS::ElasticLoadBalancingV2::ListenerRule, Properties: {ListenerArn: !Ref Http, Priority: 7, Conditions: [{Field: path-pattern, Values: [/own]}], Actions: [{Type: fixed-response, FixedResponseConfig: {StatusCode: "404"}}]}}
  Jobs: {Type: AWS::SQS::Queue}
`;
const shop = (events: Readonly<Record<string, readonly string[]>>, section = '{listener: Http}') =>
  `name: shop\nregion: us-east-1\nalb: ${section}\nfunctions:\n${Object.entries(events)
    .map(
      ([name, alb]) => `  ${name}: {handler: a.handler, events: [${alb.map((one) => `{alb: ${one}}`).join(', ')}]}\n`,
    )
    .join('')}${resources}`;

async function problemsOf(text: string): Promise<readonly string[]> {
  return compiled(text).then(
    () => [],
    (error: unknown) => {
      if (!(error instanceof FxError)) throw error;
      return error.problems.map(({ message, hint }) => (hint === undefined ? message : `${message} | ${hint}`));
    },
  );
}

/** The Properties of each resource of a type, by logical id. */
async function resourcesOf(type: string, text: string) {
  const { template } = await compiled(text);
  const ofType = Object.entries(template.Resources).filter(([, { Type }]) => Type.endsWith(`::${type}`));
  return Object.fromEntries(ofType.map(([id, { Properties = {} }]) => [id, Properties]));
}

describe('conditions', () => {
  test.each([
    ['{}', "a rule needs a condition | for every request, write path: '*'"],
    [
      '{path: [/1, /2, /3], host: [a.example.com, b.example.com, c.example.com]}',
      'a rule compares with at most 5 values, found 6 | a wildcard may cover several of them, or write another event with the next priority',
    ],
    ['{path: ["/*/*/*", "/?/*/*"]}', 'a rule has at most 5 wildcards, found 6'],
    ['{path: orders}', 'expected a path such as /orders/*, found "orders"'],
    ['{path: /a b}', 'expected a path such as /orders/*, found "/a b"'],
    ['{host: localhost}', 'expected a host name such as shop.example.com or *.example.com, found "localhost"'],
    ['{method: GET POST}', 'expected a method such as GET, found "GET POST"'],
    ['{header: {x y: a}}', '"x y" is not the name of a header, of at most 40 characters and without wildcards'],
    [
      '{header: {Host: a.example.com}}',
      'AWS compares the host in a condition of its own | write host: instead of header: {host: …}',
    ],
    ['{query: {v: é}}', 'expected a text to compare with, found "é"'],
    [
      '{ip: 192.0.2.1}',
      'expected an address block such as 192.0.2.0/24 or 2001:db8::/32, found "192.0.2.1" | for one address, write 192.0.2.1/32',
    ],
    ['{ip: 192.0.2.0/33}', 'expected an address block such as 192.0.2.0/24 or 2001:db8::/32, found "192.0.2.0/33"'],
    ['{ip: 255.255.255.255/32}', 'AWS does not accept 255.255.255.255/32 in a condition'],
    ['{paths: /a}', '"paths" is called `path` here | the keys here are path, host, method, header, query, ip'],
  ])('%s is refused', async (conditions, problem) => {
    expect(await problemsOf(shop({ a: [`{priority: 1, conditions: ${conditions}}`] }))).toEqual([problem]);
  });

  test('with more values than AWS documents for one are a warning', async () => {
    const project = await projectOf(shop({ a: ['{priority: 1, conditions: {path: [/1, /2, /3, /4], method: GET}}'] }));
    expect(project.warnings.map(({ message }) => message)).toContain(
      'AWS documents at most 3 values for one condition, and "path" has more',
    );
  });

  test('are written in one order, and a list of a query is one condition', async () => {
    const both = '{query: {a: x, b: [y, z]}, path: "*", ip: "2001:db8::/32"}';
    const list = '{query: [{key: a, value: x}, "\\\\*"], method: get}';
    const rules = await resourcesOf(
      'ListenerRule',
      shop({ a: [`{priority: 1, conditions: ${both}}`, `{priority: 2, conditions: ${list}}`] }),
    );
    expect(rules['AlbHttpRule1']?.['Conditions']).toEqual([
      { Field: 'path-pattern', PathPatternConfig: { Values: ['*'] } },
      { Field: 'query-string', QueryStringConfig: { Values: [{ Key: 'a', Value: 'x' }] } },
      {
        Field: 'query-string',
        QueryStringConfig: {
          Values: [
            { Key: 'b', Value: 'y' },
            { Key: 'b', Value: 'z' },
          ],
        },
      },
      { Field: 'source-ip', SourceIpConfig: { Values: ['2001:db8::/32'] } },
    ]);
    expect(rules['AlbHttpRule2']?.['Conditions']).toEqual([
      { Field: 'http-request-method', HttpRequestMethodConfig: { Values: ['GET'] } },
      { Field: 'query-string', QueryStringConfig: { Values: [{ Key: 'a', Value: 'x' }, { Value: '\\*' }] } },
    ]);
  });
});

describe('an event', () => {
  test.each([
    ['{priority: 0, conditions: {path: /a}}', 'expected a whole number from 1 to 50000, found 0'],
    ['{priority: 1, path: /a}', 'missing key "conditions" (a map)'],
    [
      '{priority: 7, conditions: {path: /a}}',
      'the priority 7 is taken: the rule "Own" under resources already has it at this listener | give each rule of a listener a priority of its own',
    ],
    [
      '{priority: 1, listener: Htp, conditions: {path: /a}}',
      'there is no listener "Htp" under resources | did you mean "Http"?',
    ],
    [
      '{priority: 1, listener: Jobs, conditions: {path: /a}}',
      '"Jobs" is AWS::SQS::Queue, not AWS::ElasticLoadBalancingV2::Listener',
    ],
    [
      '{priority: 1, listener: "arn:aws:elasticloadbalancing:us-east-1:1:listener/net/a/1/2", conditions: {path: /a}}',
      '"arn:aws:elasticloadbalancing:us-east-1:1:listener/net/a/1/2" is not the ARN of a listener of an Application Load Balancer | such an ARN ends with :listener/app/<name>/<load balancer>/<listener>',
    ],
    [
      `{priority: 1, listener: "${arn.replace('us-east-1', 'eu-west-1')}", conditions: {path: /a}}`,
      'the listener is in eu-west-1, but the function is in us-east-1: a target group has functions of its region | use a listener in us-east-1, or deploy to eu-west-1',
    ],
    [
      '{priority: 1, conditions: {path: /a}, authenticate: staf}',
      'there is no authenticator "staf" | did you mean "staff"?',
    ],
    [
      '{priority: 1, conditions: {path: /a}, authenticate: staff}',
      'only an HTTPS listener lets clients sign in, and "Http" has the protocol HTTP | use an HTTPS listener with a certificate',
    ],
    [
      '{priority: 1, conditions: {path: /a}, healthCheck: {interval: 20s}}',
      'the interval of 20s must be longer than the timeout of 30s | set both, such as interval: 35s and timeout: 30s',
    ],
    [
      '{priority: 1, conditions: {path: /a}, healthCheck: {matcher: 2xx}}',
      'expected a status such as 200, 200,202 or 200-299, found "2xx"',
    ],
    [
      '{priority: 1, conditions: {path: /a}, targetGroupName: -a}',
      'expected a name of at most 32 letters, digits and -, found "-a"',
    ],
  ])('%s is refused', async (event, problem) => {
    const section = '{listener: Http, authenticators: {staff: {cognito: {userPool: a, client: b, domain: c}}}}';
    const problems = await problemsOf(shop({ a: [event] }, section));
    expect(problems).toContain(problem);
  });

  test('needs a listener, a priority of its own, and a secret outside the template', async () => {
    const one = '{priority: 1, conditions: {path: /a}}';
    expect(await problemsOf(shop({ a: [one] }, '{}'))).toEqual([
      'missing key "listener" | or set it for all events, with alb: {listener: …} at the top',
    ]);
    const ref = '{listener: !GetAtt Http.ListenerArn, priority: 1, conditions: {path: /b}}';
    expect(await problemsOf(shop({ a: [one], b: [ref] }))).toEqual([
      'the priority 1 is taken: "a" already has it at this listener | give each rule of a listener a priority of its own',
    ]);
    const https = 'https://login.example.com';
    const oidc = `{issuer: ${https}, authorizationEndpoint: ${https}, tokenEndpoint: ${https}, userInfoEndpoint: ${https}, clientId: a, clientSecret: b}`;
    expect(await problemsOf(shop({ a: [one] }, `{listener: Http, authenticators: {staff: {oidc: ${oidc}}}}`))).toEqual([
      "the secret itself would be in the template, where everyone who may read the stack reads it | store it in Secrets Manager, and write '{{resolve:secretsmanager:<name>:SecretString:<key>}}'",
    ]);
    expect(await problemsOf(shop({ a: [one] }, '{listener: Http, authenticators: {staff: {}}}'))).toEqual([
      'an authenticator has one of oidc and cognito',
    ]);
  });

  test('may not give a target group a name that another has with other settings', async () => {
    const named = (priority: number, more = '') =>
      `{priority: ${priority}, conditions: {path: /a}, targetGroupName: mine${more}}`;
    expect(await problemsOf(shop({ a: [named(1), named(2)] }))).toEqual([]);
    const twice =
      'the target group "mine" is defined twice, with another function, load balancer or other settings | give each target group a name of its own';
    expect(await problemsOf(shop({ a: [named(1)], b: [named(2)] }))).toEqual([twice]);
    expect(await problemsOf(shop({ a: [named(1), named(2, ', healthCheck: true')] }))).toEqual([twice]);
  });
});

describe('the resources', () => {
  const event = (priority: number, more = '') => `{priority: ${priority}, conditions: {path: /p${priority}}${more}}`;

  test('a function has one target group for each load balancer and setting', async () => {
    const groups = await resourcesOf(
      'TargetGroup',
      shop({
        'a-function-with-a-long-name': [
          event(1),
          event(2),
          event(3, ', multiValueHeaders: true'),
          event(4, ', healthCheck: true'),
          event(5, `, listener: "${arn}"`),
        ],
      }),
    );
    const names = Object.values(groups).map(({ Name }) => String(Name));
    expect(names).toHaveLength(4);
    expect(new Set(names).size).toBe(4);
    for (const name of names) expect(name).toMatch(/^shop-local-a-function-w-[0-9a-f]{8}$/);
  });

  test('rules keep their ids when events exchange priorities or functions, so that CloudFormation updates them', async () => {
    const before = await resourcesOf('ListenerRule', shop({ a: [event(1)], b: [event(2)] }));
    const after = await resourcesOf('ListenerRule', shop({ a: [event(2)], b: [event(1)] }));
    expect(Object.keys(after).sort()).toEqual(Object.keys(before).sort());
    expect(after['AlbHttpRule1']).not.toEqual(before['AlbHttpRule1']);
  });

  test('a named group keeps its id when its settings change', async () => {
    const ids = async (more: string) =>
      Object.keys(await resourcesOf('TargetGroup', shop({ a: [event(1, `, targetGroupName: mine${more}`)] })));
    expect(await ids(', healthCheck: true')).toEqual(await ids(''));
  });
});
