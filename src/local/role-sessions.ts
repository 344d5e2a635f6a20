// The access keys of functions: the local AWS recognizes the role of a request by its access key.
import { createHash } from 'node:crypto';
import type { Credentials, Principal } from './cloud.ts';

export class RoleSessions {
  readonly #principals = new Map<string, Principal>();

  /** The same credentials for the same role and session. */
  credentialsFor(role: string, session: string): Credentials {
    const digits = createHash('sha256').update(`${role}\n${session}`).digest('hex').toUpperCase().slice(0, 16);
    // the prefix of temporary keys: https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_identifiers.html
    const accessKeyId = `ASIA${digits}`;
    this.#principals.set(accessKeyId, { kind: 'role', arn: role, session });
    return { accessKeyId, secretAccessKey: 'local', sessionToken: 'local' };
  }

  principalOf(accessKeyId: string): Principal | undefined {
    return this.#principals.get(accessKeyId);
  }
}
