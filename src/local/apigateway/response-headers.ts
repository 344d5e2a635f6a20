// The names that response headers get: those that API Gateway sets itself, it renames.
// https://docs.aws.amazon.com/apigateway/latest/developerguide/api-gateway-known-issues.html

type Headers = Readonly<Record<string, string | readonly string[]>>;

const remapped = new Set([
  'authorization',
  'connection',
  'content-length',
  'content-md5',
  'date',
  'expect',
  'host',
  'max-forwards',
  'proxy-authenticate',
  'server',
  'trailer',
  'upgrade',
  'user-agent',
  'www-authenticate',
]);
const dropped = new Set(['transfer-encoding', 'keep-alive', 'x-amz-apigw-id']);
const remappedToo = new Set(['x-amzn-requestid', 'x-amzn-errortype']);

/** With the remapped names. `isProxy`: the headers are the endpoint's own, not the API's mappings. */
export function responseHeaders(headers: Headers, isProxy: boolean): Record<string, string | string[]> {
  const renamed: Record<string, string | string[]> = {};
  for (const [name, value] of Object.entries(headers)) {
    const lower = name.toLowerCase();
    if (dropped.has(lower)) continue;
    const isRemapped = remapped.has(lower) || (isProxy && remappedToo.has(lower));
    renamed[isRemapped ? `x-amzn-Remapped-${name}` : name] = typeof value === 'string' ? value : [...value];
  }
  return renamed;
}

// Mappings to these headers of an integration's request are a mistake in the API's configuration.
const refusedAlways = ['content-length', 'transfer-encoding'];
const refusedByAws = [...refusedAlways, 'authorization', 'connection', 'expect', 'proxy-authenticate', 'te'];

export function refusesRequestHeader(integrationType: string, name: string): boolean {
  return (integrationType.startsWith('AWS') ? refusedByAws : refusedAlways).includes(name.toLowerCase());
}
