// For tests: function URLs that anyone may call.
import { createFunction } from './fixture.ts';
import type { TestLambda } from './test-lambda.ts';

/** Gives everyone both permissions that a public URL needs. */
export async function allowEveryone(
  { call }: TestLambda,
  FunctionName: string,
  qualifier: { Qualifier?: string } = {},
): Promise<void> {
  const statement = { FunctionName, Principal: '*', ...qualifier };
  await call('AddPermission', {
    ...statement,
    StatementId: 'url',
    Action: 'lambda:InvokeFunctionUrl',
    FunctionUrlAuthType: 'NONE',
  });
  await call('AddPermission', {
    ...statement,
    StatementId: 'invoke',
    Action: 'lambda:InvokeFunction',
    InvokedViaFunctionUrl: true,
  });
}

/** The address of a new function that anyone may call. */
export async function publicUrl(lambda: TestLambda, source: string, settings: object = {}): Promise<string> {
  const FunctionName = await createFunction(lambda.cloud, source, { Role: lambda.Role });
  await allowEveryone(lambda, FunctionName);
  const { FunctionUrl = '' } = await lambda.call('CreateFunctionUrlConfig', {
    FunctionName,
    AuthType: 'NONE',
    ...settings,
  });
  return FunctionUrl;
}
