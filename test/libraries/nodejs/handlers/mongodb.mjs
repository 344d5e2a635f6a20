import { MongoClient, ObjectId } from 'mongodb';

export const handler = async () => {
  const client = new MongoClient('mongodb://127.0.0.1:1', { serverSelectionTimeoutMS: 200 });
  const answer = await client.connect().then(
    () => 'connected',
    (error) => (/ECONNREFUSED/.test(error.message) ? 'refused' : error.message),
  );
  await client.close();
  return [answer, new ObjectId().toHexString().length];
};
