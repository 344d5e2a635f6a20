// The settings of a qualifier for event invocations: retries, age, and where their records go.
// https://docs.aws.amazon.com/lambda/latest/api/API_PutFunctionEventInvokeConfig.html
import type { DestinationConfig, FunctionEventInvokeConfig } from '@aws-sdk/client-lambda';
import { AwsError, type Cloud, type Input, type Operations } from '../cloud.ts';
import { checkConstraints, notImplemented } from '../constraint.ts';
import { recordDestination, type TargetKind } from '../deliver.ts';
import { deniedDelivery } from '../role-permissions.ts';
import { type LambdaContext, page } from './context.ts';
import { type FunctionReference, functionArn, readReference, versionOf } from './names.ts';
import type { Destinations, EventInvokeConfig, LambdaFunction } from './state.ts';

type ConfigInput = Input<'lambda', 'PutFunctionEventInvokeConfig'>;

export function eventInvokeConfigOperations(context: LambdaContext): Operations<'lambda'> {
  const { cloud, functions } = context;
  const find = (input: { FunctionName: string | undefined; Qualifier?: string | undefined }) => {
    const { name, qualifier } = readReference(cloud, input.FunctionName, input.Qualifier);
    return { name, qualifier: qualifier || '$LATEST' };
  };
  const existing = (reference: FunctionReference): EventInvokeConfig => {
    const config = functions.get(reference.name)?.eventInvokeConfigs?.[reference.qualifier];
    if (config !== undefined) return config;
    throw notFound(`The function ${functionArn(cloud, reference)} doesn't have an EventInvokeConfig`);
  };
  const keep = async (reference: FunctionReference, input: ConfigInput, before: EventInvokeConfig | undefined) => {
    const config = readConfig(input, before, cloud.now());
    await checkDestinations(cloud, reference, roleOf(existingQualified(context, reference), reference), config);
    const fn = existingQualified(context, reference);
    const eventInvokeConfigs = { ...fn.eventInvokeConfigs, [reference.qualifier]: config };
    functions.set(fn.name, { ...fn, eventInvokeConfigs });
    return describe(cloud, reference, config);
  };
  return {
    PutFunctionEventInvokeConfig: {
      members: ['FunctionName', 'Qualifier', 'MaximumRetryAttempts', 'MaximumEventAgeInSeconds', 'DestinationConfig'],
      run(input) {
        const reference = find(input);
        checkInput(input);
        existingQualified(context, reference);
        return keep(reference, input, undefined);
      },
    },
    UpdateFunctionEventInvokeConfig: {
      members: ['FunctionName', 'Qualifier', 'MaximumRetryAttempts', 'MaximumEventAgeInSeconds', 'DestinationConfig'],
      run(input) {
        const reference = find(input);
        checkInput(input);
        existingQualified(context, reference);
        return keep(reference, input, existing(reference));
      },
    },
    GetFunctionEventInvokeConfig: {
      members: ['FunctionName', 'Qualifier'],
      run(input) {
        const reference = find(input);
        return describe(cloud, reference, existing(reference));
      },
    },
    ListFunctionEventInvokeConfigs: {
      members: ['FunctionName', 'Marker', 'MaxItems'],
      run(input) {
        const { name } = find(input);
        const fn = functions.get(name);
        if (fn === undefined) throw notFound("The function doesn't exist.");
        const { items, next } = page(Object.entries(fn.eventInvokeConfigs ?? {}), ([qualifier]) => qualifier, input);
        return {
          FunctionEventInvokeConfigs: items.map(([qualifier, config]) => describe(cloud, { name, qualifier }, config)),
          ...next,
        };
      },
    },
    DeleteFunctionEventInvokeConfig: {
      members: ['FunctionName', 'Qualifier'],
      run(input) {
        const reference = find(input);
        existing(reference);
        const fn = existingQualified(context, reference);
        const { [reference.qualifier]: _, ...eventInvokeConfigs } = fn.eventInvokeConfigs ?? {};
        functions.set(fn.name, { ...fn, eventInvokeConfigs });
        return {};
      },
    },
  };
}

function existingQualified({ functions }: LambdaContext, { name, qualifier }: FunctionReference): LambdaFunction {
  const fn = functions.get(name);
  if (fn === undefined || versionOf(fn, qualifier) === undefined) throw notFound("The function doesn't exist.");
  return fn;
}

function roleOf(fn: LambdaFunction, { qualifier }: FunctionReference): string {
  return (versionOf(fn, qualifier) ?? fn.latest).settings.role;
}

function checkInput(input: ConfigInput): void {
  const pattern =
    '$|kafka://([^.]([a-zA-Z0-9\\-_.]{0,248}))|arn:(aws[a-zA-Z0-9-]*):([a-zA-Z0-9\\-])+:((eusc-)?[a-z]{2}((-gov)|(-iso([a-z]?)))?-[a-z]+-\\d{1})?:(\\d{12})?:(.*)';
  checkConstraints('ValidationException', [
    ['maximumRetryAttempts', input.MaximumRetryAttempts, { min: 0, max: 2 }],
    ['maximumEventAgeInSeconds', input.MaximumEventAgeInSeconds, { min: 60, max: 21_600 }],
    ['destinationConfig.onFailure.destination', input.DestinationConfig?.OnFailure?.Destination, { pattern, max: 350 }],
    ['destinationConfig.onSuccess.destination', input.DestinationConfig?.OnSuccess?.Destination, { pattern, max: 350 }],
  ]);
  const { MaximumRetryAttempts, MaximumEventAgeInSeconds, DestinationConfig } = input;
  if (MaximumRetryAttempts === undefined && MaximumEventAgeInSeconds === undefined && DestinationConfig === undefined) {
    throw invalid('You must specify at least one of error handling or destination setting.');
  }
}

function readConfig(input: ConfigInput, before: EventInvokeConfig | undefined, now: number): EventInvokeConfig {
  const attempts = input.MaximumRetryAttempts ?? before?.maximumRetryAttempts;
  const age = input.MaximumEventAgeInSeconds ?? before?.maximumEventAgeSeconds;
  const destinations =
    input.DestinationConfig === undefined ? (before?.destinations ?? {}) : readDestinations(input.DestinationConfig);
  return {
    ...(attempts === undefined ? {} : { maximumRetryAttempts: attempts }),
    ...(age === undefined ? {} : { maximumEventAgeSeconds: age }),
    destinations,
    lastModified: now,
  };
}

function readDestinations({ OnSuccess, OnFailure }: DestinationConfig): Destinations {
  return {
    ...(OnSuccess?.Destination ? { onSuccess: OnSuccess.Destination } : {}),
    ...(OnFailure?.Destination ? { onFailure: OnFailure.Destination } : {}),
  };
}

async function checkDestinations(
  cloud: Cloud,
  reference: FunctionReference,
  role: string,
  { destinations }: EventInvokeConfig,
): Promise<void> {
  for (const arn of Object.values(destinations) as string[]) {
    const kind = readDestination(cloud, arn, destinations);
    if (arn === functionArn(cloud, { ...reference, qualifier: '' })) {
      throw invalid("You can't specify the function as a destination for itself.");
    }
    if (!(await kind.exists(cloud, arn))) throw invalid(`The destination ARN ${arn} is invalid.`);
    const denied = await deniedDelivery(cloud, role, kind, arn);
    if (denied !== undefined) {
      const operation = denied.split(':')[1];
      throw invalid(`The function's execution role does not have permissions to call ${operation} on ${arn}`);
    }
  }
}

function readDestination(cloud: Cloud, arn: string, { onSuccess, onFailure }: Destinations): TargetKind {
  const service = arn.split(':')[2] ?? '';
  const isKnownService = ['sqs', 'lambda', 'sns', 'events', 's3'].includes(service) || arn.startsWith('kafka://');
  // Only failures may go to a bucket.
  if (!isKnownService || (service === 's3' && arn === onSuccess)) {
    const asJava = (name: string, destination: string | undefined) =>
      destination === undefined ? 'null' : `${name}(destination=${destination})`;
    throw invalid(
      `The provided destination config DestinationConfig(onSuccess=${asJava('OnSuccess', onSuccess)}, onFailure=${asJava('OnFailure', onFailure)}) is invalid.`,
    );
  }
  const kind = recordDestination(cloud, arn);
  if (kind === undefined) throw notImplemented(`the destination ${arn} of event invocations`);
  return kind;
}

function describe(cloud: Cloud, reference: FunctionReference, config: EventInvokeConfig): FunctionEventInvokeConfig {
  const { destinations, maximumEventAgeSeconds, maximumRetryAttempts, lastModified } = config;
  const describeDestination = (destination: string | undefined) =>
    destination === undefined ? {} : { Destination: destination };
  return {
    LastModified: new Date(lastModified),
    FunctionArn: functionArn(cloud, reference),
    ...(maximumRetryAttempts === undefined ? {} : { MaximumRetryAttempts: maximumRetryAttempts }),
    ...(maximumEventAgeSeconds === undefined ? {} : { MaximumEventAgeInSeconds: maximumEventAgeSeconds }),
    DestinationConfig: {
      OnSuccess: describeDestination(destinations.onSuccess),
      OnFailure: describeDestination(destinations.onFailure),
    },
  };
}

function invalid(message: string): AwsError {
  return new AwsError('InvalidParameterValueException', message, 400, { Type: 'User' });
}

function notFound(message: string): AwsError {
  return new AwsError('ResourceNotFoundException', message, 404, { Type: 'User' });
}
