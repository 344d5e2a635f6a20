import { bodyOf, json, type Request } from './http.ts';
import { keep } from './links.ts';

export const handler = async (request: Request) => {
  const url = webAddress(bodyOf(request));
  if (url === undefined) return json(400, { error: 'send {"url": "https://…"}' });
  const code = await keep(url);
  return json(201, { code, url });
};

/** Only what a browser may be sent to: no javascript:, no file:. */
function webAddress(body: string): string | undefined {
  try {
    const { href, protocol } = new URL((JSON.parse(body) as { url: string }).url);
    return ['http:', 'https:'].includes(protocol) && href.length <= 2000 ? href : undefined;
  } catch {
    return undefined;
  }
}
