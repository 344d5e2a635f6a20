// Compresses responses and decompresses requests, if the API has a minimum compression size.
// https://docs.aws.amazon.com/apigateway/latest/developerguide/api-gateway-gzip-compression-decompression.html
import { deflateSync, gunzipSync, gzipSync, inflateSync } from 'node:zlib';
import type { HttpResponse } from '../http-servers.ts';
import { GatewayFailure, unsupportedMediaType } from './failure.ts';
import { headerValue, type Pair, type Received } from './request.ts';
import type { Served } from './state.ts';

type Size = Pick<Served, 'minimumCompressionSize'>;

/** The request with its body decompressed. Throws a 415 for an unknown coding. */
export function decompressed<R extends Received>({ minimumCompressionSize }: Size, request: R): R {
  const coding = headerValue(request.headers, 'content-encoding')?.trim().toLowerCase();
  if (minimumCompressionSize === undefined || coding === undefined || coding === 'identity') return request;
  const decode = { gzip: gunzipSync, deflate: inflateSync }[coding];
  if (decode === undefined) throw unsupportedMediaType();
  try {
    const headers = request.headers.filter(([name]) => name.toLowerCase() !== 'content-encoding');
    return { ...request, body: decode(request.body), headers };
  } catch {
    throw new GatewayFailure('BAD_REQUEST_BODY', 'Could not decompress the request body');
  }
}

export function compressed(
  { minimumCompressionSize }: Size,
  headers: readonly Pair[],
  response: HttpResponse,
): HttpResponse {
  const isEncoded = Object.keys(response.headers).some((name) => name.toLowerCase() === 'content-encoding');
  const size = Buffer.byteLength(response.body);
  if (minimumCompressionSize === undefined || isEncoded || size === 0 || size < minimumCompressionSize) return response;
  const coding = preferred(headerValue(headers, 'accept-encoding') ?? '');
  if (coding === undefined) return response;
  const body = coding === 'gzip' ? gzipSync(response.body) : deflateSync(response.body);
  return { ...response, body, headers: { ...response.headers, 'Content-Encoding': coding } };
}

/** The supported coding that the client likes best. */
function preferred(acceptEncoding: string): 'gzip' | 'deflate' | undefined {
  const weights = new Map(
    acceptEncoding.split(',').map((part) => {
      const [name = '', ...parameters] = part.split(';').map((text) => text.trim().toLowerCase());
      const quality = parameters.find((text) => text.startsWith('q='))?.slice(2);
      return [name, quality === undefined ? 1 : Number(quality)];
    }),
  );
  const any = weights.get('*') ?? 0;
  const gzip = weights.get('gzip') ?? any;
  const deflate = weights.get('deflate') ?? any;
  if (gzip <= 0 && deflate <= 0) return undefined;
  return gzip >= deflate ? 'gzip' : 'deflate';
}
