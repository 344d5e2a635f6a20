// Brokers in a SAM template: Kafka of Amazon and of others, Amazon MQ, and the changes of DocumentDB.
import type { Plain } from '../../../base/located.ts';
import type { Cursor } from '../../cursor.ts';
import { placeOf } from '../../draft.ts';
import { type SamTemplate, withOurIds } from '../template.ts';
import { add, batches, enabled, parsedFilters, type Rule, type Settings, streamSettings, taken } from './event.ts';

const authNames: Readonly<Record<string, string>> = {
  BASIC_AUTH: 'basic',
  SASL_SCRAM_256_AUTH: 'saslScram256',
  SASL_SCRAM_512_AUTH: 'saslScram512',
  CLIENT_CERTIFICATE_TLS_AUTH: 'clientCertificate',
  SERVER_ROOT_CA_CERTIFICATE: 'serverRootCa',
};

/** SourceAccessConfigurations: secrets by their kind, and the network of the broker. */
function accessOf(sam: SamTemplate, properties: Cursor): Settings {
  const accesses = (properties.child('SourceAccessConfigurations')?.items() ?? []).map((access) => ({
    type: access.child('Type')?.text() ?? '',
    uri: access.child('URI')?.plain() ?? null,
  }));
  for (const [index, { type }] of accesses.entries()) {
    const item = properties.child('SourceAccessConfigurations')?.items()[index];
    if (item === undefined || authNames[type] !== undefined || /^(VPC_|VIRTUAL_HOST)/.test(type)) continue;
    sam.draft.dropped(placeOf(item), `fx has no way to sign in that is called ${type}`, {
      remedy: 'see auth of the event in docs/reference/project.md',
    });
  }
  const auth = Object.fromEntries(
    accesses.flatMap(({ type, uri }) => {
      const ours = authNames[type];
      return ours === undefined ? [] : [[ours, withOurIds(sam, uri)] as const];
    }),
  );
  const bare = (wanted: string): Plain[] =>
    accesses
      .filter(({ type }) => type === wanted)
      .map(({ uri }) =>
        withOurIds(sam, typeof uri === 'string' ? uri.replace(/^(subnet|security_group):/, '') : withoutPrefix(uri)),
      );
  const subnetIds = bare('VPC_SUBNET');
  return {
    ...(Object.keys(auth).length === 0 ? {} : { auth }),
    ...(subnetIds.length === 0 ? {} : { vpc: { subnetIds, securityGroupIds: bare('VPC_SECURITY_GROUP') } }),
  };
}

/** `!Sub subnet:${Subnet}` → `!Sub ${Subnet}`. */
function withoutPrefix(uri: Plain): Plain {
  const text = (uri as Record<string, Plain> | null)?.['Fn::Sub'];
  return typeof text === 'string' ? { 'Fn::Sub': text.replace(/^(subnet|security_group):/, '') } : uri;
}

/** A number of pollers that are always there. */
function pollersOf(sam: SamTemplate, properties: Cursor): Settings {
  const config = properties.child('ProvisionedPollerConfig');
  if (config === undefined) return {};
  return { provisionedPollers: taken(sam, config, { MinimumPollers: 'minimum', MaximumPollers: 'maximum' }) };
}

const topicOf = (properties: Cursor): Plain | undefined =>
  ([properties.child('Topics')?.plain() ?? []].flat() as readonly Plain[])[0];

export const msk: Rule = (event) => {
  const { sam, properties } = event;
  const { auth } = accessOf(sam, properties);
  add(event, 'msk', {
    cluster: withOurIds(sam, properties.child('Stream')?.plain() ?? null),
    topic: topicOf(properties),
    auth,
    ...taken(sam, properties, { ConsumerGroupId: 'consumerGroup' }),
    ...streamSettings(sam, properties),
    ...pollersOf(sam, properties),
  });
};

export const kafka: Rule = (event) => {
  const { sam, properties } = event;
  add(event, 'kafka', {
    bootstrapServers: withOurIds(sam, [properties.child('KafkaBootstrapServers')?.plain() ?? []].flat() as Plain),
    topic: topicOf(properties),
    ...accessOf(sam, properties),
    ...taken(sam, properties, { ConsumerGroupId: 'consumerGroup' }),
    ...streamSettings(sam, properties),
    ...pollersOf(sam, properties),
  });
};

export const documentDb: Rule = (event) => {
  const { sam, properties } = event;
  const { auth } = accessOf(sam, properties) as { readonly auth?: Readonly<Record<string, Plain>> };
  properties.child('SecretsManagerKmsKeyId')?.plain();
  add(event, 'documentdb', {
    cluster: withOurIds(sam, properties.child('Cluster')?.plain() ?? null),
    secret: auth?.['basic'],
    ...taken(sam, properties, {
      DatabaseName: 'database',
      CollectionName: 'collection',
      FullDocument: 'fullDocument',
    }),
    ...streamSettings(sam, properties),
    // elsewhere fx begins with the oldest record, here with what is new
    startingPosition: properties.child('StartingPosition')?.plain(),
  });
};

export const mq: Rule = (event) => {
  const { sam, properties } = event;
  const queues = properties.child('Queues')?.plain();
  const accesses = properties.child('SourceAccessConfigurations')?.items() ?? [];
  const secret = accesses
    .find((access) => access.child('Type')?.text() === 'BASIC_AUTH')
    ?.child('URI')
    ?.plain();
  const host = accesses
    .find((access) => access.child('Type')?.text() === 'VIRTUAL_HOST')
    ?.child('URI')
    ?.plain();
  properties.child('DynamicPolicyName')?.plain();
  add(event, 'mq', {
    broker: withOurIds(sam, properties.child('Broker')?.plain() ?? null),
    queue: ([queues ?? []].flat() as readonly Plain[])[0],
    secret: secret === undefined ? undefined : withOurIds(sam, secret),
    virtualHost: host,
    ...taken(sam, properties, batches),
    ...enabled(properties),
    ...parsedFilters(sam, properties),
  });
};
