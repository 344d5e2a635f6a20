// The access keys that functions are started with, by which their requests are known to be their role's.
import { createHash } from 'node:crypto';
import type { Credentials, Principal } from './cloud.ts';

export class RoleSessions {
  readonly #principals = new Map<string, Principal>();

  /** The same for the same role and session. */
  credentialsFor(role: string, session: string): Credentials {
    const digits = createHash('sha256').update(`${role}\n${session}`).digest('hex').toUpperCase().slice(0, 16);
    // temporary keys begin so: https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_identifiers.html
    const accessKeyId = `ASIA${digits}`;
    this.#principals.set(accessKeyId, { kind: 'role', arn: role, session });
    return { accessKeyId, secretAccessKey: 'local', sessionToken: 'local' };
  }

  principalOf(accessKeyId: string): Principal | undefined {
    return this.#principals.get(accessKeyId);
  }
}
