// The settings of function URLs.
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { startTestAws } from '../fixture.ts';
import { createFunction } from './fixture.ts';
import { startTestLambda } from './test-lambda.ts';
import { allowEveryone } from './test-url.ts';

const lambda = await startTestLambda();
const { call, cloud, Role } = lambda;
const echo = 'export const handler = async (event) => event;';

describe('the settings', () => {
  test('are shown, changed one by one, listed and deleted', async () => {
    const FunctionName = await createFunction(cloud, echo, { Role });
    await allowEveryone(lambda, FunctionName);
    const created = await call('CreateFunctionUrlConfig', {
      FunctionName,
      AuthType: 'NONE',
      Cors: { AllowOrigins: ['*'] },
    });
    expect(created).toEqual({
      FunctionUrl: expect.stringMatching(/^http:\/\/127\.0\.0\.1:\d+\/$/),
      FunctionArn: `arn:aws:lambda:us-east-1:000000000000:function:${FunctionName}`,
      AuthType: 'NONE',
      Cors: { AllowOrigins: ['*'] },
      CreationTime: expect.stringMatching(/^\d{4}-.*Z$/),
    });
    await call('UpdateFunctionUrlConfig', { FunctionName, AuthType: 'AWS_IAM' });
    const shown = await call('GetFunctionUrlConfig', { FunctionName });
    expect(shown).toMatchObject({ AuthType: 'AWS_IAM', Cors: { AllowOrigins: ['*'] }, InvokeMode: 'BUFFERED' });
    expect((await fetch(created.FunctionUrl ?? '')).status).toBe(403);
    expect((await call('ListFunctionUrlConfigs', { FunctionName })).FunctionUrlConfigs).toEqual([shown]);
    await expect(call('CreateFunctionUrlConfig', { FunctionName, AuthType: 'NONE' })).rejects.toMatchObject({
      code: 'ResourceConflictException',
      status: 409,
      message: `Failed to create function url config for [functionArn = ${created.FunctionArn}]. Error message:  FunctionUrlConfig exists for this Lambda function`,
    });
    await call('DeleteFunctionUrlConfig', { FunctionName });
    await expect(fetch(created.FunctionUrl ?? '')).rejects.toThrow();
    await expect(call('GetFunctionUrlConfig', { FunctionName })).rejects.toMatchObject({ status: 404 });
  });

  test('have the invoke mode on creation only if the request does', async () => {
    const FunctionName = await createFunction(cloud, echo, { Role });
    const created = await call('CreateFunctionUrlConfig', { FunctionName, AuthType: 'NONE', InvokeMode: 'BUFFERED' });
    expect(created.InvokeMode).toBe('BUFFERED');
  });

  test('end with their alias and their function', async () => {
    const FunctionName = await createFunction(cloud, echo, { Role });
    await call('PublishVersion', { FunctionName });
    await call('CreateAlias', { FunctionName, Name: 'live', FunctionVersion: '1' });
    const live = await call('CreateFunctionUrlConfig', { FunctionName, Qualifier: 'live', AuthType: 'NONE' });
    const urlConfig = await call('CreateFunctionUrlConfig', { FunctionName, AuthType: 'NONE' });
    await call('DeleteAlias', { FunctionName, Name: 'live' });
    await expect(fetch(live.FunctionUrl ?? '')).rejects.toThrow();
    expect((await fetch(urlConfig.FunctionUrl ?? '')).status).toBe(403);
    await call('DeleteFunction', { FunctionName });
    await expect(fetch(urlConfig.FunctionUrl ?? '')).rejects.toThrow();
  });

  test.each<[string, object, string, RegExp]>([
    ['a version', { Qualifier: '1' }, 'ValidationException', /at 'qualifier'/],
    ['an alias that is not there', { Qualifier: 'none' }, 'ResourceNotFoundException', /^Function does not exist$/],
    ['OPTIONS as a method', { Cors: { AllowMethods: ['OPTIONS'] } }, 'ValidationException', /equal to 6$/],
    ['a long cache', { Cors: { MaxAge: 86_401 } }, 'ValidationException', /at 'cors\.maxAge'/],
  ])('with %s are refused', async (_, settings, code, message) => {
    const FunctionName = await createFunction(cloud, echo, { Role });
    await expect(
      call('CreateFunctionUrlConfig', { FunctionName, AuthType: 'NONE', ...settings }),
    ).rejects.toMatchObject({
      code,
      message: expect.stringMatching(message),
    });
  });

  test('keep the address over a restart', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'fx-urls-'));
    const first = await startTestAws({ folder });
    const before = await first.cloud();
    const FunctionName = await createFunction(before, echo);
    const settings = { FunctionName, AuthType: 'AWS_IAM' as const };
    const { FunctionUrl = '' } = await before.call('lambda', 'CreateFunctionUrlConfig', settings);
    await first.stop();
    const second = await startTestAws({ folder });
    const shown = await (await second.cloud()).call('lambda', 'GetFunctionUrlConfig', { FunctionName });
    const status = (await fetch(shown.FunctionUrl ?? '')).status;
    await second.stop();
    rmSync(folder, { recursive: true });
    expect(status).toBe(403);
    expect(shown.FunctionUrl).toBe(FunctionUrl);
  });
});
