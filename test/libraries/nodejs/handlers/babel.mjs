import { transformAsync } from '@babel/core';
import env from '@babel/preset-env';
export const handler = async () =>
  (
    await transformAsync('const a = () => 1', {
      presets: [[env, { targets: 'ie 11' }]],
      configFile: false,
      babelrc: false,
    })
  ).code;
