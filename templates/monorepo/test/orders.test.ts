import { afterAll, beforeAll, expect, test } from 'vitest';
import { parseMail } from '../shared/mail.ts';
import { startLocal } from './local.ts';

// services of a workspace share one local AWS
const mail = startLocal('services/mail');
const orders = startLocal('services/orders');
afterAll(() => mail.stop());
let url = '';
beforeAll(() => {
  mail.deploy();
  url = orders.deploy().HttpApiUrl ?? '';
});

test('an order sends a mail, by the other service', async () => {
  const body = JSON.stringify({ email: 'ann@example.com', item: 'tea' });
  expect((await fetch(`${url}/orders`, { method: 'POST', body })).status).toBe(202);
  await expect.poll(() => mail.logs('send'), { timeout: 20_000 }).toContain('mail to ann@example.com: You ordered tea');
});

test('a mail is whole', () => {
  expect(() => parseMail('{"to": "ann@example.com"}')).toThrow('a mail has "to" and "subject"');
});
