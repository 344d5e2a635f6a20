// fx's calls through the AWS SDK. Each client is loaded and created on first use.
import { unlessInterrupted } from '../base/interrupt.ts';
import { assumedRole } from './assumed-role.ts';
import type { Aws, Lookups } from './aws.ts';
import { errorName, toFxError } from './failure.ts';
import { chainCredentials } from './profile-credentials.ts';
import { sdkAccount } from './sdk-account.ts';
import type { Ask } from './sdk-call.ts';
import { sdkChangeSets } from './sdk-change-sets.ts';
import { sdkDistributions } from './sdk-distributions.ts';
import { sdkFunctions } from './sdk-functions.ts';
import { sdkImages } from './sdk-images.ts';
import { sdkLogs } from './sdk-logs.ts';
import { sdkMetrics } from './sdk-metrics.ts';
import { sdkNetworks } from './sdk-networks.ts';
import { sdkObjects } from './sdk-objects.ts';
import { sdkPrices } from './sdk-prices.ts';
import { sdkQueues } from './sdk-queues.ts';
import { sdkSecrets } from './sdk-secrets.ts';
import { sdkSends } from './sdk-sends.ts';
import { sdkSources } from './sdk-sources.ts';
import { sdkStacks } from './sdk-stacks.ts';
import { sdkTraces } from './sdk-traces.ts';
import { type SharedClients, sharedValue } from './shared.ts';

export interface SdkOptions {
  readonly region: string;
  /** A named profile of the shared configuration. */
  readonly profile?: string;
  /** The endpoint of the local AWS, or AWS_ENDPOINT_URL. */
  readonly endpoint?: string;
  /** Replaces the SDK's provider chain: the local AWS accepts any credentials. */
  readonly credentials?: { readonly accessKeyId: string; readonly secretAccessKey: string };
  /** Asks for the code of an MFA device, where there is a person to ask. */
  readonly mfaCode?: (serial: string) => Promise<string>;
  /** The ARN of a role to assume, with the credentials of the other options. */
  readonly assumeRole?: string;
  /** False for an emulator, which has no rate limits. */
  readonly paced?: boolean;
  /** Set if several projects call AWS in this run. */
  readonly shared?: SharedClients;
  /** Aborts every call in progress. */
  readonly signal: AbortSignal;
}

/** Lookups in the account of the credentials. `checked` may reject the account before any other call. */
export async function sdkLookupsOf(options: SdkOptions, checked: (account: string) => void): Promise<Lookups> {
  const config = configOf(options);
  const { account } = await awsOver(config, options).identity();
  checked(account);
  const { sdkLookups } = await import('./sdk-lookups.ts');
  return sdkLookups(config, account, askOf(options));
}

/** All of it goes over HTTP to AWS or to a compatible endpoint. */
export function sdkAws(options: SdkOptions): Aws {
  return awsOver(configOf(options), options);
}

function awsOver(config: ReturnType<typeof configOf>, options: SdkOptions): Aws {
  const ask = askOf(options);
  return {
    endpoint: options.endpoint,
    identity: () =>
      ask('sts:GetCallerIdentity', async () => {
        const { STSClient, GetCallerIdentityCommand } = await import('./clients/sts.ts');
        const { retryStrategy } = await import('./retry.ts');
        const client = new STSClient({ ...config, retryStrategy: await retryStrategy() });
        const { Account, Arn } = await client.send(new GetCallerIdentityCommand({}));
        return { account: Account ?? '', arn: Arn ?? '' };
      }),
    account: sdkAccount(config, ask),
    // with the same credentials: a role is assumed once
    uninterrupted: () => awsOver(config, { ...options, signal: new AbortController().signal }),
    stacks: sdkStacks(config, ask),
    changeSets: sdkChangeSets(config, ask),
    objects: sdkObjects(config, ask),
    distributions: sdkDistributions(config, ask),
    functions: sdkFunctions(config, ask),
    images: sdkImages(config, ask),
    logs: sdkLogs(config, ask),
    metrics: sdkMetrics(config, ask),
    networks: sdkNetworks(config, ask),
    traces: sdkTraces(config, ask),
    prices: sdkPrices(config, ask),
    queues: sdkQueues(config, ask),
    secrets: sdkSecrets(config, ask),
    sends: sdkSends(config, ask),
    sources: sdkSources(config, ask),
  };
}

function configOf(options: SdkOptions) {
  const { mfaCode } = options;
  const chain =
    options.credentials === undefined && mfaCode !== undefined
      ? sharedValue(options.shared?.chains, options.profile ?? '', () => chainCredentials({ ...options, mfaCode }))
      : undefined;
  const base = {
    region: options.region,
    ...(options.profile === undefined ? {} : { profile: options.profile }),
    ...(options.endpoint === undefined ? {} : { endpoint: options.endpoint }),
    ...(options.credentials === undefined ? {} : { credentials: options.credentials }),
    ...(chain === undefined ? {} : { credentials: chain }),
    ...(options.paced === undefined ? {} : { paced: options.paced }),
    ...(options.shared === undefined ? {} : { shared: options.shared }),
  };
  return options.assumeRole === undefined ? base : { ...base, credentials: assumedRole(options.assumeRole, base) };
}

function askOf({ signal, endpoint }: SdkOptions): Ask {
  return async (name, run, known = {}) => {
    try {
      return await unlessInterrupted(run(), signal);
    } catch (error) {
      const answer = known[errorName(error)];
      if (answer !== undefined) return answer(error as Error);
      throw toFxError(error, name, endpoint);
    }
  };
}
