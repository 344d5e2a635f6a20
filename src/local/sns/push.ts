// Applications and endpoints of mobile push: their records. Nothing is sent to phones.
// https://docs.aws.amazon.com/sns/latest/api/API_CreatePlatformApplication.html
import { randomUUID } from 'node:crypto';
import type { Operations } from '../cloud.ts';
import { pageByName } from '../paging.ts';
import type { Collection } from '../store.ts';
import { withoutKeys } from '../without-keys.ts';
import { type Attributes, arnParts, invalid, notFound, type State } from './state.ts';
import { next } from './topics.ts';

interface Entry {
  readonly arn: string;
  readonly attributes: Attributes;
}

interface Endpoint extends Entry {
  readonly application: string;
}

const platforms = ['ADM', 'APNS', 'APNS_SANDBOX', 'BAIDU', 'FCM', 'GCM', 'MACOS', 'MACOS_SANDBOX', 'MPNS', 'WNS'];
const pageSize = 100;
const longestUserData = 2048;
const endpointNames = ['CustomUserData', 'Enabled', 'Token'];
/** Credentials are written, and never shown. */
const secret = ['PlatformCredential', 'PlatformPrincipal'];

/** Whether an endpoint has this ARN: nothing can be sent to it from here. */
export function hasEndpoint({ cloud }: State, arn: string): boolean {
  return cloud.collection<Endpoint>('sns.platform-endpoints').has(arn);
}

export function pushOperations({ cloud }: State): Operations<'sns'> {
  const applications = cloud.collection<Entry>('sns.platform-applications');
  const endpoints = cloud.collection<Endpoint>('sns.platform-endpoints');
  const prefix = `arn:aws:sns:${cloud.region}:${cloud.accountId}`;

  const application = (arn = ''): Entry => find(applications, arn, 'PlatformApplication');
  const endpoint = (arn = ''): Endpoint => find(endpoints, arn, 'Endpoint');
  return {
    CreatePlatformApplication: {
      members: ['Name', 'Platform', 'Attributes'],
      run({ Name = '', Platform = '', Attributes = {} }) {
        if (!platforms.includes(Platform)) throw invalid(`Platform Reason: ${Platform} is not supported`);
        if (!/^[\w.-]{1,256}$/.test(Name)) throw invalid('Name');
        if (Attributes['PlatformCredential'] === undefined) {
          throw invalid('Attributes Reason: Invalid value for attribute: PlatformCredential: cannot be empty');
        }
        const arn = `${prefix}:app/${Platform}/${Name}`;
        applications.set(arn, { arn, attributes: { Enabled: 'true', ...shown(Attributes) } });
        return { PlatformApplicationArn: arn };
      },
    },
    DeletePlatformApplication: {
      members: ['PlatformApplicationArn'],
      run({ PlatformApplicationArn: arn = '' }) {
        applications.delete(arn);
        for (const { arn: gone } of endpoints.filter((one) => one.application === arn)) endpoints.delete(gone);
        return {};
      },
    },
    GetPlatformApplicationAttributes: {
      members: ['PlatformApplicationArn'],
      run: (input) => ({ Attributes: { ...application(input.PlatformApplicationArn).attributes } }),
    },
    SetPlatformApplicationAttributes: {
      members: ['PlatformApplicationArn', 'Attributes'],
      run({ PlatformApplicationArn, Attributes = {} }) {
        const { arn, attributes } = application(PlatformApplicationArn);
        applications.set(arn, { arn, attributes: { ...attributes, ...shown(Attributes) } });
        return {};
      },
    },
    ListPlatformApplications: {
      members: ['NextToken'],
      run({ NextToken }) {
        const { items, nextToken } = listed([...applications.values()], NextToken);
        const PlatformApplications = items.map(({ arn, attributes }) => ({
          PlatformApplicationArn: arn,
          Attributes: { ...attributes },
        }));
        return { PlatformApplications, ...next(nextToken) };
      },
    },
    CreatePlatformEndpoint: {
      members: ['PlatformApplicationArn', 'Token', 'CustomUserData', 'Attributes'],
      run({ PlatformApplicationArn, Token = '', CustomUserData, Attributes = {} }) {
        const { arn } = application(PlatformApplicationArn);
        const userData = CustomUserData === undefined ? {} : { CustomUserData };
        const attributes = { Enabled: 'true', ...userData, ...Attributes, Token };
        checkEndpoint(attributes);
        const same = endpoints.find((one) => one.application === arn && one.attributes['Token'] === Token);
        if (same !== undefined) {
          if ((same.attributes['CustomUserData'] ?? '') === (attributes['CustomUserData'] ?? '')) {
            return { EndpointArn: same.arn };
          }
          throw invalid(
            `Token Reason: Endpoint ${same.arn} already exists with the same Token, but different attributes.`,
          );
        }
        const created = `${prefix}:endpoint/${arn.split(':app/')[1]}/${randomUUID()}`;
        endpoints.set(created, { arn: created, application: arn, attributes });
        return { EndpointArn: created };
      },
    },
    DeleteEndpoint: {
      members: ['EndpointArn'],
      run({ EndpointArn = '' }) {
        endpoints.delete(EndpointArn);
        return {};
      },
    },
    GetEndpointAttributes: {
      members: ['EndpointArn'],
      run: ({ EndpointArn }) => ({ Attributes: { ...endpoint(EndpointArn).attributes } }),
    },
    SetEndpointAttributes: {
      members: ['EndpointArn', 'Attributes'],
      run({ EndpointArn, Attributes = {} }) {
        const found = endpoint(EndpointArn);
        checkEndpoint(Attributes);
        endpoints.set(found.arn, { ...found, attributes: { ...found.attributes, ...Attributes } });
        return {};
      },
    },
    ListEndpointsByPlatformApplication: {
      members: ['PlatformApplicationArn', 'NextToken'],
      run({ PlatformApplicationArn, NextToken }) {
        const { arn: owner } = application(PlatformApplicationArn);
        const { items, nextToken } = listed(
          endpoints.filter((one) => one.application === owner),
          NextToken,
        );
        const Endpoints = items.map(({ arn, attributes }) => ({ EndpointArn: arn, Attributes: { ...attributes } }));
        return { Endpoints, ...next(nextToken) };
      },
    },
  };
}

function find<E extends Entry>(all: Collection<E>, arn: string, what: 'PlatformApplication' | 'Endpoint'): E {
  arnParts(arn, `${what}Arn`);
  const found = all.get(arn);
  if (found === undefined) throw notFound(`${what} does not exist`);
  return found;
}

function listed<E extends Entry>(entries: readonly E[], token: string | undefined) {
  const sorted = [...entries].sort((a, b) => (a.arn < b.arn ? -1 : 1));
  return pageByName(sorted, ({ arn }) => arn, { token, most: pageSize });
}

function shown(attributes: Attributes): Attributes {
  return withoutKeys(attributes, secret);
}

function checkEndpoint(attributes: Attributes): void {
  const unknown = Object.keys(attributes).find((name) => !endpointNames.includes(name));
  if (unknown !== undefined) throw invalid(`Attributes Reason: Invalid attribute name: ${unknown}`);
  const wrong = (what: string) => invalid(`Attributes Reason: Invalid value for attribute: ${what}`);
  if (Buffer.byteLength(attributes['CustomUserData'] ?? '') > longestUserData) {
    throw wrong(`CustomUserData: must be at most ${longestUserData} bytes long in UTF-8 encoding`);
  }
  if (!['true', 'false'].includes((attributes['Enabled'] ?? 'true').toLowerCase())) {
    throw wrong('Enabled: must be true or false');
  }
}
