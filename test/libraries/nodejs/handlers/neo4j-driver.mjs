import neo4j from 'neo4j-driver';
export const handler = async () => {
  const d = neo4j.driver('bolt://127.0.0.1:1', neo4j.auth.basic('a', 'b'));
  try {
    await d.verifyConnectivity();
  } catch (e) {
    return e.code;
  } finally {
    await d.close();
  }
};
