// The SDK's chain: a profile with a role and an MFA device asks once for all clients.
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, expect, test, vi } from 'vitest';
import { startTestAws } from '../local/fixture.ts';
import type { LocalAws } from '../local/host.ts';
import { sdkAws } from './sdk.ts';

let local: LocalAws;
let folder: string;
beforeAll(async () => {
  local = await startTestAws();
  folder = await mkdtemp(join(tmpdir(), 'fx-profiles-'));
  await writeFile(
    join(folder, 'config'),
    `[profile base]
aws_access_key_id = AKIABASE
aws_secret_access_key = base

[profile admin]
role_arn = arn:aws:iam::000000000000:role/admin
source_profile = base
mfa_serial = arn:aws:iam::000000000000:mfa/me
`,
  );
  await writeFile(join(folder, 'credentials'), '');
});
afterAll(async () => {
  await local.stop();
  await rm(folder, { recursive: true, force: true });
});
afterEach(() => void vi.unstubAllEnvs());

function awsOf(mfaCode?: (serial: string) => Promise<string>) {
  for (const name of ['AWS_ACCESS_KEY_ID', 'AWS_SECRET_ACCESS_KEY', 'AWS_SESSION_TOKEN', 'AWS_PROFILE'])
    vi.stubEnv(name, undefined);
  vi.stubEnv('AWS_CONFIG_FILE', join(folder, 'config'));
  vi.stubEnv('AWS_SHARED_CREDENTIALS_FILE', join(folder, 'credentials'));
  vi.stubEnv('AWS_EC2_METADATA_DISABLED', 'true');
  vi.stubEnv('AWS_ENDPOINT_URL', local.endpoint);
  return sdkAws({
    region: 'us-east-1',
    profile: 'admin',
    endpoint: local.endpoint,
    signal: new AbortController().signal,
    ...(mfaCode === undefined ? {} : { mfaCode }),
  });
}

test('a profile with an MFA device asks for its code once, whatever is called', async () => {
  const asked: string[] = [];
  const aws = awsOf(async (serial) => {
    asked.push(serial);
    return '123456';
  });
  await Promise.all([aws.identity(), aws.stacks.describe('none'), aws.functions.versions('none')]);
  expect(asked).toEqual(['arn:aws:iam::000000000000:mfa/me']);
  await expect(aws.uninterrupted().stacks.describe('none')).resolves.toBeUndefined();
  expect(asked).toHaveLength(1);
});

test('a wrong code is AWS’s error; without a person to ask, the hint says what to do', async () => {
  await expect(awsOf(async () => '1').identity()).rejects.toMatchObject({
    message: expect.stringContaining('MultiFactorAuthentication failed with invalid MFA one time pass code'),
  });
  await expect(awsOf().identity()).rejects.toMatchObject({
    code: 'AWS_CREDENTIALS',
    hint: expect.stringContaining('run fx at a terminal, where it asks for the code'),
  });
});
