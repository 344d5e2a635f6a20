import c from 'cassandra-driver';
export const handler = async () => {
  const k = new c.Client({ contactPoints: ['127.0.0.1:1'], localDataCenter: 'a' });
  try {
    await k.connect();
  } catch (e) {
    return e.name;
  } finally {
    await k.shutdown();
  }
};
