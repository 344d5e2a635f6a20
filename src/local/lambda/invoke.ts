// Lambda's Invoke: checks the request and the caller, then runs the function or accepts the event.
import { AwsError, type Input, type Output, type Request } from '../cloud.ts';
import { checkConstraints } from '../constraint.ts';
import { refusePending } from './changes.ts';
import type { LambdaContext } from './context.ts';
import type { EventInvocations } from './event-invocations.ts';
import { existingFunction, existingVersion, functionArn, functionNotFound, readReference } from './names.ts';
import { checkInvokePermission } from './permissions.ts';
import { type Call, run } from './run.ts';

// https://docs.aws.amazon.com/lambda/latest/dg/gettingstarted-limits.html
const payloadBytes = 6_291_456;
const eventPayloadBytes = 1_048_576;
const clientContextBytes = 3583;

export async function invoke(
  context: LambdaContext,
  events: EventInvocations,
  input: Input<'lambda', 'Invoke'>,
  request: Request,
): Promise<Output<'lambda', 'Invoke'>> {
  const call = readCall(context, input, request);
  if (input.InvocationType === 'DryRun') return { StatusCode: 204 };
  if (input.InvocationType === 'Event') {
    events.accept(call);
    return { StatusCode: 202 };
  }
  const { outcome, version } = await run(context, call);
  return {
    StatusCode: 200,
    ExecutedVersion: version.version,
    // A streamed blob is a Buffer in process: see Output in cloud.ts.
    Payload: outcome.payload as never,
    ...(outcome.failed ? { FunctionError: 'Unhandled' } : {}),
    ...(input.LogType === 'Tail' ? { LogResult: (await outcome.log()).toString('base64') } : {}),
  };
}

/** Checks everything that AWS checks before it accepts an invocation. */
export function readCall(
  { cloud, functions }: LambdaContext,
  input: Input<'lambda', 'Invoke'>,
  request: Request,
): Call {
  checkConstraints('ValidationException', [
    ['invocationType', input.InvocationType, { oneOf: ['Event', 'RequestResponse', 'DryRun'] }],
    ['logType', input.LogType, { oneOf: ['None', 'Tail'] }],
  ]);
  const reference = readReference(cloud, input.FunctionName, input.Qualifier);
  if (!functions.has(reference.name)) {
    throw functionNotFound(functionArn(cloud, { ...reference, qualifier: reference.qualifier || '$LATEST' }));
  }
  const fn = existingFunction(cloud, functions, reference);
  const version = existingVersion(cloud, functions, reference);
  checkInvokePermission(cloud, fn, reference, request.principal);
  refusePending(version);
  const payload = Buffer.from((input.Payload as Uint8Array | string | undefined) ?? '{}');
  const limit = input.InvocationType === 'Event' ? eventPayloadBytes : payloadBytes;
  if (payload.length > limit) {
    const message = `Request must be smaller than ${limit} bytes for the ${input.InvocationType === 'Event' ? 'InvokeAsync' : 'InvokeFunction'} operation`;
    throw new AwsError('RequestTooLargeException', message, 413, { Type: 'User' });
  }
  return {
    reference,
    // a service writes its events as JSON
    payload:
      request.principal.kind === 'service' ? payload : payload.length === 0 ? Buffer.from('{}') : checkJson(payload),
    requestId: request.requestId,
    ...(request.traceHeader === undefined ? {} : { traceHeader: request.traceHeader }),
    ...(input.ClientContext === undefined ? {} : { clientContext: readClientContext(input.ClientContext) }),
  };
}

function checkJson(payload: Buffer): Buffer {
  try {
    JSON.parse(payload.toString('utf8'));
    return payload;
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    throw new AwsError(
      'InvalidRequestContentException',
      `Could not parse request body into json: Could not parse payload into json: ${reason}`,
      400,
      { Type: 'User' },
    );
  }
}

function readClientContext(text: string): string {
  if (text.length > clientContextBytes) {
    throw new AwsError(
      'InvalidRequestContentException',
      `Client context must be smaller than ${clientContextBytes} bytes`,
    );
  }
  return checkJson(Buffer.from(text, 'base64')).toString('utf8');
}
