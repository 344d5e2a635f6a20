// The credentials of a role that fx takes on, kept until shortly before they end. Every client of a run shares them.

interface Base {
  readonly region: string;
  readonly profile?: string;
  readonly endpoint?: string;
}

export interface RoleCredentials {
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
  readonly sessionToken: string;
  readonly expiration?: Date;
}

const sessionName = 'fx';
/** They are renewed while they still hold: a call may take its time. */
const reserveMs = 5 * 60_000;

/** Asks STS for them as whom the other options name. Throws what STS says. */
export function assumedRole(roleArn: string, base: Base): () => Promise<RoleCredentials> {
  let current: Promise<RoleCredentials> | undefined;
  return async () => {
    const known = await current;
    if (known !== undefined && holds(known)) return known;
    current = assume(roleArn, base);
    // one that failed is asked for again
    current.catch(() => {
      current = undefined;
    });
    return current;
  };
}

function holds({ expiration }: RoleCredentials): boolean {
  return expiration === undefined || expiration.getTime() - Date.now() > reserveMs;
}

async function assume(RoleArn: string, base: Base): Promise<RoleCredentials> {
  const { STSClient, AssumeRoleCommand } = await import('@aws-sdk/client-sts');
  const { Credentials } = await new STSClient(base).send(
    new AssumeRoleCommand({ RoleArn, RoleSessionName: sessionName }),
  );
  return {
    accessKeyId: Credentials?.AccessKeyId ?? '',
    secretAccessKey: Credentials?.SecretAccessKey ?? '',
    sessionToken: Credentials?.SessionToken ?? '',
    ...(Credentials?.Expiration === undefined ? {} : { expiration: Credentials.Expiration }),
  };
}
