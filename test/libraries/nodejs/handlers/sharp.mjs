import sharp from 'sharp';

export const handler = async () => {
  const png = await sharp({ create: { width: 4, height: 6, channels: 3, background: 'red' } })
    .resize(2)
    .png()
    .toBuffer();
  const { width, height } = await sharp(png).metadata();
  return { width, height };
};
