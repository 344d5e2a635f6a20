// What single `alb` events cannot show: unknown listeners and authenticators, priorities and target groups that two events claim.
import type { Problem } from '../base/error.ts';
import { nearest } from '../base/suggest.ts';
import { canonicalJson } from '../cfn/resource.ts';
import type { AlbEvent } from './_alb-event.ts';
import { type Listener, listenerOf, listenerType } from './_alb-listener.ts';
import type { AlbSection, Authenticator } from './_alb-section.ts';
import type { SourceContext, Use } from './source.ts';

type Context = SourceContext<AlbSection>;

/** The listener of an event, or that of the section. */
export function listenerIn({ listener }: AlbEvent, { section, resources }: Context): Listener | undefined {
  const written = listener ?? section?.listener;
  return written === undefined ? undefined : listenerOf(written.value, resources);
}

export function checkAlb(uses: readonly Use<AlbEvent>[], context: Context): Problem[] {
  const { section } = context;
  return [
    ...(section?.listener === undefined ? [] : checkListener(section.listener, context)),
    ...[...(section?.authenticators ?? [])].flatMap(([, { oidc }]) => (oidc === undefined ? [] : checkSecret(oidc))),
    ...uses.flatMap((use) => checkUse(use, context)),
    ...checkPriorities(uses, context),
    ...checkGroupNames(uses, context),
  ];
}

function checkUse({ config, at }: Use<AlbEvent>, context: Context): Problem[] {
  const { section } = context;
  if (config.listener === undefined && section?.listener === undefined) {
    return [
      { at, message: 'missing key "listener"', hint: 'or set it for all events, with alb: {listener: …} at the top' },
    ];
  }
  const problems = config.listener === undefined ? [] : checkListener(config.listener, context);
  for (const { value: name, at: where } of config.authenticate) {
    if (section?.authenticators?.has(name) === true) continue;
    const suggestion = nearest(name, [...(section?.authenticators?.keys() ?? [])]);
    const hint = suggestion === undefined ? 'define it under alb.authenticators' : `did you mean "${suggestion}"?`;
    problems.push({ at: where, message: `there is no authenticator "${name}"`, hint });
  }
  const [first] = config.authenticate;
  const id = listenerIn(config, context)?.logicalId;
  const protocol = id === undefined ? undefined : context.resources.get(id)?.Properties?.['Protocol'];
  if (first !== undefined && typeof protocol === 'string' && protocol !== 'HTTPS') {
    // https://docs.aws.amazon.com/elasticloadbalancing/latest/application/listener-authenticate-users.html
    const message = `only an HTTPS listener lets clients sign in, and "${id}" has the protocol ${protocol}`;
    problems.push({ at: first.at, message, hint: 'use an HTTPS listener with a certificate' });
  }
  return problems;
}

function checkListener(
  { value, at }: NonNullable<AlbEvent['listener']>,
  { names, account, resources }: Context,
): Problem[] {
  const { logicalId } = listenerOf(value, resources);
  if (logicalId !== undefined) {
    const resource = resources.get(logicalId);
    if (resource?.Type === listenerType) return [];
    if (resource !== undefined) return [{ at, message: `"${logicalId}" is ${resource.Type}, not ${listenerType}` }];
    if (logicalId.startsWith('AWS::')) return [];
    const listeners = [...resources].filter(([, { Type }]) => Type === listenerType).map(([id]) => id);
    const suggestion = nearest(logicalId, listeners);
    const hint =
      suggestion === undefined
        ? 'define the load balancer and its listener under resources, or give the ARN of one that exists'
        : `did you mean "${suggestion}"?`;
    return [{ at, message: `there is no listener "${logicalId}" under resources`, hint }];
  }
  if (typeof value !== 'string') return [];
  const [, , service, region = '', owner = '', path = ''] = value.split(':');
  if (service !== 'elasticloadbalancing' || !/^listener\/app\/[^/]+\/[^/]+\/[^/]+$/.test(path)) {
    const message = `${JSON.stringify(value)} is not the ARN of a listener of an Application Load Balancer`;
    const hint = 'such an ARN ends with :listener/app/<name>/<load balancer>/<listener>';
    return [{ at, message, hint }];
  }
  if (region !== names.region) {
    const message = `the listener is in ${region}, but the function is in ${names.region}: a target group has functions of its region`;
    return [{ at, message, hint: `use a listener in ${names.region}, or deploy to ${region}` }];
  }
  if (account !== undefined && owner !== account) {
    return [
      {
        at,
        message: `the listener is in the account ${owner}, but the function is in ${account}: both must be in one account`,
      },
    ];
  }
  return [];
}

/** A secret must not be in the template. */
function checkSecret({ clientSecret: { value, at } }: NonNullable<Authenticator['oidc']>): Problem[] {
  if (typeof value !== 'string' || value.startsWith('{{resolve:')) return [];
  const message = 'the secret itself would be in the template, where everyone who may read the stack reads it';
  const hint = "store it in Secrets Manager, and write '{{resolve:secretsmanager:<name>:SecretString:<key>}}'";
  return [{ at, message, hint }];
}

function checkPriorities(uses: readonly Use<AlbEvent>[], context: Context): Problem[] {
  const claimed = new Map<string, string>();
  for (const [id, { Type, Properties }] of context.resources) {
    if (Type !== 'AWS::ElasticLoadBalancingV2::ListenerRule' || Properties?.['ListenerArn'] === undefined) continue;
    const { key } = listenerOf(Properties['ListenerArn'], context.resources);
    claimed.set(`${key} ${String(Properties['Priority'])}`, `the rule "${id}" under resources`);
  }
  return uses.flatMap(({ function: { name }, config: { priority, ...config } }): Problem[] => {
    const listener = listenerIn({ priority, ...config }, context);
    if (listener === undefined) return [];
    const key = `${listener.key} ${priority.value}`;
    const other = claimed.get(key);
    claimed.set(key, `"${name}"`);
    if (other === undefined) return [];
    const message = `the priority ${priority.value} is taken: ${other} already has it at this listener`;
    return [{ at: priority.at, message, hint: 'give each rule of a listener a priority of its own' }];
  });
}

/** A named group has one function, one load balancer and one set of settings. */
function checkGroupNames(uses: readonly Use<AlbEvent>[], context: Context): Problem[] {
  const claimed = new Map<string, string>();
  return uses.flatMap(({ function: { name }, config }): Problem[] => {
    const { targetGroupName: group, multiValueHeaders, healthCheck = null } = config;
    if (group === undefined) return [];
    const balancer = listenerIn(config, context)?.balancer ?? null;
    const content = canonicalJson([name, balancer, multiValueHeaders, healthCheck]);
    const other = claimed.get(group.value) ?? content;
    claimed.set(group.value, content);
    if (other === content) return [];
    const message = `the target group "${group.value}" is defined twice, with another function, load balancer or other settings`;
    return [{ at: group.at, message, hint: 'give each target group a name of its own' }];
  });
}
