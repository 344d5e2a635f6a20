// The artifact bucket of an account and region, when several deploys need it first.
import { expect, onTestFinished, test } from 'vitest';
import { sdkAws } from '../../src/aws/sdk.ts';
import { startLocalAws } from '../../src/local/host.ts';
import { ensureStores } from '../../src/stack/bootstrap.ts';
import { clock } from '../support/fx.ts';

test('deploys that begin at once create one bucket, and all get it', async () => {
  const local = await startLocalAws({ clock });
  onTestFinished(() => local.stop());
  const { signal } = new AbortController();
  const credentials = { accessKeyId: 'local', secretAccessKey: 'local' };
  const options = { report: () => {}, signal, pollMs: 20, images: false };
  const ensured = await Promise.all(
    [1, 2, 3].map(() =>
      ensureStores(
        sdkAws({ region: 'us-east-1', endpoint: local.endpoint, credentials, paced: false, signal }),
        options,
      ),
    ),
  );
  expect(new Set(ensured.map(({ bucket }) => bucket)).size).toBe(1);
});
