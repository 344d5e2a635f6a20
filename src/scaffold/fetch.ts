// Downloads a template: over HTTPS, or from this machine, through a few redirects, up to a size.
import { FxError } from '../base/error.ts';
import { templateLimits } from './template-files.ts';

const mostRedirects = 5;
const longestMs = 120_000;

/** Throws USAGE with the reason. */
export async function fetched(address: string, written: string, signal: AbortSignal): Promise<Buffer> {
  const until = AbortSignal.any([signal, AbortSignal.timeout(longestMs)]);
  const failed = (what: string, hint?: string) =>
    new FxError('USAGE', `the template "${written}" cannot be fetched: ${what}`, {
      hint: hint ?? 'nothing was written',
    });
  let url = new URL(address);
  try {
    for (let redirects = 0; ; redirects++) {
      if (!isAllowed(url)) throw failed(`${url.origin} is not https`);
      const response = await fetch(url, { redirect: 'manual', signal: until });
      const location = response.headers.get('location');
      if (response.status >= 300 && response.status < 400 && location !== null) {
        await response.body?.cancel();
        if (redirects === mostRedirects) throw failed(`${url.host} redirects more than ${mostRedirects} times`);
        url = new URL(location, url);
        continue;
      }
      if (response.status === 404)
        throw failed(`${url.host} has no ${url.pathname}`, 'is the name right, and is it public?');
      if (!response.ok) throw failed(`${url.host} answered ${response.status}`);
      return await bodyOf(response, () => failed(`it is larger than ${templateLimits.bytes / 1e6} MB`));
    }
  } catch (error) {
    if (error instanceof FxError || signal.aborted) throw error;
    const { cause, message } = error as Error;
    throw failed(cause instanceof Error ? cause.message : message);
  }
}

/** Plain HTTP only from this machine. */
function isAllowed({ protocol, hostname }: URL): boolean {
  return protocol === 'https:' || (protocol === 'http:' && ['127.0.0.1', '[::1]', 'localhost'].includes(hostname));
}

async function bodyOf(response: Response, tooLarge: () => FxError): Promise<Buffer> {
  const chunks: Uint8Array[] = [];
  let size = 0;
  for await (const chunk of response.body ?? []) {
    size += chunk.length;
    if (size > templateLimits.bytes) throw tooLarge();
    chunks.push(chunk);
  }
  return Buffer.concat(chunks);
}
