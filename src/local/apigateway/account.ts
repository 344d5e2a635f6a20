// API Gateway's operations on the account's settings, client certificates and VPC links.
import { createHash, generateKeyPairSync } from 'node:crypto';
import type { Account } from '@aws-sdk/client-api-gateway';
import { badRequest, newId, notFound } from '../api-gateway.ts';
import type { Operations } from '../cloud.ts';
import { notImplemented } from '../constraint.ts';
import { trusts } from '../role-trust.ts';
import { checkSupported, invalidPath, readPatches } from './patch.ts';
import { type ApiContext, defined, page, type Texts } from './state.ts';

interface AccountSettings {
  readonly cloudwatchRoleArn?: string;
}

export interface ClientCertificate {
  readonly clientCertificateId: string;
  readonly description?: string;
  readonly pemEncodedCertificate: string;
  readonly createdDate: number;
  readonly expirationDate: number;
  readonly tags?: Texts;
}

const openAccount = ({ cloud }: ApiContext) => cloud.collection<AccountSettings>('apigateway.account');

/** AWS writes logs with a role of the account, and refuses to enable logs without it. */
export function checkLogging(context: ApiContext): void {
  if (openAccount(context).get('account')?.cloudwatchRoleArn) return;
  throw badRequest('CloudWatch Logs role ARN must be set in account settings to enable logging');
}

function describeAccount({ cloudwatchRoleArn }: AccountSettings): Account {
  return {
    ...(cloudwatchRoleArn === undefined ? {} : { cloudwatchRoleArn }),
    throttleSettings: { burstLimit: 5000, rateLimit: 10_000 },
    features: ['UsagePlans'],
    apiKeyVersion: '4',
  };
}

export function accountOperations(context: ApiContext): Operations<'apigateway'> {
  const account = openAccount(context);
  return {
    GetAccount: { members: [], run: () => describeAccount(account.get('account') ?? {}) },
    UpdateAccount: {
      members: ['patchOperations'],
      async run({ patchOperations }) {
        for (const patch of readPatches('updateAccountInput', patchOperations)) {
          if (patch.path !== '/cloudwatchRoleArn' || !['replace', 'add', 'remove'].includes(patch.op)) {
            throw invalidPath(patch);
          }
          if (patch.op !== 'remove' && patch.value) await checkRole(context, patch.value);
          const isGone = patch.op === 'remove' || !patch.value;
          account.set('account', isGone ? {} : defined({ cloudwatchRoleArn: patch.value }));
        }
        return describeAccount(account.get('account') ?? {});
      },
    },
    ...certificateOperations(context),
    ...vpcLinkOperations,
  };
}

async function checkRole({ cloud }: ApiContext, arn: string): Promise<void> {
  if (!/^arn:[\w-]+:iam::\d{12}:role\/.+$/.test(arn)) throw badRequest(`Invalid cloudWatchRole ARN specified: ${arn}`);
  if (await trusts(cloud, arn, 'apigateway.amazonaws.com')) return;
  throw badRequest(
    'The role ARN does not have required permissions configured. Please grant trust permission for API Gateway and add the required role policy.',
  );
}

export const openCertificates = ({ cloud }: Pick<ApiContext, 'cloud'>) =>
  cloud.collection<ClientCertificate>('apigateway.client-certificates');

const yearMs = 365 * 86_400_000;

/** The certificates are stored without effect: what they contain is a key, not a signed certificate. */
function certificateOperations(context: ApiContext): Operations<'apigateway'> {
  const { cloud } = context;
  const certificates = openCertificates(context);
  const existing = (id: string | undefined) => {
    const certificate = certificates.get(id ?? '');
    if (certificate === undefined) throw notFound('Invalid Client Certificate identifier specified');
    return certificate;
  };
  const describe = (certificate: ClientCertificate) => ({
    ...certificate,
    createdDate: new Date(certificate.createdDate),
    expirationDate: new Date(certificate.expirationDate),
    tags: { ...certificate.tags },
  });
  return {
    GenerateClientCertificate: {
      members: ['description', 'tags'],
      run({ description, tags }) {
        const now = cloud.now();
        const certificate: ClientCertificate = defined({
          clientCertificateId: newId(6),
          description,
          pemEncodedCertificate: placeholder(),
          createdDate: now,
          expirationDate: now + yearMs,
          tags,
        });
        certificates.set(certificate.clientCertificateId, certificate);
        return describe(certificate);
      },
    },
    GetClientCertificate: {
      members: ['clientCertificateId'],
      run: ({ clientCertificateId }) => describe(existing(clientCertificateId)),
    },
    GetClientCertificates: {
      members: ['position', 'limit'],
      run: (input) => page([...certificates.values()].map(describe), input),
    },
    UpdateClientCertificate: {
      members: ['clientCertificateId', 'patchOperations'],
      run({ clientCertificateId, patchOperations }) {
        const patches = readPatches('updateClientCertificateInput', patchOperations);
        const before = existing(clientCertificateId);
        for (const patch of patches) checkSupported(patch, { replace: ['/description'] });
        const certificate = { ...before, ...defined({ description: patches.at(-1)?.value ?? before.description }) };
        certificates.set(certificate.clientCertificateId, certificate);
        return describe(certificate);
      },
    },
    DeleteClientCertificate: {
      members: ['clientCertificateId'],
      run({ clientCertificateId }) {
        certificates.delete(existing(clientCertificateId).clientCertificateId);
        return {};
      },
    },
  };
}

function placeholder(): string {
  const { publicKey } = generateKeyPairSync('ed25519');
  const pem = publicKey.export({ type: 'spki', format: 'pem' }).toString();
  const print = createHash('sha256').update(pem).digest('hex');
  return `${pem}# stored by the fx local AWS without effect: ${print}\n`;
}

/** Networks do not exist here, so neither do links into them. */
const vpcLinkOperations: Operations<'apigateway'> = {
  CreateVpcLink: {
    members: ['name', 'description', 'targetArns', 'tags'],
    run({ name, targetArns = [] }) {
      if (!name) throw badRequest('Name cannot be empty');
      const wrong = targetArns.find((arn) => !arn.startsWith('arn:'));
      if (wrong !== undefined) throw badRequest(`Invalid ARN. ARN is not well formed ${wrong}`);
      throw notImplemented('a VPC link');
    },
  },
  GetVpcLink: { members: ['vpcLinkId'], run: unknownLink },
  GetVpcLinks: { members: ['position', 'limit'], run: () => ({ items: [] }) },
  UpdateVpcLink: { members: ['vpcLinkId', 'patchOperations'], run: unknownLink },
  DeleteVpcLink: { members: ['vpcLinkId'], run: unknownLink },
};

function unknownLink(): never {
  throw notFound('Invalid Vpc Link identifier specified');
}
