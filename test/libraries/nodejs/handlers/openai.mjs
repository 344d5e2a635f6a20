import OpenAI from 'openai';

const client = new OpenAI({ apiKey: 'x', baseURL: 'http://127.0.0.1:1', maxRetries: 0 });
export const handler = async () =>
  client.models.list().then(
    () => 'answered',
    (error) => error.constructor.name,
  );
