// The operations on function URLs: one per function or alias, with a permanent address.
// https://docs.aws.amazon.com/lambda/latest/api/API_CreateFunctionUrlConfig.html

import type { Cors, FunctionUrlConfig } from '@aws-sdk/client-lambda';
import { AwsError, type Cloud, type Input, type Operations } from '../cloud.ts';
import { type Checked, checkConstraints } from '../constraint.ts';
import { lowerCaseAndDigits, randomLetters } from '../random.ts';
import { type LambdaContext, page } from './context.ts';
import { functionArn, readReference } from './names.ts';
import type { FunctionUrl, LambdaFunction } from './state.ts';
import type { UrlListeners, UrlReference } from './url-listeners.ts';

export function urlOperations(context: LambdaContext, listeners: UrlListeners): Operations<'lambda'> {
  const { cloud, functions } = context;
  const find = (input: { FunctionName: string | undefined; Qualifier?: string | undefined }): UrlReference => {
    const { name, qualifier } = readReference(cloud, input.FunctionName, input.Qualifier);
    if (qualifier !== '') {
      const pattern = '((?!^\\d+$)^[0-9a-zA-Z-_]+$)';
      checkConstraints('ValidationException', [['qualifier', qualifier, { pattern, min: 1, max: 128 }]]);
    }
    return { name, qualifier: qualifier || '$LATEST' };
  };
  const existing = ({ name, qualifier }: UrlReference) => {
    const fn = functions.get(name);
    const url = fn?.urls?.[qualifier];
    if (fn === undefined || url === undefined) throw notFound('The resource you requested does not exist.');
    return { fn, url };
  };
  const keep = (fn: LambdaFunction, { qualifier }: UrlReference, url: FunctionUrl) =>
    functions.set(fn.name, { ...fn, urls: { ...fn.urls, [qualifier]: url } });
  const existingQualified = (reference: UrlReference): LambdaFunction => {
    const fn = functions.get(reference.name);
    if (fn === undefined || (reference.qualifier !== '$LATEST' && fn.aliases[reference.qualifier] === undefined)) {
      throw notFound('Function does not exist');
    }
    return fn;
  };
  return {
    CreateFunctionUrlConfig: {
      members: ['FunctionName', 'AuthType', 'Qualifier', 'Cors', 'InvokeMode'],
      async run(input) {
        const reference = find(input);
        checkInput(input);
        if (existingQualified(reference).urls?.[reference.qualifier] !== undefined) throw exists(cloud, reference);
        const port = await listeners.open(reference, undefined);
        const fn = existingQualified(reference);
        const now = new Date(cloud.now()).toISOString();
        const url: FunctionUrl = {
          id: newId(),
          port,
          authType: input.AuthType ?? 'NONE',
          invokeMode: input.InvokeMode ?? 'BUFFERED',
          ...readCors(input.Cors),
          created: now,
          modified: now,
        };
        keep(fn, reference, url);
        const { LastModifiedTime: _, InvokeMode: __, ...created } = describe(cloud, reference, url);
        // AWS returns the mode here only if the request has it, as recorded in November 2025.
        return { ...created, ...(input.InvokeMode === undefined ? {} : { InvokeMode: input.InvokeMode }) };
      },
    },
    GetFunctionUrlConfig: {
      members: ['FunctionName', 'Qualifier'],
      run(input) {
        const reference = find(input);
        return describe(cloud, reference, existing(reference).url);
      },
    },
    UpdateFunctionUrlConfig: {
      members: ['FunctionName', 'Qualifier', 'AuthType', 'Cors', 'InvokeMode'],
      run(input) {
        const reference = find(input);
        checkInput(input);
        const { fn, url: before } = existing(reference);
        const { cors, ...others } = before;
        const url: FunctionUrl = {
          ...others,
          authType: input.AuthType ?? before.authType,
          invokeMode: input.InvokeMode ?? before.invokeMode,
          ...(input.Cors === undefined ? cors && { cors } : readCors(input.Cors)),
          modified: new Date(cloud.now()).toISOString(),
        };
        keep(fn, reference, url);
        return describe(cloud, reference, url);
      },
    },
    ListFunctionUrlConfigs: {
      members: ['FunctionName', 'Marker', 'MaxItems'],
      run(input) {
        const { name } = find(input);
        const fn = functions.get(name);
        if (fn === undefined) throw notFound('Function does not exist');
        const { items, next } = page(Object.entries(fn.urls ?? {}), ([qualifier]) => qualifier, input);
        return {
          FunctionUrlConfigs: items.map(([qualifier, url]) => describe(cloud, { name, qualifier }, url)),
          ...next,
        };
      },
    },
    DeleteFunctionUrlConfig: {
      members: ['FunctionName', 'Qualifier'],
      async run(input) {
        const reference = find(input);
        const { fn } = existing(reference);
        const { [reference.qualifier]: _, ...urls } = fn.urls ?? {};
        functions.set(fn.name, { ...fn, urls });
        await listeners.close(reference);
        return {};
      },
    },
  };
}

/** Reopens the stored URLs, each on its old port if that is free. */
export async function reopenUrls({ functions }: LambdaContext, listeners: UrlListeners): Promise<void> {
  for (const { name, urls = {} } of functions.values()) {
    for (const [qualifier, url] of Object.entries(urls)) {
      const port = await listeners.open({ name, qualifier }, url.port);
      const fn = functions.get(name);
      if (fn !== undefined && port !== url.port) {
        functions.set(name, { ...fn, urls: { ...fn.urls, [qualifier]: { ...url, port } } });
      }
    }
  }
}

function exists(cloud: Cloud, reference: UrlReference): AwsError {
  return new AwsError(
    'ResourceConflictException',
    `Failed to create function url config for [functionArn = ${arnOf(cloud, reference)}]. Error message:  FunctionUrlConfig exists for this Lambda function`,
    409,
    { Type: 'User' },
  );
}

function notFound(message: string): AwsError {
  return new AwsError('ResourceNotFoundException', message, 404, { Type: 'User' });
}

/** As long as AWS's, which are the first part of the host. */
function newId(): string {
  return randomLetters(32, lowerCaseAndDigits);
}

function checkInput({
  AuthType,
  InvokeMode,
  Cors: cors = {},
}: Partial<Input<'lambda', 'CreateFunctionUrlConfig'>>): void {
  const each = (member: string, values: readonly string[] | undefined, max: number): Checked[] =>
    (values ?? []).map((value, i) => [`cors.${member}.${i + 1}.member`, value, { max }]);
  checkConstraints('ValidationException', [
    ['authType', AuthType, { oneOf: ['NONE', 'AWS_IAM'] }],
    ['invokeMode', InvokeMode, { oneOf: ['BUFFERED', 'RESPONSE_STREAM'] }],
    ['cors.allowMethods', cors.AllowMethods, { max: 6 }],
    ['cors.allowHeaders', cors.AllowHeaders, { max: 100 }],
    ['cors.allowOrigins', cors.AllowOrigins, { max: 100 }],
    ['cors.exposeHeaders', cors.ExposeHeaders, { max: 100 }],
    ['cors.maxAge', cors.MaxAge, { min: 0, max: 86_400 }],
    // The permitted methods do not include OPTIONS.
    ...each('allowMethods', cors.AllowMethods, 6),
    ...each('allowHeaders', cors.AllowHeaders, 1024),
    ...each('allowOrigins', cors.AllowOrigins, 253),
    ...each('exposeHeaders', cors.ExposeHeaders, 1024),
  ]);
}

function readCors(cors: Cors | undefined): { cors?: Cors } {
  const rules = Object.fromEntries(Object.entries(cors ?? {}).filter(([, value]) => value !== undefined));
  return Object.keys(rules).length === 0 ? {} : { cors: rules };
}

function arnOf(cloud: Cloud, { name, qualifier }: UrlReference): string {
  return functionArn(cloud, { name, qualifier: qualifier === '$LATEST' ? '' : qualifier });
}

function describe(cloud: Cloud, reference: UrlReference, url: FunctionUrl): FunctionUrlConfig {
  return {
    FunctionUrl: `http://127.0.0.1:${url.port}/`,
    FunctionArn: arnOf(cloud, reference),
    AuthType: url.authType,
    ...(url.cors === undefined ? {} : { Cors: { ...url.cors } }),
    CreationTime: url.created,
    LastModifiedTime: url.modified,
    InvokeMode: url.invokeMode,
  };
}
