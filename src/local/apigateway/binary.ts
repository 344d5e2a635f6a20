// Which bodies are binary, and how they are converted.
// https://docs.aws.amazon.com/apigateway/latest/developerguide/api-gateway-payload-encodings-workflow.html
import { headerValue, mediaType, type Pair } from './request.ts';
import type { Served } from './state.ts';

type Types = Pick<Served, 'binaryMediaTypes'>;

/** Whether a content type is one of the API's binary media types. */
export function isBinaryType({ binaryMediaTypes = [] }: Types, contentType: string | undefined): boolean {
  const type = mediaType(contentType);
  return binaryMediaTypes.some((pattern) => {
    const binary = pattern.toLowerCase();
    if (binary === '*/*') return true;
    if (type === undefined) return false;
    return binary.endsWith('/*') ? type.startsWith(binary.slice(0, -1)) : binary === type;
  });
}

/** Only the first media type in the Accept header counts. */
export function acceptsBinary(served: Types, headers: readonly Pair[]): boolean {
  return isBinaryType(served, headerValue(headers, 'accept')?.split(',')[0]);
}

export type Handling = 'CONVERT_TO_BINARY' | 'CONVERT_TO_TEXT' | undefined;

/** Invalid UTF-8 is replaced, as it is in a Java string. */
const asText = (body: Buffer): Buffer => Buffer.from(body.toString('utf8'));
const encoded = (body: Buffer): Buffer => Buffer.from(body.toString('base64'));
const decoded = (body: Buffer): Buffer => Buffer.from(body.toString('utf8'), 'base64');

export function convertRequest(body: Buffer, isBinary: boolean, handling: Handling): Buffer {
  if (handling === 'CONVERT_TO_TEXT') return isBinary ? encoded(body) : asText(body);
  if (handling === 'CONVERT_TO_BINARY') return isBinary ? body : decoded(body);
  return isBinary ? body : asText(body);
}

/** `accepts` is whether the client wants a binary response. */
export function convertResponse(
  body: Buffer,
  {
    isBinary,
    accepts,
    handling,
  }: { readonly isBinary: boolean; readonly accepts: boolean; readonly handling: Handling },
): Buffer {
  if (handling === 'CONVERT_TO_TEXT') return isBinary ? encoded(body) : asText(body);
  if (handling === 'CONVERT_TO_BINARY') return isBinary ? body : decoded(body);
  if (isBinary) return accepts ? body : encoded(body);
  return accepts ? decoded(body) : asText(body);
}
