// Packed into functions that have secrets: reads them when the function starts, puts them into its environment, and only then
// loads its handler. Signs its own request, so that the function's artifact needs no SDK and its start does not wait for one.
// https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_sigv-create-signed-request.html
import { createHash, createHmac } from 'node:crypto';

const { FX_SECRETS = '{}', FX_HANDLER = '', AWS_REGION = 'us-east-1' } = process.env;
// https://docs.aws.amazon.com/systems-manager/latest/APIReference/API_GetParameters.html
const mostNames = 10;

const hash = (text) => createHash('sha256').update(text).digest('hex');
const hmac = (key, text) => createHmac('sha256', key).update(text).digest();

function endpoint() {
  const { AWS_ENDPOINT_URL_SSM, AWS_ENDPOINT_URL } = process.env;
  const suffix = AWS_REGION.startsWith('cn-')
    ? 'amazonaws.com.cn'
    : AWS_REGION.startsWith('eusc-')
      ? 'amazonaws.eu'
      : 'amazonaws.com';
  return new URL(AWS_ENDPOINT_URL_SSM ?? AWS_ENDPOINT_URL ?? `https://ssm.${AWS_REGION}.${suffix}`);
}

async function getParameters(names) {
  const url = endpoint();
  const body = JSON.stringify({ Names: names, WithDecryption: true });
  const { AWS_ACCESS_KEY_ID: id, AWS_SECRET_ACCESS_KEY: secret, AWS_SESSION_TOKEN: token } = process.env;
  const time = new Date().toISOString().replace(/[-:]|\.\d+/g, '');
  const day = time.slice(0, 8);
  const headers = {
    'content-type': 'application/x-amz-json-1.1',
    host: url.host,
    'x-amz-date': time,
    ...(token ? { 'x-amz-security-token': token } : {}),
    'x-amz-target': 'AmazonSSM.GetParameters',
  };
  const signed = Object.keys(headers).join(';');
  const lines = Object.entries(headers).map(([name, value]) => `${name}:${value}\n`);
  const scope = `${day}/${AWS_REGION}/ssm/aws4_request`;
  const request = ['POST', '/', '', ...[lines.join('')], signed, hash(body)].join('\n');
  const key = [day, AWS_REGION, 'ssm', 'aws4_request'].reduce((sum, part) => hmac(sum, part), `AWS4${secret}`);
  const signature = hmac(key, ['AWS4-HMAC-SHA256', time, scope, hash(request)].join('\n')).toString('hex');
  const authorization = `AWS4-HMAC-SHA256 Credential=${id}/${scope}, SignedHeaders=${signed}, Signature=${signature}`;
  const { host: _, ...sent } = headers;
  const response = await fetch(url, { method: 'POST', headers: { ...sent, authorization }, body });
  const answer = await response.json().catch(() => ({}));
  // the answer to a request that failed holds no value of a secret
  if (!response.ok)
    throw new Error(
      `fx: secrets cannot be read: ${answer.__type ?? response.status}: ${answer.message ?? answer.Message ?? ''}`,
    );
  return answer;
}

const wanted = Object.entries(JSON.parse(FX_SECRETS));
for (let start = 0; start < wanted.length; start += mostNames) {
  const batch = wanted.slice(start, start + mostNames);
  // two variables may hold one secret; the API takes a name once
  const { Parameters = [] } = await getParameters([...new Set(batch.map(([, name]) => name))]);
  for (const [variable, name] of batch) {
    const found = Parameters.find((one) => one.Name === name || `${one.Name}${one.Selector ?? ''}` === name);
    if (found === undefined) throw new Error(`fx: there is no parameter ${name} for the secret ${variable}`);
    process.env[variable] = found.Value;
  }
}

const [file, ...path] = FX_HANDLER.split('#');
const loaded = await import(new URL(file, import.meta.url).href);
const find = (from) =>
  path
    .join('#')
    .split('.')
    .reduce((value, name) => value?.[name], from);
export const handler = find(loaded) ?? find(loaded.default);
