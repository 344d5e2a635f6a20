import { Resvg } from '@resvg/resvg-js';
export const handler = async () =>
  new Resvg('<svg xmlns="http://www.w3.org/2000/svg" width="1" height="1"/>')
    .render()
    .asPng()
    .subarray(1, 4)
    .toString();
