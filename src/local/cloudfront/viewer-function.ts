// CloudFront Functions: run for each request, in a context of their own without anything of Node.js.
// https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/functions-event-structure.html
import { runInNewContext } from 'node:vm';

export interface ViewerRequest {
  readonly method: string;
  readonly uri: string;
  readonly querystring: string;
  readonly headers: readonly (readonly [name: string, value: string])[];
}

export interface ViewerAnswer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
}

interface Values {
  readonly [name: string]: { readonly value: string; readonly multiValue?: readonly { readonly value: string }[] };
}

/** The function has a few milliseconds on AWS; a mistake must not stop the local AWS. */
const mostMs = 200;

/** The request to go on with, or the answer of the function. Throws what the function throws. */
export async function callViewerFunction(
  code: string,
  request: ViewerRequest,
  context: { readonly domainName: string; readonly ip: string },
): Promise<{ readonly request: ViewerRequest } | { readonly answer: ViewerAnswer }> {
  const event = {
    version: '1.0',
    context: { distributionDomainName: context.domainName, eventType: 'viewer-request' },
    viewer: { ip: context.ip },
    request: {
      method: request.method,
      uri: request.uri,
      querystring: grouped(pairsOf(request.querystring)),
      headers: grouped(request.headers.filter(([name]) => name !== 'cookie')),
      cookies: grouped(cookiesOf(request.headers)),
    },
  };
  const globals = { text: JSON.stringify(event), console: { log: () => undefined } };
  const source = `${code}\n;Promise.resolve(handler(JSON.parse(text))).then((value) => JSON.stringify(value));`;
  const returned = (await runInNewContext(source, globals, { timeout: mostMs })) as string;
  const value = JSON.parse(returned) as {
    readonly statusCode?: number;
    readonly headers?: Values;
    readonly body?: string | { readonly data?: string };
    readonly uri?: string;
    readonly querystring?: Values | string;
  };
  if (value.statusCode !== undefined) {
    const headers = Object.fromEntries(
      Object.entries(value.headers ?? {}).map(([name, { value: one }]) => [name, one]),
    );
    const body = typeof value.body === 'string' ? value.body : (value.body?.data ?? '');
    return { answer: { status: value.statusCode, headers, body } };
  }
  const { querystring = {}, headers = {} } = value;
  const cookies = request.headers.filter(([name]) => name === 'cookie');
  return {
    request: {
      method: request.method,
      uri: value.uri ?? request.uri,
      querystring: typeof querystring === 'string' ? querystring : queryText(querystring),
      headers: [...pairsIn(headers), ...cookies],
    },
  };
}

function pairsOf(query: string): (readonly [string, string])[] {
  return query
    .split('&')
    .filter((part) => part !== '')
    .map((part) => [part.split('=')[0] ?? '', part.split('=').slice(1).join('=')]);
}

function cookiesOf(headers: ViewerRequest['headers']): (readonly [string, string])[] {
  const text = headers.flatMap(([name, value]) => (name === 'cookie' ? [value] : [])).join('; ');
  return pairsOf(text.replaceAll(/; */g, '&'));
}

function grouped(pairs: readonly (readonly [string, string])[]): Values {
  const names = [...new Set(pairs.map(([name]) => name))];
  return Object.fromEntries(
    names.map((name) => {
      const multiValue = pairs.filter(([other]) => other === name).map(([, value]) => ({ value }));
      const value = multiValue[0]?.value ?? '';
      return [name, multiValue.length > 1 ? { value, multiValue } : { value }];
    }),
  );
}

const pairsIn = (values: Values): (readonly [string, string])[] =>
  Object.entries(values).flatMap(([name, { value, multiValue }]) =>
    (multiValue ?? [{ value }]).map((one) => [name, one.value] as const),
  );

const queryText = (values: Values): string =>
  pairsIn(values)
    .map(([name, value]) => (value === '' ? name : `${name}=${value}`))
    .join('&');
