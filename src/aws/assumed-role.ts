// The credentials of a role that fx assumes, cached until shortly before they expire and shared by all clients of a run.
import { cachedCredentials } from './cached-credentials.ts';

interface Base {
  readonly region: string;
  readonly profile?: string;
  readonly endpoint?: string;
}

export interface RoleCredentials {
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
  readonly sessionToken: string;
  /** By the machine's clock, which may disagree with AWS's. */
  readonly expiration: Date;
}

const sessionName = 'fx';
/** The default, and the most that a role assumed by another role gets:
 * https://docs.aws.amazon.com/STS/latest/APIReference/API_AssumeRole.html */
const durationSeconds = 3600;

/** Assumes the role with the credentials of the other options. Throws STS's errors. */
export function assumedRole(roleArn: string, base: Base): () => Promise<RoleCredentials> {
  return cachedCredentials(() => assume(roleArn, base));
}

async function assume(RoleArn: string, base: Base): Promise<RoleCredentials> {
  const { STSClient, AssumeRoleCommand } = await import('./clients/sts.ts');
  // counted by the machine's clock: the expiration that STS returns is by AWS's
  const expiration = new Date(Date.now() + durationSeconds * 1000);
  const { Credentials } = await new STSClient(base).send(
    new AssumeRoleCommand({ RoleArn, RoleSessionName: sessionName, DurationSeconds: durationSeconds }),
  );
  return {
    accessKeyId: Credentials?.AccessKeyId ?? '',
    secretAccessKey: Credentials?.SecretAccessKey ?? '',
    sessionToken: Credentials?.SessionToken ?? '',
    expiration,
  };
}
