import { createCanvas } from '@napi-rs/canvas';
import { Chart, registerables } from 'chart.js';

Chart.register(...registerables);
export const handler = async () => {
  const c = createCanvas(50, 50);
  new Chart(c, { type: 'bar', data: { labels: ['a'], datasets: [{ data: [1] }] }, options: { animation: false } });
  return c.toBuffer('image/png').subarray(1, 4).toString();
};
