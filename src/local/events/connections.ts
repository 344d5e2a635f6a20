// EventBridge's connections: how API destinations authorize, with the secret in Secrets Manager.
// https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-target-connection.html
import { randomUUID } from 'node:crypto';
import type {
  ConnectionAuthResponseParameters,
  CreateConnectionAuthRequestParameters,
} from '@aws-sdk/client-eventbridge';
import { AwsError, type Operations } from '../cloud.ts';
import { checkConstraints } from '../constraint.ts';
import { pageByName } from '../paging.ts';
import { ruleNameRule } from './rules.ts';
import { type EventsContext, eventsArn, notFound } from './state.ts';

export interface Connection {
  readonly name: string;
  readonly id: string;
  readonly type: 'BASIC' | 'OAUTH_CLIENT_CREDENTIALS' | 'API_KEY';
  readonly auth: CreateConnectionAuthRequestParameters;
  readonly secretArn: string;
  readonly description?: string;
  readonly created: number;
  readonly modified: number;
}

const types = ['BASIC', 'OAUTH_CLIENT_CREDENTIALS', 'API_KEY'] as const;

export function connectionOperations(context: EventsContext): Operations<'events'> {
  const { cloud, connections } = context;
  const find = (name: string | undefined): Connection => {
    const connection = connections.get(name ?? '');
    if (connection !== undefined) return connection;
    throw notFound(`Failed to describe the connection(s). Connection '${name}' does not exist.`);
  };
  return {
    CreateConnection: {
      members: ['Name', 'Description', 'AuthorizationType', 'AuthParameters'],
      async run({ Name: name = '', Description, AuthorizationType, AuthParameters = {} }) {
        checkConnection(name, Description, AuthorizationType);
        if (connections.has(name)) {
          throw new AwsError('ResourceAlreadyExistsException', `Connection ${name} already exists.`);
        }
        const { ARN: secretArn = '' } = await cloud.call('secretsmanager', 'CreateSecret', {
          Name: `events!connection/${name}/${randomUUID()}`,
          SecretString: secretOf(AuthParameters),
        });
        const now = cloud.now();
        const connection: Connection = {
          ...{ name, id: randomUUID(), type: AuthorizationType ?? 'BASIC', auth: AuthParameters, secretArn },
          ...(Description === undefined ? {} : { description: Description }),
          ...{ created: now, modified: now },
        };
        connections.set(name, connection);
        return stateOf(context, connection);
      },
    },
    UpdateConnection: {
      members: ['Name', 'Description', 'AuthorizationType', 'AuthParameters'],
      async run({ Name, Description, AuthorizationType, AuthParameters }) {
        const before = find(Name);
        checkConnection(before.name, Description, AuthorizationType);
        const auth = { ...before.auth, ...AuthParameters } as CreateConnectionAuthRequestParameters;
        const SecretString = secretOf(auth);
        await cloud.call('secretsmanager', 'PutSecretValue', { SecretId: before.secretArn, SecretString });
        const connection: Connection = {
          ...before,
          ...{ type: AuthorizationType ?? before.type, auth, modified: cloud.now() },
          ...(Description === undefined ? {} : { description: Description }),
        };
        connections.set(before.name, connection);
        return { ...stateOf(context, connection), LastAuthorizedTime: new Date(connection.modified) };
      },
    },
    DescribeConnection: {
      members: ['Name'],
      run({ Name }) {
        const connection = find(Name);
        return {
          ...stateOf(context, connection),
          ...(connection.description === undefined ? {} : { Description: connection.description }),
          Name: connection.name,
          AuthorizationType: connection.type,
          AuthParameters: withoutSecrets(connection.auth),
          SecretArn: connection.secretArn,
          LastAuthorizedTime: new Date(connection.modified),
        };
      },
    },
    ListConnections: {
      members: ['NamePrefix', 'ConnectionState', 'NextToken', 'Limit'],
      run({ NamePrefix = '', ConnectionState, NextToken: token, Limit: most = 100 }) {
        const found = connections
          .filter(({ name }) => name.startsWith(NamePrefix))
          .filter((one) => ConnectionState === undefined || stateOf(context, one).ConnectionState === ConnectionState)
          .sort((a, b) => (a.name < b.name ? -1 : 1));
        const { items, nextToken } = pageByName(found, ({ name }) => name, { token, most });
        return {
          Connections: items.map((connection) => ({
            ...stateOf(context, connection),
            ...{ Name: connection.name, AuthorizationType: connection.type },
            LastAuthorizedTime: new Date(connection.modified),
          })),
          ...(nextToken === undefined ? {} : { NextToken: nextToken }),
        };
      },
    },
    DeleteConnection: {
      members: ['Name'],
      async run({ Name }) {
        const connection = find(Name);
        connections.delete(connection.name);
        const SecretId = connection.secretArn;
        await cloud.call('secretsmanager', 'DeleteSecret', { SecretId, ForceDeleteWithoutRecovery: true });
        return {
          ...stateOf(context, connection),
          ...{ ConnectionState: 'DELETING' as const, LastAuthorizedTime: new Date(connection.modified) },
        };
      },
    },
  };
}

function checkConnection(name: string, description: string | undefined, type: string | undefined): void {
  checkConstraints('ValidationException', [
    ['name', name, { pattern: ruleNameRule.pattern }],
    ['name', name, { min: 1, max: 64 }],
    ['description', description, { max: 512 }],
    ['authorizationType', type, { oneOf: types }],
  ]);
}

export function connectionArn(context: EventsContext, { name, id }: Connection): string {
  return eventsArn(context, 'connection', `${name}/${id}`);
}

/** OAuth is authorized by a call to its endpoint, which the local AWS makes only when it needs a token. */
function stateOf(context: EventsContext, connection: Connection) {
  return {
    ConnectionArn: connectionArn(context, connection),
    ConnectionState:
      connection.type === 'OAUTH_CLIENT_CREDENTIALS' ? ('AUTHORIZING' as const) : ('AUTHORIZED' as const),
    CreationTime: new Date(connection.created),
    LastModifiedTime: new Date(connection.modified),
  };
}

function secretOf({
  BasicAuthParameters,
  ApiKeyAuthParameters,
  OAuthParameters,
}: CreateConnectionAuthRequestParameters) {
  return JSON.stringify({
    ...(BasicAuthParameters === undefined
      ? {}
      : { username: BasicAuthParameters.Username, password: BasicAuthParameters.Password }),
    ...(ApiKeyAuthParameters === undefined
      ? {}
      : { api_key_name: ApiKeyAuthParameters.ApiKeyName, api_key_value: ApiKeyAuthParameters.ApiKeyValue }),
    ...(OAuthParameters === undefined
      ? {}
      : {
          client_id: OAuthParameters.ClientParameters?.ClientID,
          client_secret: OAuthParameters.ClientParameters?.ClientSecret,
          authorization_endpoint: OAuthParameters.AuthorizationEndpoint,
          http_method: OAuthParameters.HttpMethod,
        }),
  });
}

function withoutSecrets(auth: CreateConnectionAuthRequestParameters): ConnectionAuthResponseParameters {
  const { BasicAuthParameters: basic, ApiKeyAuthParameters: key, OAuthParameters: oauth } = auth;
  return {
    ...(basic === undefined ? {} : { BasicAuthParameters: { Username: basic.Username } }),
    ...(key === undefined ? {} : { ApiKeyAuthParameters: { ApiKeyName: key.ApiKeyName } }),
    ...(oauth === undefined
      ? {}
      : {
          OAuthParameters: {
            AuthorizationEndpoint: oauth.AuthorizationEndpoint,
            ClientParameters: { ClientID: oauth.ClientParameters?.ClientID },
            HttpMethod: oauth.HttpMethod,
          },
        }),
    ...(auth.InvocationHttpParameters === undefined ? {} : { InvocationHttpParameters: auth.InvocationHttpParameters }),
  };
}
