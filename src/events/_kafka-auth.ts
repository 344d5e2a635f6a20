// How Lambda proves itself to Kafka's brokers and to a schema registry, and the settings of a registry.
import type { Plain } from '../base/located.ts';
import { byKind, described, list, object, oneOf, type Schema, text } from '../base/schema.ts';
import { allow, type Statement } from '../cfn/part.ts';
import type { Value } from '../cfn/resource.ts';
import { textOrIntrinsic } from '../cfn/value-schema.ts';
import { type Access, secret, secretStatements } from './_broker.ts';

/** Proofs by a secret: the key in project.yml, and Lambda's type. */
const secretTypes = {
  basic: 'BASIC_AUTH',
  clientCertificate: 'CLIENT_CERTIFICATE_TLS_AUTH',
  oauth: 'OAUTHBEARER_AUTH',
  saslScram256: 'SASL_SCRAM_256_AUTH',
  saslScram512: 'SASL_SCRAM_512_AUTH',
  serverRootCa: 'SERVER_ROOT_CA_CERTIFICATE',
} as const;
type SecretKey = keyof typeof secretTypes;

/** What OAuth has beside its secret. */
const oauthTypes = {
  scope: 'OAUTHBEARER_SCOPE',
  audience: 'OAUTHBEARER_AUDIENCE',
  logicalCluster: 'OAUTHBEARER_LOGICAL_CLUSTER',
  identityPool: 'OAUTHBEARER_IDENTITY_POOL',
} as const;
type OauthKey = keyof typeof oauthTypes;

const about: Readonly<Record<SecretKey, string>> = {
  basic: 'A secret with username and password (SASL/PLAIN).',
  clientCertificate: 'A secret with a certificate and its private key (mutual TLS).',
  oauth: 'A secret with the credentials for OAuth 2.0 (SASL/OAUTHBEARER).',
  saslScram256: 'A secret with username and password for SASL/SCRAM 256.',
  saslScram512: 'A secret with username and password for SASL/SCRAM 512.',
  serverRootCa: 'A secret with the root certificate of the brokers, if theirs are not public.',
};

export type KafkaAuth = { readonly [K in SecretKey]?: Plain } & { readonly [K in OauthKey]?: string } & {
  /** The function's role, by signatures of IAM, or by a web identity token of STS. */
  readonly role?: 'iam' | 'token';
};

const oauthValue = text({ pattern: /^[a-zA-Z0-9\-/*:_+=.@]{1,200}$/, expected: 'letters, digits and -/*:_+=.@' });
const ownKeys = {
  scope: described('The scope that Lambda asks for. With `oauth`.', oauthValue, { examples: ['kafka'] }),
  audience: described('The audience that Lambda asks for. With `oauth` or `role: token`.', oauthValue, {
    examples: ['https://kafka.example.com'],
  }),
  logicalCluster: described('The logical cluster of Confluent Cloud. With `oauth`.', oauthValue, {
    examples: ['lkc-0a1b2c'],
  }),
  identityPool: described('The identity pool of Confluent Cloud. With `oauth`.', oauthValue, {
    examples: ['pool-0a1b'],
  }),
  role: oneOf(['iam', 'token'], "The function's role in place of a secret: it signs (iam), or gets a token of STS."),
} as const;

export function kafkaAuth(
  names: readonly SecretKey[],
  more: readonly (keyof typeof ownKeys)[] = [],
): Schema<KafkaAuth> {
  const secrets = Object.fromEntries(names.map((name) => [name, secret(about[name])]));
  const others = Object.fromEntries(more.map((name) => [name, ownKeys[name]]));
  return object({ required: {}, optional: { ...secrets, ...others } }) as Schema<KafkaAuth>;
}

export const ownClusterAuth = kafkaAuth(Object.keys(secretTypes) as SecretKey[], [
  'scope',
  'audience',
  'logicalCluster',
  'identityPool',
  'role',
]);

export function kafkaAccess({ role, ...auth }: KafkaAuth = {}): readonly Access[] {
  const types: Readonly<Record<string, string>> = { ...secretTypes, ...oauthTypes };
  const given = Object.entries(auth).map(([name, URI]) => ({ Type: types[name] ?? '', URI: URI as Value }));
  if (role === undefined) return given;
  return [{ Type: role === 'iam' ? 'IAM_AUTH' : 'IAM_OAUTHBEARER_AUTH' }, ...given];
}

/** What the role needs for its proof. */
export function kafkaAuthStatements(auth: KafkaAuth = {}): readonly Statement[] {
  const secrets = (Object.keys(secretTypes) as SecretKey[]).flatMap((name) => auth[name] ?? []);
  return [
    ...secretStatements(secrets),
    // https://docs.aws.amazon.com/IAM/latest/UserGuide/id_roles_providers_outbound_getting_started.html
    ...(auth.role === 'token'
      ? [
          {
            ...allow('sts:GetWebIdentityToken', '*'),
            Condition: { 'ForAllValues:StringEquals': { 'sts:IdentityTokenAudience': auth.audience ?? '' } },
          },
        ]
      : []),
  ];
}

/** What is wrong with a proof, if anything: https://docs.aws.amazon.com/lambda/latest/api/API_SourceAccessConfiguration.html */
export function wrongAuth(auth: KafkaAuth = {}): string | undefined {
  const { role, oauth, audience } = auth;
  if (role !== undefined && oauth !== undefined) return 'auth.role and auth.oauth exclude each other';
  if (role === 'token' && audience === undefined) return 'auth.role: token needs auth.audience';
  const needing = (Object.keys(oauthTypes) as OauthKey[]).find(
    (key) => auth[key] !== undefined && oauth === undefined && !(key === 'audience' && role === 'token'),
  );
  return needing === undefined ? undefined : `auth.${needing} needs auth.oauth`;
}

export interface SchemaRegistry {
  readonly uri: Plain;
  readonly format?: 'JSON' | 'SOURCE';
  readonly auth?: KafkaAuth;
  readonly validate?: readonly ('KEY' | 'VALUE')[];
}

/** https://docs.aws.amazon.com/lambda/latest/dg/services-consume-kafka-events.html */
export const schemaRegistry: Schema<SchemaRegistry> = described(
  'The registry with the schemas of keys and values: Lambda checks records, and turns them into JSON.',
  object({
    required: {
      uri: described(
        'The URL of the registry, or the ARN of one of Glue.',
        textOrIntrinsic(/^(https:\/\/|arn:)\S+$/, 'an https URL, an ARN, or an intrinsic'),
        { examples: ['arn:aws:glue:eu-west-1:111122223333:registry/events'] },
      ),
    },
    optional: {
      format: oneOf(['JSON', 'SOURCE'], 'What the function gets: JSON, or the bytes as they are.', { default: 'JSON' }),
      auth: described(
        'How Lambda proves itself to a registry other than of Glue.',
        kafkaAuth(['basic', 'clientCertificate', 'oauth', 'serverRootCa']),
      ),
      validate: described(
        'What is checked.',
        byKind<readonly ('KEY' | 'VALUE')[]>({
          list: list(oneOf(['KEY', 'VALUE'], 'A part of a record.')),
          expected: 'a list of KEY and VALUE',
        }),
        { default: ['VALUE'] },
      ),
    },
  }),
  { aws: 'https://docs.aws.amazon.com/lambda/latest/dg/services-consume-kafka-events.html' },
);

export function registryProperties(registry: SchemaRegistry | undefined): Readonly<Record<string, Value>> {
  if (registry === undefined) return {};
  const { uri, format = 'JSON', auth, validate = ['VALUE'] } = registry;
  const access = kafkaAccess(auth);
  return {
    SchemaRegistryConfig: {
      SchemaRegistryURI: uri,
      EventRecordFormat: format,
      SchemaValidationConfigs: validate.map((Attribute) => ({ Attribute })),
      ...(access.length === 0 ? {} : { AccessConfigs: access as unknown as Value }),
    },
  };
}

/** Schemas of Glue are below their registry. */
export function registryStatements(registry: SchemaRegistry | undefined): readonly Statement[] {
  if (registry === undefined) return [];
  const secrets = kafkaAuthStatements(registry.auth);
  const { uri } = registry;
  const glue = typeof uri === 'string' ? /^(arn:[^:]+:glue:[^:]+:\d+):registry\/(.+)$/.exec(uri) : null;
  if (glue === null) return secrets;
  const [, prefix = '', name = ''] = glue;
  return [...secrets, allow('glue:GetRegistry', uri), allow('glue:GetSchemaVersion', `${prefix}:schema/${name}/*`)];
}
