// Applications and endpoints of mobile push, and the settings for text messages.
import { expect, test } from 'vitest';
import { startTestSns } from './test-sns.ts';

const { call } = await startTestSns();
const credentials = { PlatformCredential: 'c', PlatformPrincipal: 'p' };

test('an application has endpoints, one for each token', async () => {
  const { PlatformApplicationArn } = await call('CreatePlatformApplication', {
    Name: 'app',
    Platform: 'ADM',
    Attributes: credentials,
  });
  await call('SetPlatformApplicationAttributes', {
    PlatformApplicationArn,
    Attributes: { SuccessFeedbackSampleRate: '50' },
  });
  expect(await call('ListPlatformApplications', {})).toEqual({
    PlatformApplications: [
      { PlatformApplicationArn, Attributes: { Enabled: 'true', SuccessFeedbackSampleRate: '50' } },
    ],
  });
  const create = (more: object) => call('CreatePlatformEndpoint', { PlatformApplicationArn, Token: 't', ...more });
  const { EndpointArn } = await create({ CustomUserData: 'bar' });
  expect(EndpointArn).toMatch(/^arn:aws:sns:us-east-1:000000000000:endpoint\/ADM\/app\/[0-9a-f-]{36}$/);
  expect(await create({ CustomUserData: 'bar' })).toEqual({ EndpointArn });
  await expect(create({ CustomUserData: 'other' })).rejects.toMatchObject({
    message: `Invalid parameter: Token Reason: Endpoint ${EndpointArn} already exists with the same Token, but different attributes.`,
  });
  await call('SetEndpointAttributes', { EndpointArn, Attributes: { Enabled: 'false' } });
  expect(await call('GetEndpointAttributes', { EndpointArn })).toEqual({
    Attributes: { Enabled: 'false', CustomUserData: 'bar', Token: 't' },
  });
  for (const [Attributes, reason] of [
    [{ PlatformPrincipal: 'x' }, 'Invalid attribute name: PlatformPrincipal'],
    [
      { CustomUserData: 'x'.repeat(2049) },
      'Invalid value for attribute: CustomUserData: must be at most 2048 bytes long in UTF-8 encoding',
    ],
  ] as const) {
    await expect(call('SetEndpointAttributes', { EndpointArn, Attributes })).rejects.toMatchObject({
      message: `Invalid parameter: Attributes Reason: ${reason}`,
    });
  }
  await call('DeletePlatformApplication', { PlatformApplicationArn });
  await expect(call('GetEndpointAttributes', { EndpointArn })).rejects.toMatchObject({
    code: 'NotFoundException',
    message: 'Endpoint does not exist',
  });
  await expect(call('ListEndpointsByPlatformApplication', { PlatformApplicationArn })).rejects.toMatchObject({
    message: 'PlatformApplication does not exist',
  });
});

test('an unknown platform and a malformed ARN are refused', async () => {
  await expect(
    call('CreatePlatformApplication', { Name: 'a', Platform: 'AAA', Attributes: credentials }),
  ).rejects.toMatchObject({ message: 'Invalid parameter: Platform Reason: AAA is not supported' });
  await expect(call('GetPlatformApplicationAttributes', { PlatformApplicationArn: 'x' })).rejects.toMatchObject({
    message: 'Invalid parameter: PlatformApplicationArn Reason: An ARN must have at least 6 elements, not 1',
  });
});

test('settings of text messages are kept, and checked', async () => {
  const attributes = { DefaultSMSType: 'Promotional', DefaultSenderID: 'LSTest' };
  await call('SetSMSAttributes', { attributes });
  expect(await call('GetSMSAttributes', {})).toEqual({ attributes: { MonthlySpendLimit: '1', ...attributes } });
  expect(await call('GetSMSAttributes', { attributes: ['DefaultSMSType'] })).toEqual({
    attributes: { DefaultSMSType: 'Promotional' },
  });
  await expect(call('SetSMSAttributes', { attributes: { Colour: 'x' } })).rejects.toMatchObject({
    message: 'Colour is not a valid attribute',
  });
  await expect(call('SetSMSAttributes', { attributes: { DefaultSMSType: 'x' } })).rejects.toMatchObject({
    message: 'DefaultSMSType is invalid',
  });
  await expect(call('OptInPhoneNumber', { phoneNumber: 'x' })).rejects.toMatchObject({
    message: 'Invalid parameter: PhoneNumber Reason: input incorrectly formatted',
  });
});
