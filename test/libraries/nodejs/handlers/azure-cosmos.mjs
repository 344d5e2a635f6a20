import { CosmosClient } from '@azure/cosmos';
export const handler = async () =>
  typeof new CosmosClient({ endpoint: 'https://127.0.0.1:1', key: 'eA==' }).database('x').read;
