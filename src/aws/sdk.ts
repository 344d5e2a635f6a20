// The calls of fx over the AWS SDK. Each client is loaded and made on its first use.
import { FxError } from '../base/error.ts';
import type { Aws, Functions, Logs, Objects, StackDescription, Stacks } from './aws.ts';
import { errorName, toFxError } from './failure.ts';

export interface SdkOptions {
  readonly region: string;
  /** A named profile of the shared configuration. */
  readonly profile?: string;
  /** The local AWS, or another endpoint given by AWS_ENDPOINT_URL. */
  readonly endpoint?: string;
  /** Known credentials in place of the SDK's chain: the local AWS takes any. */
  readonly credentials?: { readonly accessKeyId: string; readonly secretAccessKey: string };
}

/** Everything over HTTP to AWS or to an endpoint that speaks like it. */
export function sdkAws(options: SdkOptions): Aws {
  const config = {
    region: options.region,
    ...(options.profile === undefined ? {} : { profile: options.profile }),
    ...(options.endpoint === undefined ? {} : { endpoint: options.endpoint }),
    ...(options.credentials === undefined ? {} : { credentials: options.credentials }),
  };
  const ask: Ask = async (name, run, known = {}) => {
    try {
      return await run();
    } catch (error) {
      const answer = known[errorName(error)];
      if (answer !== undefined) return answer(error as Error);
      throw toFxError(error, name, options.endpoint);
    }
  };
  return {
    endpoint: options.endpoint,
    identity: () =>
      ask('sts:GetCallerIdentity', async () => {
        const { STSClient, GetCallerIdentityCommand } = await import('@aws-sdk/client-sts');
        const { Account, Arn } = await new STSClient(config).send(new GetCallerIdentityCommand({}));
        return { account: Account ?? '', arn: Arn ?? '' };
      }),
    stacks: sdkStacks(config, ask),
    objects: sdkObjects(config, ask),
    functions: sdkFunctions(config, ask),
    logs: sdkLogs(config, ask),
  };
}

type Config = { readonly region: string; readonly endpoint?: string };
/** Makes a call; `known` answers in place of errors that the caller expects. */
type Ask = <T>(
  name: string,
  run: () => Promise<T>,
  known?: Readonly<Record<string, (error: Error) => T>>,
) => Promise<T>;

function once<T>(make: () => Promise<T>): () => Promise<T> {
  let made: Promise<T> | undefined;
  return () => {
    made ??= make();
    return made;
  };
}

// CloudFormation answers ValidationError for nearly everything; its text is the only way to tell these two apart.
// https://docs.aws.amazon.com/AWSCloudFormation/latest/APIReference/API_DescribeStacks.html
const isMissing = (error: Error) => /does not exist/.test(error.message);
const isUnchanged = (error: Error) => /No updates are to be performed/.test(error.message);

function sdkStacks(config: Config, ask: Ask): Stacks {
  const load = once(async () => {
    const sdk = await import('@aws-sdk/client-cloudformation');
    return { sdk, client: new sdk.CloudFormationClient(config) };
  });
  const absent =
    <T>(call: string, answer: T) =>
    (error: Error): T => {
      if (isMissing(error)) return answer;
      throw toFxError(error, call, config.endpoint);
    };
  const changes = (input: Parameters<Stacks['create']>[0]) => ({
    StackName: input.name,
    ...('body' in input.template ? { TemplateBody: input.template.body } : { TemplateURL: input.template.url }),
    Parameters: Object.entries(input.parameters).map(([ParameterKey, ParameterValue]) => ({
      ParameterKey,
      ParameterValue,
    })),
    Tags: Object.entries(input.tags).map(([Key, Value]) => ({ Key, Value })),
    // roles carry names of their own
    Capabilities: ['CAPABILITY_NAMED_IAM' as const],
    ClientRequestToken: input.token,
  });

  return {
    describe: (name) =>
      ask<StackDescription | undefined>(
        'cloudformation:DescribeStacks',
        async () => {
          const { sdk, client } = await load();
          const { Stacks: [stack] = [] } = await client.send(new sdk.DescribeStacksCommand({ StackName: name }));
          if (stack === undefined) return undefined;
          return {
            id: stack.StackId ?? '',
            name: stack.StackName ?? name,
            status: stack.StackStatus ?? '',
            statusReason: stack.StackStatusReason,
            parameters: Object.fromEntries(
              (stack.Parameters ?? []).map((one) => [one.ParameterKey, one.ParameterValue ?? '']),
            ),
            outputs: Object.fromEntries((stack.Outputs ?? []).map((one) => [one.OutputKey, one.OutputValue ?? ''])),
            tags: Object.fromEntries((stack.Tags ?? []).map((one) => [one.Key, one.Value ?? ''])),
            updated: stack.LastUpdatedTime ?? stack.CreationTime,
            terminationProtection: stack.EnableTerminationProtection ?? false,
          };
        },
        { ValidationError: absent('cloudformation:DescribeStacks', undefined) },
      ),
    template: (name) =>
      ask('cloudformation:GetTemplate', async () => {
        const { sdk, client } = await load();
        const { TemplateBody } = await client.send(
          new sdk.GetTemplateCommand({ StackName: name, TemplateStage: 'Original' }),
        );
        return TemplateBody ?? '';
      }),
    resources: (name) =>
      ask('cloudformation:ListStackResources', async () => {
        const { sdk, client } = await load();
        const resources = [];
        for await (const page of sdk.paginateListStackResources({ client }, { StackName: name })) {
          for (const one of page.StackResourceSummaries ?? []) {
            resources.push({
              logicalId: one.LogicalResourceId ?? '',
              physicalId: one.PhysicalResourceId,
              type: one.ResourceType ?? '',
              status: one.ResourceStatus ?? '',
            });
          }
        }
        return resources;
      }),
    events: (name, downTo) =>
      ask('cloudformation:DescribeStackEvents', async () => {
        const { sdk, client } = await load();
        const events = [];
        for await (const page of sdk.paginateDescribeStackEvents({ client }, { StackName: name })) {
          for (const one of page.StackEvents ?? []) {
            if (one.EventId === downTo) return events;
            events.push({
              id: one.EventId ?? '',
              time: one.Timestamp ?? new Date(0),
              logicalId: one.LogicalResourceId ?? '',
              physicalId: one.PhysicalResourceId,
              type: one.ResourceType ?? '',
              status: one.ResourceStatus ?? '',
              reason: one.ResourceStatusReason || undefined,
              token: one.ClientRequestToken,
            });
          }
        }
        return events;
      }),
    create: (input) =>
      ask('cloudformation:CreateStack', async () => {
        const { sdk, client } = await load();
        await client.send(new sdk.CreateStackCommand(changes(input)));
      }),
    update: (input) =>
      ask<'started' | 'unchanged'>(
        'cloudformation:UpdateStack',
        async () => {
          const { sdk, client } = await load();
          await client.send(new sdk.UpdateStackCommand(changes(input)));
          return 'started';
        },
        {
          ValidationError: (error) => {
            if (isUnchanged(error)) return 'unchanged';
            throw toFxError(error, 'cloudformation:UpdateStack', config.endpoint);
          },
        },
      ),
    delete: (name, token) =>
      ask('cloudformation:DeleteStack', async () => {
        const { sdk, client } = await load();
        await client.send(new sdk.DeleteStackCommand({ StackName: name, ClientRequestToken: token }));
      }),
  };
}

const deleteBatch = 1000; // https://docs.aws.amazon.com/AmazonS3/latest/API/API_DeleteObjects.html

function sdkObjects(config: Config, ask: Ask): Objects {
  // an endpoint given by address has no name to put a bucket in front of
  const pathStyle = config.endpoint !== undefined;
  const load = once(async () => {
    const sdk = await import('@aws-sdk/client-s3');
    return { sdk, client: new sdk.S3Client({ ...config, forcePathStyle: pathStyle }) };
  });
  return {
    has: (bucket, key) =>
      ask(
        's3:HeadObject',
        async () => {
          const { sdk, client } = await load();
          await client.send(new sdk.HeadObjectCommand({ Bucket: bucket, Key: key }));
          return true;
        },
        { NotFound: () => false, NoSuchKey: () => false },
      ),
    get: (bucket, key) =>
      ask<Buffer | undefined>(
        's3:GetObject',
        async () => {
          const { sdk, client } = await load();
          const { Body } = await client.send(new sdk.GetObjectCommand({ Bucket: bucket, Key: key }));
          return Buffer.from((await Body?.transformToByteArray()) ?? []);
        },
        { NoSuchKey: () => undefined },
      ),
    put: (bucket, key, body, contentType) =>
      ask('s3:PutObject', async () => {
        const { sdk, client } = await load();
        await client.send(new sdk.PutObjectCommand({ Bucket: bucket, Key: key, Body: body, ContentType: contentType }));
      }),
    putNew: (bucket, key, body, contentType) =>
      ask(
        's3:PutObject',
        async () => {
          const { sdk, client } = await load();
          const input = { Bucket: bucket, Key: key, Body: body, ContentType: contentType, IfNoneMatch: '*' };
          await client.send(new sdk.PutObjectCommand(input));
          return true;
        },
        { PreconditionFailed: () => false, ConditionalRequestConflict: () => false },
      ),
    list: (bucket, prefix) =>
      ask('s3:ListObjectsV2', async () => {
        const { sdk, client } = await load();
        const objects = [];
        for await (const page of sdk.paginateListObjectsV2({ client }, { Bucket: bucket, Prefix: prefix })) {
          for (const one of page.Contents ?? []) objects.push({ key: one.Key ?? '', size: one.Size ?? 0 });
        }
        return objects;
      }),
    delete: (bucket, keys) =>
      ask('s3:DeleteObjects', async () => {
        const { sdk, client } = await load();
        for (let start = 0; start < keys.length; start += deleteBatch) {
          const Objects = keys.slice(start, start + deleteBatch).map((Key) => ({ Key }));
          const { Errors = [] } = await client.send(
            new sdk.DeleteObjectsCommand({ Bucket: bucket, Delete: { Objects, Quiet: true } }),
          );
          const [failed] = Errors;
          if (failed !== undefined) {
            throw new FxError(
              'AWS_REFUSED',
              `s3:DeleteObjects was refused for ${failed.Key}: ${failed.Code}: ${failed.Message}`,
            );
          }
        }
      }),
    url: (bucket, key) =>
      pathStyle ? `${config.endpoint}/${bucket}/${key}` : `https://${bucket}.s3.${config.region}.amazonaws.com/${key}`,
  };
}

const invocationTypes = { wait: 'RequestResponse', async: 'Event', 'dry-run': 'DryRun' } as const;

function sdkFunctions(config: Config, ask: Ask): Functions {
  const load = once(async () => {
    const sdk = await import('@aws-sdk/client-lambda');
    // a function may run for 15 minutes before the answer's first byte
    return { sdk, client: new sdk.LambdaClient({ ...config, requestHandler: { requestTimeout: 910_000 } }) };
  });
  return {
    aliasVersion: (functionName, alias) =>
      ask<string | undefined>(
        'lambda:GetAlias',
        async () => {
          const { sdk, client } = await load();
          return (await client.send(new sdk.GetAliasCommand({ FunctionName: functionName, Name: alias })))
            .FunctionVersion;
        },
        { ResourceNotFoundException: () => undefined },
      ),
    moveAlias: (functionName, alias, version) =>
      ask(
        'lambda:UpdateAlias',
        async () => {
          const { sdk, client } = await load();
          await client.send(
            new sdk.UpdateAliasCommand({ FunctionName: functionName, Name: alias, FunctionVersion: version }),
          );
          return true;
        },
        { ResourceNotFoundException: () => false },
      ),
    invoke: (input) =>
      ask('lambda:Invoke', async () => {
        const { sdk, client } = await load();
        const answer = await client.send(
          new sdk.InvokeCommand({
            FunctionName: input.functionName,
            Qualifier: input.qualifier,
            Payload: input.payload,
            InvocationType: invocationTypes[input.mode],
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
  };
}

function sdkLogs(config: Config, ask: Ask): Logs {
  const load = once(async () => {
    const sdk = await import('@aws-sdk/client-cloudwatch-logs');
    return { sdk, client: new sdk.CloudWatchLogsClient(config) };
  });
  return {
    filter: ({ group, since, until, pattern }) =>
      ask(
        'logs:FilterLogEvents',
        async () => {
          const { sdk, client } = await load();
          const input = {
            logGroupName: group,
            startTime: since.getTime(),
            ...(until === undefined ? {} : { endTime: until.getTime() }),
            ...(pattern === undefined ? {} : { filterPattern: pattern }),
          };
          const events = [];
          for await (const page of sdk.paginateFilterLogEvents({ client }, input)) {
            for (const one of page.events ?? []) {
              events.push({
                id: one.eventId ?? '',
                group,
                stream: one.logStreamName ?? '',
                time: new Date(one.timestamp ?? 0),
                message: one.message ?? '',
              });
            }
          }
          return events.sort((a, b) => a.time.getTime() - b.time.getTime());
        },
        { ResourceNotFoundException: () => [] },
      ),
  };
}
