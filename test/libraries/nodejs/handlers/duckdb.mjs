import { DuckDBInstance } from '@duckdb/node-api';
export const handler = async () => {
  const i = await DuckDBInstance.create(':memory:');
  const c = await i.connect();
  return (await c.runAndReadAll('select 1+1 as n')).getRows();
};
