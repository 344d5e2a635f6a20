import { ZipArchive } from 'archiver';

export const handler = async () => {
  const archive = new ZipArchive();
  archive.append('x', { name: 'x.txt' });
  archive.finalize();
  const chunks = [];
  for await (const chunk of archive) chunks.push(chunk);
  return Buffer.concat(chunks).subarray(0, 2).toString() === 'PK';
};
