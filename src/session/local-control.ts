// What tests do to a running local AWS beside calling it: save its state, go back to it, move its clock.
import { request } from 'node:http';
import { FxError } from '../base/error.ts';
import { controlPath } from '../local/identity.ts';

export type Control = { readonly word: 'save' | 'reset' } | { readonly word: 'advance'; readonly ms: number };

/** Resolves with the time there. Throws LOCAL_NOT_STARTED if none runs in the folder, and USAGE for what it refuses. */
export async function controlLocal(folder: string, control: Control): Promise<Date> {
  const { findServer } = await import('../local/background.ts');
  const server = await findServer(folder);
  if (server === undefined) {
    throw new FxError('LOCAL_NOT_STARTED', 'the local AWS is not running', { hint: 'fx local start starts it' });
  }
  const { word, ...body } = control;
  const { status, text } = await post(`${server.endpoint}${controlPath}${word}`, JSON.stringify(body));
  if (status === 200) return new Date((JSON.parse(text) as { readonly time: string }).time);
  const message = /<Message>(.*?)<\/Message>/s.exec(text)?.[1] ?? text;
  const hint = word === 'reset' ? 'fx local save keeps what is there; run it after fx deploy' : undefined;
  throw new FxError('USAGE', message, hint === undefined ? {} : { hint });
}

function post(url: string, body: string): Promise<{ readonly status: number; readonly text: string }> {
  return new Promise((resolve, reject) => {
    const asked = request(url, { method: 'POST', agent: false, headers: { 'content-type': 'application/json' } });
    asked.once('error', reject);
    asked.once('response', (response) => {
      let text = '';
      response.setEncoding('utf8').on('data', (chunk: string) => {
        text += chunk;
      });
      response.once('error', reject);
      response.once('end', () => resolve({ status: response.statusCode ?? 0, text }));
    });
    asked.end(body);
  });
}
