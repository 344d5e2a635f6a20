import Anthropic, { APIConnectionError } from '@anthropic-ai/sdk';

const client = new Anthropic({ apiKey: 'x', baseURL: 'http://127.0.0.1:1', maxRetries: 0 });
export const handler = async () =>
  client.models.list().then(
    () => 'answered',
    (error) => error instanceof APIConnectionError,
  );
