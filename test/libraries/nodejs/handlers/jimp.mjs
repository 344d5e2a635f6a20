import { Jimp } from 'jimp';

export const handler = async () => {
  const png = await new Jimp({ width: 2, height: 3, color: 0xff0000ff }).getBuffer('image/png');
  const { bitmap } = await Jimp.read(png);
  return [bitmap.width, bitmap.height];
};
