import init from 'sql.js';
export const handler = async () => {
  const S = await init();
  return new S.Database().exec('select 1+1')[0].values;
};
