// Who is in the room: one object for each connection, named after it.
import { DeleteObjectCommand, ListObjectsV2Command, PutObjectCommand, S3Client } from '@aws-sdk/client-s3';

const s3 = new S3Client({});
const Bucket = process.env.MEMBERS;

export interface Member {
  readonly connection: string;
  readonly name: string;
}

const keyOf = ({ connection, name }: Member) => `${encodeURIComponent(connection)}/${encodeURIComponent(name)}`;

export const join = (member: Member) => s3.send(new PutObjectCommand({ Bucket, Key: keyOf(member), Body: '' }));

export const leave = (member: Member) => s3.send(new DeleteObjectCommand({ Bucket, Key: keyOf(member) }));

export async function everyone(): Promise<Member[]> {
  const { Contents = [] } = await s3.send(new ListObjectsV2Command({ Bucket }));
  return Contents.map(({ Key = '' }) => {
    const [connection = '', name = ''] = Key.split('/').map(decodeURIComponent);
    return { connection, name };
  });
}
