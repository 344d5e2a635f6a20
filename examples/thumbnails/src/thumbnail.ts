// Halves images in PPM, a format without compression, until they are at most 32 pixels wide.
import { GetObjectCommand, PutObjectCommand, S3Client } from '@aws-sdk/client-s3';

const widest = 32;
const s3 = new S3Client({ forcePathStyle: true });

interface S3Event {
  Records: { s3: { bucket: { name: string }; object: { key: string } } }[];
}

export const handler = async ({ Records }: S3Event) => {
  for (const { s3: place } of Records) {
    // keys arrive as forms encode them
    const Key = decodeURIComponent(place.object.key.replaceAll('+', ' '));
    const Bucket = place.bucket.name;
    const { Body } = await s3.send(new GetObjectCommand({ Bucket, Key }));
    const small = smaller(Buffer.from((await Body?.transformToByteArray()) ?? []));
    await s3.send(new PutObjectCommand({ Bucket, Key: Key.replace(/^in\//, 'out/'), Body: small }));
    console.log(`made ${small.length} bytes of ${Key}`);
  }
};

function smaller(image: Buffer): Buffer {
  const header = /^P6\s+(\d+)\s+(\d+)\s+255\s/.exec(image.subarray(0, 64).toString('latin1'));
  if (header === null) throw new Error('not a PPM image with 8 bits a color');
  let [width, height] = [Number(header[1]), Number(header[2])];
  let pixels = image.subarray(header[0].length);
  while (width > widest) {
    pixels = halved(pixels, width, height);
    width = Math.floor(width / 2);
    height = Math.floor(height / 2);
  }
  return Buffer.concat([Buffer.from(`P6\n${width} ${height}\n255\n`), pixels]);
}

/** Each pixel is the mean of four. */
function halved(pixels: Buffer, width: number, height: number): Buffer {
  const half = Buffer.alloc(Math.floor(width / 2) * Math.floor(height / 2) * 3);
  let at = 0;
  for (let y = 0; y + 1 < height; y += 2) {
    for (let x = 0; x + 1 < width; x += 2) {
      for (let color = 0; color < 3; color++) {
        const of = (row: number, column: number) => pixels[(row * width + column) * 3 + color] ?? 0;
        half[at++] = (of(y, x) + of(y, x + 1) + of(y + 1, x) + of(y + 1, x + 1)) / 4;
      }
    }
  }
  return half;
}
