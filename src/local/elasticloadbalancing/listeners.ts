// Listeners of load balancers: created, described, changed and deleted. Each answers on a loopback port of its own, without TLS.
import type { Listener as Described } from '@aws-sdk/client-elastic-load-balancing-v2';
import { AwsError, type Operations } from '../cloud.ts';
import { notImplemented } from '../constraint.ts';
import { checkedActions } from './actions.ts';
import type { Ports } from './ports.ts';
import {
  attributeList,
  type BalancerContext,
  existing,
  invalid,
  type Listener,
  listenersOf,
  newArn,
  page,
  placeIn,
  withAttributes,
} from './state.ts';
import { tagged } from './tags.ts';

// https://docs.aws.amazon.com/elasticloadbalancing/latest/APIReference/API_ListenerAttribute.html, those with a fixed name
const defaultAttributes = {
  'routing.http.response.server.enabled': 'true',
};
// https://docs.aws.amazon.com/elasticloadbalancing/latest/application/describe-ssl-policies.html
const defaultPolicy = 'ELBSecurityPolicy-2016-08';

export function listenerOperations(context: BalancerContext, ports: Ports): Operations<'elasticloadbalancing'> {
  const { cloud, listeners } = context;

  const checkProtocol = (protocol: string | undefined): 'HTTP' | 'HTTPS' => {
    if (protocol === 'HTTP' || protocol === 'HTTPS') return protocol;
    throw invalid(`Listener protocol '${protocol}' must be one of 'HTTPS, HTTP'`);
  };
  const checkCertificate = (protocol: string, certificates: readonly string[]) => {
    if (protocol === 'HTTPS' && certificates.length === 0) {
      throw new AwsError('CertificateNotFoundException', 'A certificate must be specified for HTTPS listeners');
    }
  };
  const checkPort = (balancerArn: string, port: number, own?: string) => {
    if (!(port >= 1 && port <= 65_535)) throw invalid(`Port '${port}' must be between '1' and '65535'`);
    if (listenersOf(context, balancerArn).some((other) => other.port === port && other.arn !== own)) {
      throw new AwsError('DuplicateListenerException', 'A listener already exists on this port for this load balancer');
    }
  };

  return {
    CreateListener: {
      members: [
        'LoadBalancerArn',
        'Protocol',
        'Port',
        'SslPolicy',
        'Certificates',
        'DefaultActions',
        'MutualAuthentication',
        'Tags',
      ],
      async run(input) {
        const balancer = existing(context, 'balancers', input.LoadBalancerArn);
        refuseMutualTls(input.MutualAuthentication);
        const protocol = checkProtocol(input.Protocol);
        const { Port = 0 } = input;
        checkPort(balancer.arn, Port);
        const certificates = input.Certificates?.flatMap(({ CertificateArn }) => CertificateArn ?? []) ?? [];
        checkCertificate(protocol, certificates);
        const added: Omit<Listener, 'localPort'> = {
          arn: newArn(cloud, `listener/${placeIn(balancer.arn)}`),
          loadBalancerArn: balancer.arn,
          port: Port,
          protocol,
          defaultActions: checkedActions(context, balancer.arn, input.DefaultActions),
          certificates,
          sslPolicy: protocol === 'HTTPS' ? (input.SslPolicy ?? defaultPolicy) : undefined,
          attributes: defaultAttributes,
        };
        const listener = await ports.open({ ...added, localPort: 0 });
        tagged(context, listener.arn, input.Tags);
        return { Listeners: [shown(listener)] };
      },
    },

    DescribeListeners: {
      members: ['LoadBalancerArn', 'ListenerArns', 'Marker', 'PageSize'],
      run({ LoadBalancerArn, ListenerArns, ...paging }) {
        const byArn = ListenerArns?.map((arn) => existing(context, 'listeners', arn));
        const found = byArn ?? listenersOf(context, existing(context, 'balancers', LoadBalancerArn).arn);
        const { items, ...next } = page(found, paging);
        return { Listeners: items.map(shown), ...next };
      },
    },

    ModifyListener: {
      members: [
        'ListenerArn',
        'Protocol',
        'Port',
        'SslPolicy',
        'Certificates',
        'DefaultActions',
        'MutualAuthentication',
      ],
      async run(input) {
        const listener = existing(context, 'listeners', input.ListenerArn);
        refuseMutualTls(input.MutualAuthentication);
        const protocol = checkProtocol(input.Protocol ?? listener.protocol);
        const port = input.Port ?? listener.port;
        checkPort(listener.loadBalancerArn, port, listener.arn);
        const given =
          input.Certificates?.flatMap(({ CertificateArn }) => CertificateArn ?? []) ?? listener.certificates;
        const certificates = protocol === 'HTTP' ? [] : given;
        checkCertificate(protocol, certificates);
        const changed: Listener = {
          ...listener,
          port,
          protocol,
          certificates,
          sslPolicy: protocol === 'HTTPS' ? (input.SslPolicy ?? listener.sslPolicy ?? defaultPolicy) : undefined,
          ...(input.DefaultActions === undefined
            ? {}
            : { defaultActions: checkedActions(context, listener.loadBalancerArn, input.DefaultActions) }),
        };
        await ports.move(listener, changed);
        return { Listeners: [shown(changed)] };
      },
    },

    DeleteListener: {
      members: ['ListenerArn'],
      async run({ ListenerArn }) {
        await ports.remove(existing(context, 'listeners', ListenerArn));
        return {};
      },
    },

    DescribeListenerAttributes: {
      members: ['ListenerArn'],
      run: ({ ListenerArn }) => ({ Attributes: attributeList(existing(context, 'listeners', ListenerArn).attributes) }),
    },

    ModifyListenerAttributes: {
      members: ['ListenerArn', 'Attributes'],
      run({ ListenerArn, Attributes = [] }) {
        const listener = existing(context, 'listeners', ListenerArn);
        const unknown = Attributes.find(({ Key = '' }) => !Object.hasOwn(defaultAttributes, Key));
        if (unknown !== undefined) throw notImplemented(`elasticloadbalancing: the listener attribute ${unknown.Key}`);
        const attributes = withAttributes(listener.attributes, Attributes);
        listeners.set(listener.arn, { ...listener, attributes });
        return { Attributes: attributeList(attributes) };
      },
    },
  };
}

function refuseMutualTls(mutual: { readonly Mode?: string | undefined } | undefined): void {
  if (mutual?.Mode !== undefined && mutual.Mode !== 'off') {
    throw notImplemented(`elasticloadbalancing: mutual authentication of the mode ${mutual.Mode}`);
  }
}

const shown = (listener: Listener): Described => ({
  ListenerArn: listener.arn,
  LoadBalancerArn: listener.loadBalancerArn,
  Port: listener.port,
  Protocol: listener.protocol,
  DefaultActions: [...listener.defaultActions],
  ...(listener.protocol === 'HTTP'
    ? {}
    : {
        Certificates: listener.certificates.map((CertificateArn) => ({ CertificateArn })),
        SslPolicy: listener.sslPolicy,
        MutualAuthentication: { Mode: 'off' },
      }),
});
