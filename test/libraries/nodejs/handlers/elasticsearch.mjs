import { Client } from '@elastic/elasticsearch';

export const handler = async () =>
  new Client({ node: 'http://127.0.0.1:1', maxRetries: 0 }).info().then(
    () => 'connected',
    ({ name }) => name,
  );
