import snowflake from 'snowflake-sdk';

snowflake.configure({ logLevel: 'OFF' });
export const handler = async () => {
  const connection = snowflake.createConnection({ account: 'x', username: 'x', password: 'x' });
  return typeof connection.execute;
};
