// The URIs of integrations and authorizers with AWS services.
// https://docs.aws.amazon.com/apigateway/latest/api/API_Integration.html

export interface LambdaUri {
  /** An ARN, which may contain stage variables. */
  readonly functionArn: string;
  /** Whether the function's answer is streamed. */
  readonly streams: boolean;
}

/** Undefined if the URI does not invoke a function. */
export function lambdaUri(uri: string): LambdaUri | undefined {
  const match =
    /^arn:[\w-]+:apigateway:[^:]*:lambda:path\/+(2015-03-31|2021-11-15)\/functions\/(.+)\/(invocations|response-streaming-invocations)\/?$/.exec(
      uri,
    );
  const [, , functionArn = '', ending] = match ?? [];
  return functionArn === '' ? undefined : { functionArn, streams: ending === 'response-streaming-invocations' };
}

export interface ServiceUri {
  readonly region: string;
  /** A subdomain, such as a bucket's name. */
  readonly subdomain: string | undefined;
  readonly service: string;
  readonly kind: 'path' | 'action';
  readonly rest: string;
}

export function serviceUri(uri: string): ServiceUri | undefined {
  const [, region = '', name = '', kind = '', rest = ''] =
    /^arn:[\w-]+:apigateway:([^:]*):([^:]+):(path|action)\/(.+)$/s.exec(uri) ?? [];
  if (kind === '') return undefined;
  const dot = name.lastIndexOf('.');
  return {
    region,
    subdomain: dot < 0 ? undefined : name.slice(0, dot),
    service: name.slice(dot + 1),
    kind: kind as 'path',
    rest,
  };
}

/** Replaces `${stageVariables.name}`. */
export function withVariables(text: string, variables: Readonly<Record<string, string>>): string {
  if (!text.includes('$')) return text;
  return text.replace(/\$\{stageVariables\.(\w+)\}/g, (_, name: string) => variables[name] ?? '');
}
