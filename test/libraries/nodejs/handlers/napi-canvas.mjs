import { createCanvas } from '@napi-rs/canvas';

export const handler = async () => {
  const context = createCanvas(2, 2).getContext('2d');
  context.fillStyle = 'red';
  context.fillRect(0, 0, 2, 2);
  return [...context.getImageData(0, 0, 1, 1).data];
};
