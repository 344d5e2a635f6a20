// The credentials of the SDK's chain, found once for all clients of a run: a profile may ask for an MFA code.
// https://docs.aws.amazon.com/sdkref/latest/guide/standardized-credentials.html
import type { AwsCredentialIdentity } from '@smithy/types';
import { cachedCredentials } from './cached-credentials.ts';

export interface ChainOptions {
  readonly region: string;
  readonly profile?: string;
  /** Asks a person for the code of an MFA device, by its serial number. */
  readonly mfaCode: (serial: string) => Promise<string>;
}

export function chainCredentials({ region, profile, mfaCode }: ChainOptions): () => Promise<AwsCredentialIdentity> {
  return cachedCredentials(async () => {
    const { defaultProvider } = await import('@aws-sdk/credential-provider-node');
    const options = { clientConfig: { region }, mfaCodeProvider: mfaCode };
    return defaultProvider(profile === undefined ? options : { ...options, profile })();
  });
}
