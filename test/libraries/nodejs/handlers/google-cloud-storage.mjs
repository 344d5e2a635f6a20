import { Storage } from '@google-cloud/storage';

export const handler = async () => {
  const file = new Storage({ projectId: 'x' }).bucket('x').file('y');
  return `${file.bucket.name}/${file.name}`;
};
