// Invokes functions for Task states, with the state machine's role.
// https://docs.aws.amazon.com/step-functions/latest/dg/connect-lambda.html
import { randomUUID } from 'node:crypto';
import { AwsError } from '../cloud.ts';
import type { Running } from './flow.ts';
import { integrationError } from './service-error.ts';
import { StateError } from './state-error.ts';

interface Invocation {
  readonly FunctionName?: string;
  readonly Payload?: unknown;
  readonly Qualifier?: string;
  readonly InvocationType?: string;
  readonly ClientContext?: string;
}

export interface Invoked {
  readonly StatusCode: number;
  readonly ExecutedVersion?: string;
  readonly Payload?: unknown;
}

const parameters = ['FunctionName', 'Payload', 'Qualifier', 'InvocationType', 'ClientContext', 'LogType'];

/** The parameters of `lambda:invoke`. Fails as the function fails. */
export async function callFunction({ run }: Running, invocation: Invocation): Promise<Invoked> {
  const { FunctionName, Payload: payload = {}, Qualifier, InvocationType, ClientContext } = invocation;
  const other = Object.keys(invocation).find((name) => !parameters.includes(name));
  if (other !== undefined) {
    throw new StateError('States.Runtime', `The field "${other}" is not supported by Step Functions`, true);
  }
  try {
    const { StatusCode, ExecutedVersion, Payload, FunctionError } = await run.cloud.call(
      'lambda',
      'Invoke',
      {
        FunctionName,
        Payload: Buffer.from(JSON.stringify(payload)),
        ...(Qualifier === undefined ? {} : { Qualifier }),
        ...(InvocationType === undefined ? {} : { InvocationType: InvocationType as never }),
        ...(ClientContext === undefined ? {} : { ClientContext }),
      },
      run.role,
    );
    const text = Buffer.from(Payload ?? []).toString('utf8');
    if (FunctionError !== undefined) throw functionError(text);
    return {
      ...(ExecutedVersion === undefined ? {} : { ExecutedVersion }),
      ...(text === '' ? {} : { Payload: parsed(text) }),
      StatusCode: StatusCode ?? 200,
    };
  } catch (error) {
    if (!(error instanceof AwsError)) throw error;
    const isModelled = error.code !== 'NotImplemented';
    throw integrationError('lambda', withoutLatest(error), randomUUID(), isModelled);
  }
}

/** Step Functions names a missing function without its version. */
function withoutLatest({ code, message, status, fields }: AwsError): AwsError {
  return new AwsError(code, message.replace(/:\$LATEST$/, ''), status, fields);
}

function functionError(text: string): StateError {
  const payload = parsed(text);
  const { errorType } = (typeof payload === 'object' && payload !== null ? payload : {}) as { errorType?: unknown };
  return new StateError(typeof errorType === 'string' ? errorType : 'Lambda.Unknown', text);
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch {
    return text;
  }
}
