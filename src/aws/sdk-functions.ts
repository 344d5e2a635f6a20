// Lambda through the SDK.
import type { AliasMove, AliasState, Functions, InvokeInput, PublishedVersion, Readiness } from './aws.ts';
import { toFxError } from './failure.ts';
import { lambdaRate, paceRequests } from './pace.ts';
import { retryStrategy, throttlingOnly } from './retry.ts';
import { type Ask, type Config, once } from './sdk-call.ts';

const invocationTypes = { wait: 'RequestResponse', async: 'Event', 'dry-run': 'DryRun' } as const;

/** A function may run for 30 minutes before the first byte of its response. */
const longestAnswerMs = 1_810_000;

export function sdkFunctions(config: Config, ask: Ask): Functions {
  const load = once(async () => {
    const sdk = await import('./clients/lambda.ts');
    const client = new sdk.LambdaClient({ ...config, retryStrategy: await retryStrategy() });
    if (config.paced !== false) paceRequests(client.middlewareStack, lambdaRate, config);
    return { sdk, client };
  });
  const loadInvoker = once(async () => {
    const sdk = await import('./clients/lambda.ts');
    // a call whose response was lost did run: a retry would run it twice
    return {
      sdk,
      invoker: new sdk.LambdaClient({
        ...config,
        requestHandler: { requestTimeout: longestAnswerMs },
        retryStrategy: await throttlingOnly(),
      }),
    };
  });
  return {
    alias: ({ functionName, alias }) =>
      ask<AliasState | undefined>(
        'lambda:GetAlias',
        async () => {
          const { sdk, client } = await load();
          const { FunctionVersion, RoutingConfig } = await client.send(
            new sdk.GetAliasCommand({ FunctionName: functionName, Name: alias }),
          );
          return { version: FunctionVersion ?? '', weights: RoutingConfig?.AdditionalVersionWeights ?? {} };
        },
        { ResourceNotFoundException: () => undefined },
      ),
    variables: (functionName, qualifier) =>
      ask<Readonly<Record<string, string>> | undefined>(
        'lambda:GetFunctionConfiguration',
        async () => {
          const { sdk, client } = await load();
          const { Environment } = await client.send(
            new sdk.GetFunctionConfigurationCommand({ FunctionName: functionName, Qualifier: qualifier }),
          );
          return Environment?.Variables ?? {};
        },
        { ResourceNotFoundException: () => undefined },
      ),
    readiness: (name) =>
      ask('lambda:GetFunctionConfiguration', async () => {
        const { sdk, client } = await load();
        const { State, StateReason, LastUpdateStatus, LastUpdateStatusReason } = await client.send(
          new sdk.GetFunctionConfigurationCommand({ FunctionName: name }),
        );
        // https://docs.aws.amazon.com/lambda/latest/dg/functions-states.html
        const isFailed = State === 'Failed' || LastUpdateStatus === 'Failed';
        const isPending = State === 'Pending' || LastUpdateStatus === 'InProgress';
        return {
          state: isFailed ? 'failed' : isPending ? 'pending' : 'ready',
          reason: State === 'Failed' ? StateReason : LastUpdateStatusReason,
        };
      }),
    provisioning: ({ functionName, alias }) =>
      ask<Readiness>(
        'lambda:GetProvisionedConcurrencyConfig',
        async () => {
          const { sdk, client } = await load();
          const { Status, StatusReason } = await client.send(
            new sdk.GetProvisionedConcurrencyConfigCommand({ FunctionName: functionName, Qualifier: alias }),
          );
          const state = Status === 'FAILED' ? 'failed' : Status === 'IN_PROGRESS' ? 'pending' : 'ready';
          return { state, reason: StatusReason };
        },
        { ProvisionedConcurrencyConfigNotFoundException: () => ({ state: 'ready', reason: undefined }) },
      ),
    moveAlias: ({ functionName, alias, version, weights = {} }) =>
      ask<AliasMove>(
        'lambda:UpdateAlias',
        async () => {
          const { sdk, client } = await load();
          await client.send(
            new sdk.UpdateAliasCommand({
              FunctionName: functionName,
              Name: alias,
              FunctionVersion: version,
              // UpdateAlias keeps omitted fields: without this, the weights of a canary would remain
              RoutingConfig: { AdditionalVersionWeights: { ...weights } },
            }),
          );
          return 'moved';
        },
        // such as while Lambda allocates provisioned concurrency for the alias
        { ResourceNotFoundException: () => 'gone', ResourceConflictException: () => 'busy' },
      ),
    versions: (functionName) =>
      ask<readonly PublishedVersion[]>(
        'lambda:ListVersionsByFunction',
        async () => {
          const { sdk, client } = await load();
          const versions: PublishedVersion[] = [];
          for await (const page of sdk.paginateListVersionsByFunction({ client }, { FunctionName: functionName })) {
            for (const { Version = '', Layers = [] } of page.Versions ?? []) {
              if (Version !== '$LATEST') versions.push({ version: Version, layers: Layers.map(({ Arn = '' }) => Arn) });
            }
          }
          return versions;
        },
        { ResourceNotFoundException: () => [] },
      ),
    aliases: (functionName) =>
      ask<readonly AliasState[]>(
        'lambda:ListAliases',
        async () => {
          const { sdk, client } = await load();
          const aliases: AliasState[] = [];
          for await (const page of sdk.paginateListAliases({ client }, { FunctionName: functionName })) {
            for (const { FunctionVersion = '', RoutingConfig } of page.Aliases ?? []) {
              aliases.push({ version: FunctionVersion, weights: RoutingConfig?.AdditionalVersionWeights ?? {} });
            }
          }
          return aliases;
        },
        { ResourceNotFoundException: () => [] },
      ),
    layerVersions: (layerName) =>
      ask<readonly string[]>(
        'lambda:ListLayerVersions',
        async () => {
          const { sdk, client } = await load();
          const arns: string[] = [];
          for await (const page of sdk.paginateListLayerVersions({ client }, { LayerName: layerName })) {
            for (const { LayerVersionArn = '' } of page.LayerVersions ?? []) arns.push(LayerVersionArn);
          }
          return arns;
        },
        { ResourceNotFoundException: () => [] },
      ),
    deleteLayerVersion: ({ layerName, version }) =>
      ask('lambda:DeleteLayerVersion', async () => {
        const { sdk, client } = await load();
        await client.send(new sdk.DeleteLayerVersionCommand({ LayerName: layerName, VersionNumber: version }));
      }),
    updateCode: ({ functionName, bucket, key }) =>
      ask('lambda:UpdateFunctionCode', async () => {
        const { sdk, client } = await load();
        const input = { FunctionName: functionName, S3Bucket: bucket, S3Key: key };
        await client.send(new sdk.UpdateFunctionCodeCommand(input));
      }),
    size: (functionName) =>
      ask<Awaited<ReturnType<Functions['size']>>>(
        'lambda:GetFunctionConfiguration',
        async () => {
          const { sdk, client } = await load();
          const { MemorySize = 0, Architectures } = await client.send(
            new sdk.GetFunctionConfigurationCommand({ FunctionName: functionName }),
          );
          return { memory: MemorySize, architecture: Architectures?.[0] === 'arm64' ? 'arm64' : 'x86_64' };
        },
        { ResourceNotFoundException: () => undefined },
      ),
    network: (functionName) =>
      ask<Awaited<ReturnType<Functions['network']>>>(
        'lambda:GetFunctionConfiguration',
        async () => {
          const { sdk, client } = await load();
          const { VpcConfig } = await client.send(
            new sdk.GetFunctionConfigurationCommand({ FunctionName: functionName }),
          );
          const { SubnetIds = [], SecurityGroupIds = [] } = VpcConfig ?? {};
          return SubnetIds.length === 0 ? undefined : { subnets: SubnetIds, securityGroups: SecurityGroupIds };
        },
        { ResourceNotFoundException: () => undefined },
      ),
    setMemory: (functionName, memory) =>
      ask('lambda:UpdateFunctionConfiguration', async () => {
        const { sdk, client } = await load();
        await client.send(
          new sdk.UpdateFunctionConfigurationCommand({ FunctionName: functionName, MemorySize: memory }),
        );
      }),
    publish: (functionName) =>
      ask('lambda:PublishVersion', async () => {
        const { sdk, client } = await load();
        return (await client.send(new sdk.PublishVersionCommand({ FunctionName: functionName }))).Version ?? '';
      }),
    deleteVersion: ({ functionName, version }) =>
      ask<'deleted' | 'gone' | 'used'>(
        'lambda:DeleteFunction',
        async () => {
          // without a version, the call would delete the function
          if (!/^\d+$/.test(version)) throw new Error(`not a version: ${JSON.stringify(version)}`);
          const { sdk, client } = await load();
          await client.send(new sdk.DeleteFunctionCommand({ FunctionName: functionName, Qualifier: version }));
          return 'deleted';
        },
        {
          ResourceNotFoundException: () => 'gone',
          ResourceConflictException: () => 'used',
          // CloudFront deletes its copies hours after the last distribution: https://github.com/lumigo-io/SAR-Lambda-Janitor/issues/42
          InvalidParameterValueException(error) {
            if (error.message.includes('replicated function')) return 'used';
            throw toFxError(error, 'lambda:DeleteFunction', config.endpoint);
          },
        },
      ),
    invoke: (input) =>
      ask('lambda:Invoke', async () => {
        const { sdk, invoker } = await loadInvoker();
        const answer = await invoker.send(
          new sdk.InvokeCommand({
            FunctionName: input.functionName,
            Qualifier: input.qualifier,
            Payload: input.payload,
            InvocationType: invocationTypes[input.mode],
            ...contextOf(input),
            ...(input.durableName === undefined ? {} : { DurableExecutionName: input.durableName }),
            ...(input.mode === 'wait' ? { LogType: 'Tail' as const } : {}),
          }),
        );
        return {
          status: answer.StatusCode ?? 0,
          payload: Buffer.from(answer.Payload ?? []).toString('utf8'),
          functionError: answer.FunctionError,
          executedVersion: answer.ExecutedVersion,
          log: answer.LogResult === undefined ? undefined : Buffer.from(answer.LogResult, 'base64').toString('utf8'),
        };
      }),
    invokeStreaming: (input, take) =>
      ask('lambda:InvokeFunction', async () => {
        const { sdk, invoker } = await loadInvoker();
        const answer = await invoker.send(
          new sdk.InvokeWithResponseStreamCommand({
            FunctionName: input.functionName,
            Qualifier: input.qualifier,
            Payload: input.payload,
            ...contextOf(input),
          }),
        );
        let functionError: string | undefined;
        let errorDetails = '';
        for await (const { PayloadChunk, InvokeComplete } of answer.EventStream ?? []) {
          if (PayloadChunk?.Payload !== undefined) take(PayloadChunk.Payload);
          functionError ??= InvokeComplete?.ErrorCode;
          errorDetails = InvokeComplete?.ErrorDetails ?? errorDetails;
        }
        const { StatusCode: status = 0, ExecutedVersion: executedVersion } = answer;
        return { status, functionError, executedVersion, errorDetails };
      }),
  };
}

function contextOf({ clientContext, tenant }: Pick<InvokeInput, 'clientContext' | 'tenant'>) {
  return {
    ...(clientContext === undefined ? {} : { ClientContext: Buffer.from(clientContext).toString('base64') }),
    ...(tenant === undefined ? {} : { TenantId: tenant }),
  };
}
